"""`crawlctl try policy`: whether the settings' scope, depth and trap rules admit a URL. Opt-outs and budgets need a state."""

import argparse
import sys
import time
from typing import Any, Final

from contracts.messages import NOFOLLOW, LinkKind
from contracts.refusals import Refusal
from contracts.settings import Settings
from contracts.urls import parse
from crawlctl.output import inputs, one_line, write_json
from frontier.policy import Policy
from frontier.traps import HostTraps

HOSTS: Final = 10_000
"""Hosts whose URLs so far are remembered, as the crawl does, since some traps show only in many URLs."""


class Judge:
    """Judges URLs one after the other, as if they were found in that order."""

    def __init__(self, settings: Settings, *, depth: int, flags: int, kind: LinkKind) -> None:
        self._settings = settings
        self._policy = Policy(settings)
        self._depth, self._flags, self._kind = depth, flags, kind
        self._hosts: dict[str, HostTraps] = {}

    def verdict(self, text: str, now: float) -> dict[str, Any]:
        """`{input, url, admitted}`, and `refused` with `evidence` if it is not."""
        settings = self._settings
        url = parse(text, max_bytes=settings.limits.url_bytes)
        answer: dict[str, Any] = {"input": text}
        if isinstance(url, Refusal):
            return answer | _refused(url)
        path = self._policy.admit(url, now, flags=self._flags, depth=self._depth)
        if isinstance(path, Refusal):
            return answer | {"url": url.text} | _refused(path)
        answer["url"] = url.text.removesuffix(url.path) + path
        if len(self._hosts) >= HOSTS:
            self._hosts.clear()
        traps = self._hosts.setdefault(url.host, HostTraps())
        refused = traps.check(path, self._kind, now, settings.traps, settings.budgets)
        return answer | (_refused(refused) if refused is not None else {"admitted": True})


def _refused(refusal: Refusal) -> dict[str, Any]:
    return {"admitted": False, "refused": str(refusal.reason), "evidence": refusal.evidence}


def run(arguments: argparse.Namespace, settings: Settings) -> int:
    """One answer per URL."""
    judge = Judge(
        settings,
        depth=arguments.depth,
        flags=NOFOLLOW if arguments.nofollow else 0,
        kind=LinkKind.MEDIA if arguments.media else LinkKind.PAGE,
    )
    for text in inputs(arguments.urls):
        answer = judge.verdict(text, time.time())
        if arguments.json:
            write_json(answer)
        else:
            word = "admitted" if answer["admitted"] else f"refused: {answer['refused']} ({answer['evidence']})"
            sys.stdout.write(one_line(f"{answer.get('url', answer['input'])}  {word}") + "\n")
    return 0
