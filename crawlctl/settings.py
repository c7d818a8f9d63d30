"""Settings from a TOML file and the environment, each value with where it came from.

The environment wins over the file, the file over the defaults. Whatever cannot be meant is a UsageError that names the
key, where it stands, what it was, what it may be, and the nearest real key.
"""

import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Final, NamedTuple

from contracts.errors import UsageError
from contracts.settings import Settings
from crawlctl.schema import HIDDEN, Key, groups, keys, may_be, read

PREFIX: Final = "PISAURA_"
DEBUG: Final = "PISAURA_DEBUG"
NO_SETTINGS: Final = frozenset({DEBUG, "PISAURA_KEY", "PISAURA_TOKEN", "PISAURA_KEYS"})
"""Variables that set nothing: who asks (`crawlctl.identity`), and keys (`backends.keystore`), which no file may hold."""
FILE_BYTES: Final = 1 << 20
"""Longest settings file that is read."""
_SHOWN: Final = 80


class Loaded(NamedTuple):
    """Settings, and per key `default`, `file:line` or `environment variable NAME`."""

    settings: Settings
    sources: dict[str, str]


def load(path: Path | None = None, environ: Mapping[str, str] | None = None) -> Loaded:
    """Read the file, if one is given, and the environment (the process's own if None). Raises UsageError."""
    environ = os.environ if environ is None else environ
    values: dict[str, Any] = {}
    sources = dict.fromkeys(keys(), "default")
    if path is not None:
        _read_file(path, values, sources)
    if any(name.startswith(PREFIX) for name in environ):
        _read_environment(environ, values, sources)
    return Loaded(_settings(values), sources)


def _settings(values: dict[str, Any]) -> Settings:
    settings = Settings()
    for group in ("", *groups()):
        own = {keys()[name].field: value for name, value in values.items() if keys()[name].group == group}
        if own:
            settings = replace(settings, **({group: replace(getattr(settings, group), **own)} if group else own))
    return settings


def _read_file(path: Path, values: dict[str, Any], sources: dict[str, str]) -> None:
    import tomllib

    from crawlctl.places import complaint, places

    text = _text(path)
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        line, column, said = complaint(error, text)
        raise UsageError(f"{path}:{line}:{column}: this is not TOML: {said}") from None
    except (ValueError, RecursionError) as error:  # numbers of thousands of digits, thousands of brackets
        raise UsageError(f"{path}:1:1: this is not TOML that can be read: {error}") from None
    where = places(text) if document else {}

    def take(name: str, value: Any, at: tuple[str, ...]) -> None:
        line, column = where.get(at) or where.get(at[:1]) or (1, 1)
        place = f"{path}:{line}:{column}"
        key = keys().get(name)
        if key is None:
            raise UsageError(f"{place}: {unknown(name, value)}")
        try:
            values[name] = read(key, value)
        except ValueError as error:
            raise UsageError(f"{place}: {name} = {shown_of(key, value)} must be {error}") from None
        sources[name] = f"{path}:{line}"

    for name, value in document.items():
        if name not in groups():
            take(name, value, (name,))
            continue
        if not isinstance(value, dict):
            line, column = where.get((name,), (1, 1))
            raise UsageError(
                f"{path}:{line}:{column}: {name} = {shown(value)} must be a table: [{name}] on one line, its keys below"
            )
        for inner, deep in value.items():
            take(f"{name}.{inner}", deep, (name, inner))


def _text(path: Path) -> str:
    try:
        with path.open("rb") as file:
            data = file.read(FILE_BYTES + 1)
    except (OSError, ValueError) as error:
        raise UsageError(f"{path}: cannot be read: {getattr(error, 'strerror', None) or error}") from None
    if len(data) > FILE_BYTES:
        raise UsageError(f"{path}: is larger than {FILE_BYTES} bytes; is it a settings file?")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        before = data[: error.start]
        line, column = before.count(b"\n") + 1, len(before) - (before.rfind(b"\n") + 1) + 1
        raise UsageError(
            f"{path}:{line}:{column}: this is not TOML: byte {data[error.start]:#04x} is not UTF-8"
        ) from None
    return text.removeprefix("\ufeff").replace("\r\n", "\n")


def _read_environment(environ: Mapping[str, str], values: dict[str, Any], sources: dict[str, str]) -> None:
    variables = {key.variable: key for key in keys().values()}
    for name in sorted(environ):
        if not name.startswith(PREFIX) or name in NO_SETTINGS:
            continue
        key = variables.get(name)
        if key is None:
            near = _nearest(name, list(variables))
            raise UsageError(
                f"environment variable {name}={shown(environ[name])} names no setting; the nearest is {near}; "
                "`crawlctl settings` lists them all"
            )
        try:
            values[key.name] = read(key, environ[name], text=True)
        except ValueError as error:
            raise UsageError(
                f"environment variable {name}={shown_of(key, environ[name])} ({key.name}) must be {error}"
            ) from None
        sources[key.name] = f"environment variable {name}"


def unknown(name: str, value: Any) -> str:
    """What to say of a key that is no setting."""
    if isinstance(value, dict):
        return f"unknown group [{name}]; the nearest is [{_nearest(name, list(groups()))}]; there are {', '.join(groups())}"
    near = keys()[_nearest(name, list(keys()))]
    group = name.partition(".")[0]
    if "." in name and group in groups():
        which = f"the group {group} has {', '.join(key.field for key in keys().values() if key.group == group)}"
    else:
        which = f"there are {', '.join([key.name for key in keys().values() if not key.group])} and the groups {', '.join(groups())}"
    return f"unknown setting {name} (it was {shown(value)}); the nearest is {near.name}, which may be {may_be(near)}; {which}"


def _nearest(name: str, real: list[str]) -> str:
    """The real name most like it; the last part counts by itself too, since a key may stand in the wrong group."""
    from difflib import SequenceMatcher

    name = name[:200]

    def likeness(candidate: str) -> tuple[float, float]:
        whole = SequenceMatcher(None, name, candidate, autojunk=False).ratio()
        last = SequenceMatcher(None, name.rpartition(".")[2], candidate.rpartition(".")[2], autojunk=False).ratio()
        return max(whole, 0.98 * last), whole

    return max(real, key=likeness)


def shown(value: Any) -> str:
    """A value as the operator wrote it, roughly, on one line and not too long."""
    if isinstance(value, bool):
        text = "true" if value else "false"
    elif isinstance(value, str):
        text = '"' + value.encode("unicode_escape").decode("ascii") + '"'
    else:
        text = str(value)
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"


def shown_of(key: Key, value: Any) -> str:
    """A value as the operator wrote it, unless it is a secret."""
    return HIDDEN if key.unit == "secret" else shown(value)


def check_contact(settings: Settings, seeds: list[str]) -> Settings:
    """See `crawlctl.contact.check_contact`; here so that who loads settings finds it, imported when it is needed."""
    from crawlctl.contact import check_contact as check

    return check(settings, seeds)
