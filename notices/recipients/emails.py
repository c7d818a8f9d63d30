"""E-mail addresses that a notice may go to: one spelling, and nothing that could become a header, a second recipient or a route.

Only the plain form of RFC 5321 (4.1.2) is taken: a dot-atom of ASCII before the sign, a domain name after it. Quoted local
parts, address literals, comments and addresses that need SMTPUTF8 (RFC 6531) are refused: abuse desks have none of them.
"""

import re
from typing import Final

from contracts.refusals import Refusal
from contracts.sites import is_address, site_of
from contracts.urls import parse

MOST: Final = 254
"""Longest address (RFC 5321, 4.5.3.1.3, without the brackets), and below the longest part before the sign (4.5.3.1.1)."""
_LOCAL: Final = re.compile(r"(?=.{1,64}@)[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*@")
_LABEL: Final = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")


def email(text: object) -> str:
    """The address in its one spelling (domain in lower case, A-labels), or "" for what is none. Never raises."""
    if not isinstance(text, str) or not 3 <= len(text) <= MOST:
        return ""
    found = _LOCAL.match(text)
    if found is None:
        return ""
    domain = domain_name(text[found.end() :])
    address = text[: found.end()] + domain
    return address if domain and len(address) <= MOST else ""


def domain_name(text: str) -> str:
    """A name of at least two labels as DNS has it (RFC 1123, 2.1; IDNA as browsers do it), or "". An IP address is none."""
    if not text or len(text) > 253 or not all(c.isalnum() or c in "-." for c in text):
        return ""
    url = parse(f"https://{text}/")
    if isinstance(url, Refusal) or url.path != "/" or ":" in url.host or is_address(url.host):
        return ""
    labels = url.host.split(".")
    if len(labels) < 2 or len(url.host) > 253 or not all(_LABEL.fullmatch(label) for label in labels):
        return ""
    return url.host


def domain_of(address: str) -> str:
    """The domain of an address as `email` gives it."""
    return address.rpartition("@")[2]


def within(address: str, host: str) -> bool:
    """Whether the address lies in the registered domain of `host` (canonical, with or without a port)."""
    return bool(host) and site_of(domain_of(address)) == site_of(host)
