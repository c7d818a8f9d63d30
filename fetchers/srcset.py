"""The candidates of a srcset attribute, by the HTML standard's "parse a srcset attribute"."""

import re
from typing import Final

_SKIP: Final = re.compile(r"[\t\n\f\r ,]*+")
_URL: Final = re.compile(r"[^\t\n\f\r ]++")
_DESCRIPTORS: Final = re.compile(r"(?:[^,(]++|\([^)]*+\)?+)*+")
_BLANKS: Final = re.compile(r"[\t\n\f\r ]+")
_INTEGER: Final = re.compile(r"[0-9]+")
_FLOAT: Final = re.compile(r"-?(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")


def candidates(value: str) -> list[str]:
    """URLs of the image candidates, in order, as written. One with a descriptor error is dropped. Linear."""
    found: list[str] = []
    at, end = 0, len(value)
    while True:
        skipped = _SKIP.match(value, at)
        at = skipped.end() if skipped else at
        url = _URL.match(value, at) if at < end else None
        if url is None:
            return found
        at = url.end()
        text = url[0]
        if text[-1] == ",":
            found.append(text.rstrip(","))
            continue
        descriptors = _DESCRIPTORS.match(value, at)
        # A comma outside parentheses ends the candidate; a descriptor with parentheses is always an error.
        written = descriptors[0] if descriptors else ""
        at += len(written)
        if _valid(written):
            found.append(text)


def _valid(written: str) -> bool:
    width = density = height = False
    for word in _BLANKS.split(written):
        if not word:
            continue
        number, unit = word[:-1], word[-1]
        if unit == "w" and _INTEGER.fullmatch(number):
            if width or density or not number.strip("0"):
                return False
            width = True
        elif unit == "x" and _FLOAT.fullmatch(number):
            if width or density or height or _negative(number):
                return False
            density = True
        elif unit == "h" and _INTEGER.fullmatch(number):
            if height or density or not number.strip("0"):
                return False
            height = True
        else:
            return False
    return width or not height


def _negative(number: str) -> bool:
    # -0 is no number below zero; the mantissa decides, since no exponent makes zero of anything else here.
    return number[0] == "-" and bool(number[1:].lower().partition("e")[0].strip("0."))
