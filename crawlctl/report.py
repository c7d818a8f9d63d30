"""One object for people: names and values, what is nested indented, what is empty left out."""

import sys
from collections.abc import Iterator, Mapping
from typing import Any

from crawlctl.output import one_line

WIDTH = 18


def write_object(title: str, value: Mapping[str, Any]) -> None:
    """Print it below a title."""
    sys.stdout.write("\n".join((one_line(title), *lines(value, "  "))) + "\n")


def lines(value: Mapping[str, Any], indent: str) -> Iterator[str]:
    """A line for each value that is not empty; zeros and False are shown."""
    for name, one in value.items():
        if one is None or one in ("", [], {}):
            continue
        head = f"{indent}{name.replace('_', ' '):<{WIDTH}} "
        if isinstance(one, Mapping):
            yield head.rstrip()
            yield from lines(one, indent + "  ")
        elif isinstance(one, list) and isinstance(one[0], Mapping):
            for item in one:
                yield f"{head}{inline(item)}"
                head = " " * len(head)
        elif isinstance(one, list):
            for item in one:
                yield f"{head}{one_line(str(item))}"
                head = " " * len(head)
        else:
            yield f"{head}{text(one)}"


def inline(value: Mapping[str, Any]) -> str:
    """An object on one line: the first value by itself, the others with their names."""
    full = [(name, one) for name, one in value.items() if one is not None and one not in ("", [], {})]
    return "  ".join(
        text(one) if n == 0 else f"{name.replace('_', ' ')} {text(one)}" for n, (name, one) in enumerate(full)
    )


def text(value: Any) -> str:
    """A value on one line."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(map(text, value))
    return one_line(str(value))
