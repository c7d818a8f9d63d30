"""Texts that a spreadsheet would take for a formula, in CSV that we write.

A list is hostile, and people open CSV with spreadsheets: a cell that begins with = + - @ (or their full-width forms) is run there
(CWE-1236). Such a text gets an apostrophe before it, and so does one that has apostrophes before such a sign, so that taking one
off gives back what was there. Reading CSV without a mapping takes it off again; whoever reads it otherwise must do so too.
"""

import re
from typing import Final

_SIGNS: Final = "[=+\\-@\uff1d\uff0b\uff0d\uff20]"
_TO_MARK: Final = re.compile(f"'*{_SIGNS}")
_MARKED: Final = re.compile(f"'+{_SIGNS}")


def marked(text: str) -> str:
    """The text as a spreadsheet shows it and does not run it."""
    return "'" + text if _TO_MARK.match(text) else text


def unmarked(text: str) -> str:
    """The text that `marked` was given."""
    return text[1:] if _MARKED.match(text) else text
