"""Arguments that several verbs share."""

import argparse
import logging
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from contracts.settings import Settings
from crawlctl.access import Access
from crawlctl.contact import check_contact
from crawlctl.times import UNTIL

KEY_VARIABLE: Final = "PISAURA_KEY"


def add_verb(verbs: Any, name: str, help_: str, more: str = "") -> argparse.ArgumentParser:
    """A sub-command."""
    parser: argparse.ArgumentParser = verbs.add_parser(
        name, help=help_, description=f"{help_[0].upper()}{help_[1:]}.", epilog=more,
        formatter_class=argparse.RawDescriptionHelpFormatter, allow_abbrev=False,
    )  # fmt: skip
    return parser


def add_state(parser: argparse.ArgumentParser) -> None:
    """--state."""
    parser.add_argument(
        "--state", type=Path, metavar="DIR",
        help="the state of a crawl; without it the cluster that --settings names (postgres.crawl, postgres.vault)",
    )  # fmt: skip


def add_key(parser: argparse.ArgumentParser) -> None:
    """--key."""
    parser.add_argument("--key", type=Path, metavar="FILE", help=f"who asks: a keys file (or {KEY_VARIABLE}=FILE)")


def add_json(parser: argparse.ArgumentParser) -> None:
    """--json."""
    parser.add_argument("--json", action="store_true", help="JSON, one object a line")


def add_dry_run(parser: argparse.ArgumentParser) -> None:
    """--dry-run."""
    parser.add_argument(
        "--dry-run",
        action="store_true",
        help="write notices to a folder and send nothing, whatever notices.sender says",
    )


def dried(arguments: argparse.Namespace, settings: Settings) -> Settings:
    """The settings, with nothing sent if that was asked for."""
    return replace(settings, notices=replace(settings.notices, sender="folder")) if arguments.dry_run else settings


def add_until(parser: argparse.ArgumentParser) -> None:
    """--until."""
    parser.add_argument("--until", metavar="WHEN", help=f"{UNTIL}; for good if not given")


async def deciding(access: Access, arguments: argparse.Namespace, settings: Settings) -> Settings:
    """The settings to decide by: those that were given, or else those of the last run."""
    if arguments.settings is None and (stored := await access.run_settings()) is not None:
        return stored
    return check_contact(settings, [])


def hush(arguments: argparse.Namespace) -> None:
    """The log's driver says nothing of its own, for a verb that asks once and says itself what went wrong; not with -v."""
    if not arguments.verbose:
        logging.getLogger("aiokafka").setLevel(logging.CRITICAL)
