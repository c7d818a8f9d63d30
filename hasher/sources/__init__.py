"""Where lists come from, one module each; the only part of `hasher` besides `service` and `sandbox` that does I/O.

`file` imports a file on this machine.
"""
