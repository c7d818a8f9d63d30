"""`crawlctl frontier`, `fetcher`, `hasher`, `notices`: one process of a cluster, until it is told to stop."""

import argparse
from importlib import import_module

from contracts.settings import Settings


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """None but the common ones: everything is a setting."""


def run(arguments: argparse.Namespace, settings: Settings) -> int:
    """Serve until SIGTERM or SIGINT. The verb is the name of the role and of its module."""
    from crawlctl.roles.shell import serve

    return serve(arguments.verb, import_module(f"crawlctl.roles.{arguments.verb}").role, settings)
