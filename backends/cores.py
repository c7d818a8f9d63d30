"""No core dumps: one would hold media, keys and rows.

A limit of 0 keeps the kernel from writing one to a file, but not from handing it to a program, where core_pattern names one
(core(5)). A limit of 1 byte keeps it from both: less than any dump has, and for a program the kernel's own mark of a process that
must not be dumped (fs/coredump.c).
"""

import resource


def no_core_dumps() -> None:
    """For this process and all that it starts. A hard limit of 0 that was set before us cannot be raised, and stays."""
    most = 1 if resource.getrlimit(resource.RLIMIT_CORE)[1] else 0
    resource.setrlimit(resource.RLIMIT_CORE, (most, most))
