"""The keys of `contracts.settings`: what each may be, how it is read and how it is written."""

import json
import re
from collections.abc import Callable
from dataclasses import MISSING, fields
from functools import cache
from ipaddress import ip_address, ip_network
from typing import Any, Final, NamedTuple

from contracts.options import DAY
from contracts.settings import PRODUCT_TOKEN, Settings
from crawlctl import units

LONGEST: Final = 100 * 365 * DAY
"""Most seconds of any duration: more than anybody means, and few enough for every clock."""
AGENT_CHARS: Final = 500
TEXT_CHARS: Final = 2_000
HIDDEN: Final = "(hidden)"
"""What is shown instead of a secret."""

_AGENT: Final = re.compile(rf"[\x20-\x7e]{{1,{AGENT_CHARS}}}")
_TOKEN: Final = re.compile(rf"(?<![A-Za-z_-]){PRODUCT_TOKEN}(?![A-Za-z_-])")
_PORT: Final = re.compile(r"[1-9][0-9]{0,4}", re.ASCII)
_NUMBER: Final = re.compile(r"[+-]?\d{1,30}(?:\.\d{1,30})?", re.ASCII)
_BOOLS: Final = {
    "true": True,
    "yes": True,
    "on": True,
    "1": True,
    "false": False,
    "no": False,
    "off": False,
    "0": False,
}


class Key(NamedTuple):
    """One setting. `name` is `group.field`, `kind` its Python type; `least` and `most` are in the unit; `choices` are all
    that a text may be, if there are any."""

    name: str
    group: str
    field: str
    kind: type
    unit: str
    doc: str
    default: Any
    least: float
    most: float
    choices: tuple[str, ...]

    @property
    def variable(self) -> str:
        """The environment variable that sets it."""
        return "PISAURA_" + self.name.replace(".", "_").upper()


@cache
def keys() -> dict[str, Key]:
    """All settings by name, in the order of the schema."""
    found: dict[str, Key] = {}
    for outer in fields(Settings):
        if outer.metadata:
            found[outer.name] = _key("", outer)
        else:
            found.update({f"{outer.name}.{inner.name}": _key(outer.name, inner) for inner in fields(_type(outer))})
    return found


@cache
def groups() -> dict[str, str]:
    """The groups by name, with what each is about."""
    return {outer.name: (_type(outer).__doc__ or "") for outer in fields(Settings) if not outer.metadata}


def _type(field: Any) -> Any:
    return field.type


def _key(group: str, field: Any) -> Key:
    default = field.default if field.default is not MISSING else field.default_factory()
    kind = list if isinstance(default, list) else field.type
    data = field.metadata
    most = min(data["most"], LONGEST) if data["unit"] == "seconds" else data["most"]
    name = f"{group}.{field.name}" if group else field.name
    return Key(name, group, field.name, kind, data["unit"], data["doc"], default, data["least"], most, data["choices"])


def may_be(key: Key, *, briefly: bool = False) -> str:
    """What the value of a key may be, as the end of a sentence; `briefly` without telling how it is written."""
    bounds = ""
    if key.kind in (int, float):
        if briefly and not key.least and key.unit in ("seconds", "bytes", "bytes/s"):
            return _sort(key).partition(" like ")[0]
        least, most = write(key, key.least), write(key, key.most)
        unbounded = key.most >= (LONGEST if key.unit == "seconds" else 2**53)
        bounds = f" (at least {least})" if unbounded else f" (from {least} to {most})"
    sort = _sort(key)
    return (sort.partition(" like ")[0] if briefly and key.kind in (int, float) else sort) + bounds


def _sort(key: Key) -> str:
    if key.field == "partitions":
        return "a power of two"
    if key.kind is bool:
        return "true or false"
    if key.kind is list:
        return f"a list of {_ELEMENTS[key.unit].what}"
    if key.choices:
        return "one of " + ", ".join(choice or '""' for choice in key.choices)
    if key.unit == "ip:port":
        return "an address and a port like 127.0.0.1:9100 or [::]:9100"
    if key.unit in ("text", "secret"):
        return f"a line of text of at most {TEXT_CHARS} characters"
    if key.kind is str:
        return f"text with the product token {PRODUCT_TOKEN}, such as Pisaura/1.0 (+https://hotline.example/bot)"
    if key.unit == "seconds":
        return units.DURATION
    if key.unit in ("bytes", "bytes/s"):
        return units.SIZE
    of = {"1": "", "1/s": " per second"}.get(key.unit, f" of {key.unit}")
    return ("a whole number" if key.kind is int else "a number") + of


def read(key: Key, value: Any, *, text: bool = False) -> Any:
    """The value as `Settings` holds it. `text`: it is an environment variable's, where lists are written `a,b` or `["a"]`.

    ValueError, saying what it may be, for anything wrong.
    """
    if key.kind is list:
        return _read_list(key, value, text)
    if key.kind is bool:
        if text:
            value = _BOOLS.get(value.strip().lower())
        if not isinstance(value, bool):
            raise ValueError(may_be(key))
        return value
    if key.kind is str:
        if not isinstance(value, str) or not _fits(key, value):
            raise ValueError(may_be(key))
        return value if key.unit in ("text", "secret") else value or key.default
    return _read_number(key, value, text)


def _fits(key: Key, value: str) -> bool:
    if key.choices:
        return value in key.choices
    if key.unit == "ip:port":
        return not value or _name_server(value) or (value.endswith(":0") and _name_server(value[:-1] + "1"))
    if key.unit in ("text", "secret"):
        return len(value) <= TEXT_CHARS and (not value or value.isprintable())
    return not value or bool(_AGENT.fullmatch(value) and _TOKEN.search(value))


def _read_number(key: Key, value: Any, text: bool) -> Any:
    measured = key.unit in ("seconds", "bytes", "bytes/s")
    if isinstance(value, str) and measured:
        try:
            if key.unit == "bytes/s":
                value = value.strip().removesuffix("/s")
            value = units.seconds(value) if key.unit == "seconds" else units.size(value)
        except ValueError:
            raise ValueError(may_be(key)) from None
    elif isinstance(value, str) and text and _NUMBER.fullmatch(value.strip()):
        value = float(value) if "." in value else int(value)
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise ValueError(may_be(key))
    if not key.least <= value <= key.most or (key.kind is int and value != int(value)):  # the first is false for NaN
        raise ValueError(may_be(key))
    if key.field == "partitions" and int(value) & (int(value) - 1):
        raise ValueError(may_be(key))
    return key.kind(value)


def _read_list(key: Key, value: Any, text: bool) -> list[str]:
    if text:
        value = _split(value)
    if not isinstance(value, list):
        raise ValueError(may_be(key))
    element = _ELEMENTS[key.unit]
    for one in value:
        if not isinstance(one, str):
            raise ValueError(may_be(key))
        why = "" if element.fits(one) else f"{one!r} is none"
        if key.unit == "patterns" and not why:
            why = _wrong_pattern(key, one)
        elif key.unit == "sites" and not why:
            why = _wrong_site(one)
        if why:
            raise ValueError(f"{may_be(key)}; {why}")
    return list(value)


def _split(value: str) -> Any:
    if value.lstrip().startswith("["):
        try:
            return json.loads(value)
        except (ValueError, RecursionError):
            return None
    return [part.strip() for part in value.split(",") if part.strip()]


def _network(text: str) -> bool:
    try:
        ip_network(text, strict=False)
    except ValueError:
        return False
    return "%" not in text


def _name_server(text: str) -> bool:
    host, colon, port = text.rpartition(":")
    bracketed = host.startswith("[") and host.endswith("]")
    if not colon or not _PORT.fullmatch(port) or int(port) > 65535:
        return False
    try:
        address = ip_address(host[1:-1] if bracketed else host)
    except ValueError:
        return False
    return "%" not in host and (address.version == 6) == bracketed


def _word(text: str) -> bool:
    return bool(text.strip()) and text.isprintable() and text == text.strip()


class _Element(NamedTuple):
    what: str
    fits: Callable[[str], bool]


_ELEMENTS: Final = {
    "networks": _Element("networks like 127.0.0.0/8 or 2001:db8::/32", _network),
    "ip:port": _Element("name servers like 127.0.0.1:5353 or [::1]:53", _name_server),
    "sites": _Element("registered domains like example.org", _word),
    "patterns": _Element("patterns", _word),
    "words": _Element("words", _word),
}


def _wrong_pattern(key: Key, pattern: str) -> str:
    if key.field.endswith("_paths"):
        return "" if pattern[0] in "/*" else f"{pattern!r} can match no path: a pattern begins with / or *"
    if key.field.endswith("_hosts"):
        if not re.search(r"[/?#@\s]", pattern) and (":" not in pattern or re.search(r":[\d*]+\Z|\]\Z", pattern)):
            return ""
        return f"{pattern!r} can match no host: a pattern is like *.example.org, without scheme and path"
    return f"{pattern!r} can match no parameter's name" if re.search(r"[=&?#/;\s]", pattern) else ""


def _wrong_site(site: str) -> str:
    from contracts.refusals import Refusal
    from contracts.urls import parse, site_of

    url = parse(f"http://{site}/")
    if isinstance(url, Refusal) or url.path != "/":
        return f"{site!r} is none"
    registered = site_of(url.host)
    if registered != url.host.removesuffix("."):
        return f"{site!r} is a host of the site {registered}: name that, or use the list of hosts"
    return ""


def write(key: Key, value: Any) -> str:
    """A value as it stands in a TOML file, without quotes around durations and sizes. Secrets are not shown."""
    if key.unit == "secret":
        return HIDDEN if value else ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return "[" + ", ".join(json.dumps(one) for one in value) + "]"
    if isinstance(value, str):
        return value
    if key.unit == "seconds":
        return units.write_seconds(value)
    if key.unit in ("bytes", "bytes/s"):
        return units.write_size(int(value))
    return f"{value:g}" if isinstance(value, float) and abs(value) < 1e6 else str(int(value))


def toml(key: Key, value: Any) -> str:
    """A value as it stands in a TOML file."""
    text = write(key, value)
    quoted = key.kind is str or (key.unit in ("seconds", "bytes", "bytes/s") and not text.isdigit())
    return json.dumps(text) if quoted else text
