"""`crawlctl try url`: canonical form and what is derived from it, or the reason for which a URL is refused."""

import argparse

from contracts.errors import UsageError
from contracts.refusals import Refusal
from contracts.settings import Settings
from contracts.urls import facts, parse
from crawlctl.output import inputs, write_json, write_record


def run(arguments: argparse.Namespace, settings: Settings) -> int:
    """One answer per argument or line."""
    most = settings.limits.url_bytes
    base = checked_base(arguments.base, most) if arguments.base is not None else None
    for text in inputs(arguments.urls):
        answer = facts(text, base, max_bytes=most)
        if arguments.json:
            write_json(answer)
        else:
            title = str(answer.pop("input"))
            write_record(title or "(empty)", answer)
    return 0


def checked_base(text: str, most: int) -> str:
    """The canonical base URL; UsageError if it is none."""
    url = parse(text, max_bytes=most)
    if isinstance(url, Refusal):
        raise UsageError(
            f"--base {text!r} is no URL that can be fetched ({url}); write it like https://example.org/page"
        )
    return url.text
