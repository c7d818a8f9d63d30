"""`crawlctl frontier`: one frontier process of a cluster, until it is told to stop."""

import argparse

from contracts.settings import Settings


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """None but the common ones: everything is a setting."""


def run(arguments: argparse.Namespace, settings: Settings) -> int:
    """Serve until SIGTERM or SIGINT."""
    from crawlctl.roles.frontier import role
    from crawlctl.roles.shell import serve

    return serve("frontier", role, settings)
