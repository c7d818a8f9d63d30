"""`crawlctl settings`: the effective settings and where each came from; an example file; the page of the manual."""

import argparse
from collections.abc import Iterator

from contracts.settings import Settings
from crawlctl.output import one_line, write_json
from crawlctl.schema import Key, groups, keys, may_be, toml, write
from crawlctl.settings import load


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of the verb."""
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="one JSON object a setting, one a line")
    form.add_argument("--example", action="store_true", help="print a TOML file of all defaults, with comments")
    form.add_argument("--markdown", action="store_true", help="print the page of the manual")


def run(arguments: argparse.Namespace, settings: Settings) -> int:
    """Print them."""
    if arguments.example:
        print("\n".join(example()))
    elif arguments.markdown:
        print("\n".join(markdown()))
    else:
        sources = load(arguments.settings).sources
        for key in keys().values():
            value = value_of(settings, key)
            if arguments.json:
                write_json(
                    {
                        "key": key.name,
                        "value": _value(key, value),
                        "plain": _value(key, value) if key.unit == "secret" else value,
                        "unit": key.unit,
                        "from": sources[key.name],
                        "default": _value(key, key.default),
                        "variable": key.variable,
                        "doc": key.doc,
                    }
                )
            else:
                print(
                    f"{key.name} = {one_line(toml(key, value))}  # {one_line(sources[key.name])}\n    {key.doc} [{key.unit}]"
                )
    return 0


def _value(key: Key, value: object) -> object:
    """As it would be written in the file: durations and sizes with their units."""
    return write(key, value) if key.unit in ("seconds", "bytes", "bytes/s", "secret") else value


def value_of(settings: Settings, key: Key) -> object:
    """The value of a key."""
    group = getattr(settings, key.group) if key.group else settings
    value: object = getattr(group, key.field)
    return value


def example() -> Iterator[str]:
    """Lines of a TOML file that sets every key to its default."""
    yield "# Settings of Pisaura: every key with its default. All of them may be left out."
    group = ""
    for key in keys().values():
        if key.group != group:
            group = key.group
            yield ""
            yield f"# {groups()[group]}"
            yield f"[{group}]"
        yield f"# {key.doc} [{key.unit}]"
        yield f"{key.field} = {toml(key, key.default)}"


def markdown() -> Iterator[str]:
    """Lines of `docs/settings.md`."""
    yield "# Settings"
    yield ""
    yield "Written by `crawlctl settings --markdown`; a test keeps it up to date."
    yield ""
    yield from HOW.splitlines()
    group = None
    for key in keys().values():
        if key.group != group:
            group = key.group
            yield ""
            yield f"## `[{group}]`" if group else "## At the top of the file"
            yield ""
            if group:
                yield groups()[group]
                yield ""
            yield "| key | default | meaning | may be | variable |"
            yield "|---|---|---|---|---|"
        cells = (
            f"`{key.field}`",
            f"`{toml(key, key.default)}`",
            key.doc,
            may_be(key, briefly=True),
            f"`{key.variable}`",
        )
        yield "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


HOW = """\
Settings are one TOML file, given by `--settings FILE`. Every key has a default and may be left out. An environment
variable `PISAURA_<GROUP>_<KEY>` wins over the file: `PISAURA_POLITENESS_DELAY=2s`, `PISAURA_USER_AGENT=...`; lists are
written `a,b` or `["a", "b"]` there. `crawlctl settings` prints what counts and where it came from. A key or variable
that does not exist, or a value that it cannot have, is an error.

Durations are written `250ms`, `1.5s`, `10m`, `24h`, `7d`, sizes `100B`, `512KiB`, `20MiB`, `1GB`; bare numbers are seconds
and bytes.

Without a contact URL in `user_agent` only loopback can be crawled: seeds elsewhere are an error, and every address outside
127.0.0.0/8 and ::1 is denied, so that no link leads out either."""
