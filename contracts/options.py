"""How a setting is declared: its default, its unit, its meaning, and what it may be."""

from dataclasses import field
from typing import Any, Final

DAY: Final = 86400.0
HOUR: Final = 3600.0
KIB: Final = 1024
MIB: Final = 1024 * 1024


def setting(
    default: Any, unit: str, doc: str, *, least: float = 0, most: float = 2**53, choices: tuple[str, ...] = ()
) -> Any:
    """A field with its default, unit (`seconds`, `bytes`, `1/s`, `1`, `text`, `bool`...) and one-sentence meaning.

    `least` and `most` bound numbers, in the unit; `choices` are all that a text may be. A `secret` text is never shown, in no
    `repr` either.
    """
    metadata = {"unit": unit, "doc": doc, "least": least, "most": most, "choices": choices}
    if isinstance(default, (list, dict)):
        return field(default_factory=lambda: type(default)(default), metadata=metadata)
    return field(default=default, metadata=metadata, repr=unit != "secret")
