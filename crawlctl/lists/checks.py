"""Is everything right that was said of a list? All is looked at before anything is stored, and all complaints come at once."""

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from contracts.errors import UsageError
from contracts.lists import ALLOWED, KINDS, TRUSTS, USES, ListSource, uses_of
from crawlctl.lists.names import EXCHANGES, FORMATS, MAPPED
from hasher.sources import credentials
from hasher.sources.client import check

NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ._-]{0,99}", re.ASCII)
MAPPING_BYTES: Final = 1 << 16


def check_name(name: str) -> str:
    """What is wrong with the name of a list; empty if nothing is."""
    if NAME.fullmatch(name):
        return ""
    return f"{name[:120]!r} must be 1 to 100 letters, digits, spaces, dots, underscores and hyphens"


def checked(
    name: str,
    format_: str | None,
    location: str | None,
    kind: str | None,
    mapping: Path | None = None,
    secret: Path | None = None,
    uses: str | None = None,
    trust: str = "unverified",
) -> ListSource:
    """The source as it may be stored. UsageError with everything that is wrong."""
    wrong: list[str] = []
    if said := check_name(name):
        wrong.append(f"NAME: {said}")
    if format_ not in FORMATS:
        wrong.append(f"--format: {_given(format_)} must be one of {', '.join(FORMATS)}")
    if kind not in KINDS:
        wrong.append(f"--kind: {_given(kind)} must be one of {', '.join(KINDS)}; without a kind nothing is imported")
    if trust not in TRUSTS:
        wrong.append(f"--trust: {_given(trust)} must be one of {', '.join(TRUSTS)}")
    given = _uses(uses, kind or "", wrong)
    place = _location(location, format_ or "", secret is not None, wrong)
    text = _mapping(mapping, format_ or "", wrong)
    login = _credentials(secret, wrong)
    if wrong:
        count = f"{len(wrong)} things are wrong: " if len(wrong) > 1 else ""
        raise UsageError(f"the list was not added: {count}{'; '.join(wrong)}")
    return ListSource(name, format_ or "", kind or "", trust, given, place, text, login)


def _uses(text: str | None, kind: str, wrong: list[str]) -> tuple[str, ...]:
    """The uses that were named, in the order of `USES`; else those that a list of this kind has by itself."""
    if text is None:
        return uses_of(kind)
    words = {word.strip() for word in text.split(",")} - {""}
    if unknown := sorted(words - set(USES)):
        wrong.append(f"--uses: {unknown[0][:40]!r} is none of {', '.join(USES)}")
    allowed = ALLOWED.get(kind, USES)
    if refused := [use for use in USES if use in words and use not in allowed]:
        wrong.append(f"--uses: a list of kind {kind} may serve {', '.join(allowed)} only, not {', '.join(refused)}")
    return tuple(use for use in USES if use in words)


def _given(value: str | None) -> str:
    return "it is missing and" if value is None else repr(value[:40])


def _location(text: str | None, format_: str, login: bool, wrong: list[str]) -> str:
    """A URL as it is, a file by its whole path."""
    if not text:
        wrong.append("--from: it is missing and must be a file or a URL")
        return ""
    if "://" not in text:
        path = Path(text)
        for complaint in _unreadable(path):
            wrong.append(f"--from: {complaint}")
        return str(path.absolute())
    try:
        check(text)
        if not text.isprintable() or " " in text:
            raise UsageError("a URL has neither spaces nor control characters")
    except UsageError as error:
        wrong.append(f"--from: {error}")
        return ""
    if format_ in EXCHANGES and not login:
        wrong.append(f"--credentials: a source of format {format_} asks for a login; name the file that has it")
    return text


def _unreadable(path: Path) -> Iterator[str]:
    if not path.is_file():
        yield f"{path}: there is no such file"
    elif not os.access(path, os.R_OK):
        yield f"{path}: it cannot be read"


def mapping_of(path: Path | None, format_: str) -> str:
    """The text of a mapping for a format. UsageError if it is none, or the format takes none."""
    wrong: list[str] = []
    text = _mapping(path, format_, wrong)
    if wrong:
        raise UsageError("; ".join(wrong))
    return text


def _mapping(path: Path | None, format_: str, wrong: list[str]) -> str:
    """The text of a mapping, which must be one (`hasher.formats.mapping`)."""
    if path is None:
        return ""
    from hasher.formats.mapping import parse  # brings numpy, which no other list needs here

    if format_ in FORMATS and format_ not in MAPPED:
        wrong.append(f"--mapping: the format {format_} takes none, only {' and '.join(MAPPED)} do")
    try:
        with path.open("rb") as file:
            data = file.read(MAPPING_BYTES + 1)
        if len(data) > MAPPING_BYTES:
            raise ValueError(f"it is longer than {MAPPING_BYTES} bytes")
        text = data.decode()
        parse(text)
    except OSError as error:
        wrong.append(f"--mapping: {path}: cannot be read: {error.strerror}")
    except (ValueError, UsageError) as error:  # UnicodeDecodeError is a ValueError
        wrong.append(f"--mapping: {path}: {str(error)[:300]}")
    else:
        return text
    return ""


def _credentials(path: Path | None, wrong: list[str]) -> str:
    """The whole path of a file with a login, that only its owner may read."""
    if path is None:
        return ""
    try:
        credentials.read(str(path))
    except UsageError as error:
        wrong.append(f"--credentials: {error}")
    return str(path.absolute())
