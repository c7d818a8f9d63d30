"""The verbs of `crawlctl`, one module each: `add_arguments(parser)` and `run(arguments, settings) -> int`.

`crawlctl.registry` lists them; a module is imported only when its verb was asked for.
"""
