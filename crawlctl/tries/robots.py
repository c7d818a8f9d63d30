"""`crawlctl try robots`: what a robots.txt allows, with the line that decides."""

import argparse
import sys
from typing import Any, Final

from contracts.errors import UsageError
from contracts.refusals import Reason, Refusal
from contracts.settings import Settings
from contracts.urls import parse
from crawlctl.output import inputs, one_line, write_json
from crawlctl.tries.files import STDIN, read
from frontier.robots import Robots, RobotsState, after_fetch, decide, explain
from frontier.robotstxt import MAX_OCTETS, product_token
from frontier.robotstxt import parse as parse_robots

URL_BYTES: Final = 1 << 16
"""Longest URL that is judged here: rules can be longer than what is crawled."""
_BASE: Final = "http://robots.invalid/"


def run(arguments: argparse.Namespace, settings: Settings) -> int:
    """One answer per URL or path."""
    if arguments.file == STDIN and not arguments.urls:
        raise UsageError("the robots.txt is read from standard input, so the URLs must be arguments")
    body = read(arguments.file, 2 * MAX_OCTETS)
    state = after_fetch(None, arguments.status, "" if arguments.status else "no answer", body, 0.0)
    rules = parse_robots(state.body, product_token(arguments.agent)) if state.body is not None else None
    sitemaps = rules.sitemaps if rules is not None else []
    for text in inputs(arguments.urls):
        answer = {**_answer(text, state, rules, settings.politeness.max_crawl_delay), "sitemaps": sitemaps}
        if arguments.json:
            write_json(answer)
        else:
            _show(answer)
    if not arguments.json:
        if rules is not None and rules.crawl_delay is not None:
            sys.stdout.write(f"crawl-delay {rules.crawl_delay:g} s\n")
        for sitemap in sitemaps:
            sys.stdout.write(f"sitemap {one_line(sitemap)}\n")
    return 0


def _answer(text: str, state: RobotsState, rules: Robots | None, longest: float) -> dict[str, Any]:
    """`allowed` is what the rules say of the URL; `refused` is there if the crawl-delay keeps us from the whole host."""
    answer: dict[str, Any] = {"url": text, "allowed": None, "line_number": 0, "line": "", "why": ""}
    answer["crawl_delay"] = rules.crawl_delay if rules is not None else None
    url = parse(text, _BASE, max_bytes=URL_BYTES)
    if isinstance(url, Refusal):
        return answer | {"why": f"no URL that could be fetched: {url}"}
    refused = decide(state, rules, url.path, longest)
    if refused is not None and refused.reason is Reason.CRAWL_DELAY:
        answer["refused"] = str(refused)
    verdict = explain(state, rules, url.path, float("inf"))
    if isinstance(verdict, Refusal) and verdict.reason is Reason.ROBOTS and rules is not None:
        verdict = rules.verdict(url.path)
    if isinstance(verdict, Refusal):
        return answer | {"allowed": False, "why": verdict.evidence}
    return answer | {
        "allowed": verdict.allowed,
        "line_number": verdict.line_number,
        "line": verdict.line,
        "why": verdict.why,
    }


def _show(answer: dict[str, Any]) -> None:
    word = {True: "allowed", False: "disallowed", None: "invalid"}[answer["allowed"]]
    by = f"line {answer['line_number']}: {answer['line']} ({answer['why']})" if answer["line_number"] else answer["why"]
    also = f"; but {answer['refused']}" if "refused" in answer else ""
    sys.stdout.write(one_line(f"{word:<10} {answer['url']}  {by}{also}") + "\n")
