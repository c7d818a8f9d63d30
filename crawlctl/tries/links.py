"""`crawlctl try links`: every URL that a page, style sheet, sitemap or feed leads to, and where it stands in it."""

import argparse
import sys
from typing import Any, Final

from contracts.errors import UsageError
from contracts.messages import NOFOLLOW
from contracts.refusals import Refusal
from contracts.settings import Settings
from contracts.urls import parse
from crawlctl.output import one_line, write_json
from crawlctl.tries.files import read
from crawlctl.tries.url import checked_base
from fetchers.links import Description, describe

MOST: Final = 256 << 20
"""Bytes of a file that are looked at; the settings' limits cut further, and say so."""


def run(arguments: argparse.Namespace, settings: Settings) -> int:
    """One answer per place."""
    limits = settings.limits
    base = checked_base(arguments.base, limits.url_bytes)
    headers = [_header(text) for text in arguments.header]
    body = read(arguments.file, MOST)
    result = describe(body, base, arguments.content_type, headers, limits)
    for answer in _answers(result, limits.url_bytes):
        if arguments.json:
            write_json(answer)
        else:
            where = f"{answer['element']}@{answer['attribute']}"
            target = answer.get("url") or f"refused: {answer['refused']} ({answer['evidence']}): {answer['raw']}"
            rel = f"  rel={answer['rel']}" if answer["rel"] else ""
            sys.stdout.write(f"{answer['kind']:<10} {where:<24} {one_line(target + rel)}\n")
    for limit, count in result.extraction.cuts.items():
        sys.stderr.write(f"crawlctl: warning: limits.{limit} cut this ({count})\n")
    return 0


def _answers(result: Description, most: int) -> "list[dict[str, Any]]":
    base = result.extraction.base
    joined: dict[str, dict[str, str]] = {}
    answers = []
    for place in result.found:
        target = joined.get(place.raw)
        if target is None:
            url = parse(place.raw, base, max_bytes=most)
            if isinstance(url, Refusal):
                target = {"refused": str(url.reason), "evidence": url.evidence}
            else:
                target = {"url": url.text}
            joined[place.raw] = target
        answers.append(
            {
                "kind": place.kind.name.lower(),
                "element": place.element,
                "attribute": place.attribute,
                "rel": place.rel,
                "nofollow": bool(place.flags & NOFOLLOW),
                "raw": place.raw,
                **target,
            }
        )
    return answers


def _header(text: str) -> tuple[str, str]:
    name, colon, value = text.partition(":")
    if not colon or not name.strip():
        raise UsageError(f"--header {text!r} is no header field; write it like 'Link: <a.css>; rel=stylesheet'")
    return name.strip(), value.strip()
