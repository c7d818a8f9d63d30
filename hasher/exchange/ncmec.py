"""NCMEC's hash sharing, version 2: entries by time of change, in no order, next pages by links relative to the address.

Source of the rules: https://report.cybertip.org/ws-hashsharing/v2/documentation and what others met: entries do not come in
order of time, a link is good for its own from and to only, and may turn bad near the end of a long range.
"""

from typing import Final

import numpy as np

from hasher.exchange import links
from hasher.exchange.protocol import Protocol

PATH: Final = "/v2/entries"


def utc(seconds: int) -> str:
    """ISO 8601 in UTC, whatever the machine's time zone."""
    return f"{np.datetime64(seconds, 's')}Z"


def _root(location: str) -> str:
    return links.root_of(location, PATH, "/v2")


def _ask(root: str, start: int, until: int, token: str, size: int) -> str:
    return root + (token or f"{PATH}?from={utc(start)}&to={utc(until)}")


def _token(root: str, following: str) -> str:
    """Links are relative to the address with its path; a whole one keeps that path."""
    link = links.inside(following, root, PATH)
    link = link[link.index(PATH) :]
    return links.with_parameters(PATH, links.parameters(link))


NCMEC: Final = Protocol("ncmec", _root, _ask, _token, steady=False)
