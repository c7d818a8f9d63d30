"""srcset candidates by the HTML standard's "parse a srcset attribute"."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fetchers.srcset import candidates

# HTML 4.8.4.3.10, "parse a srcset attribute", step by step; the odd ones are after the web platform tests.
CASES = [
    ("", []),
    (" \t\n", []),
    (",", []),
    (",,,a,,,", ["a"]),
    ("a", ["a"]),
    ("a.png 1x, b.png 2x", ["a.png", "b.png"]),
    ("a.png, b.png", ["a.png", "b.png"]),
    # Step 5-8: a URL runs to the next blank; only trailing commas are taken off it.
    ("a.png,b.png", ["a.png,b.png"]),
    ("a,b.png 1x,c,d.png 2x", ["a,b.png", "c,d.png"]),
    ("data:image/png;base64,AAAA 1x, b 2x", ["data:image/png;base64,AAAA", "b"]),
    ("a,, b", ["a", "b"]),
    ("\n a\t1x\n,\f b 2x ", ["a", "b"]),
    # Descriptor tokeniser: a comma in parentheses does not end the candidate, and such a descriptor is an error.
    ("a (x, y), b 2x", ["b"]),
    ("data:,a ( , data:,b 1x, ), data:,c", ["data:,c"]),
    ("a ((), b", ["b"]),
    ("a (b", []),
    ("a x(, b 1x), c", ["c"]),
    ("a ), b", ["b"]),
    # w: valid non-negative integer, not zero, neither w nor x before.
    ("a 100w", ["a"]),
    ("a 0w, b 00w, c 01w", ["c"]),
    ("a +1w, b -1w, c 1.0w, d 1e1w, e w, f 1W", []),
    ("a 1w 2w, b 1w 1x, c 1x 1w", []),
    # x: valid floating-point number, not negative.
    ("a 1.5x, b .5x, c 1e3x, d 1E-2x, e 0x, f -0x", ["a", "b", "c", "d", "e", "f"]),
    ("a -1x, b +1x, c 1.x, d x, e 1X, f 1e400x, g 1ex, h -0.1x, i -0e9x", ["f", "i"]),
    ("a 1x 2x", []),
    # h: only together with w.
    ("a 1w 2h, b 2h 1w", ["a", "b"]),
    ("a 1h, b 1h 1x, c 1w 0h, d 1w 1h 1h", []),
    ("a 1w 1x 1h", []),
    ("a foo, b 1x foo, c", ["c"]),
    ("a 1x2x, b", ["b"]),
    # Blanks are the five of ASCII; no others part anything.
    ("a\u00a01x, b 1x", ["a\u00a01x", "b"]),
    ("a\v1x", ["a\v1x"]),
    ("a \uff11x", []),
]


@pytest.mark.parametrize(("value", "expected"), CASES)
def test_candidates(value: str, expected: list[str]) -> None:
    assert candidates(value) == expected


def _reference(value: str) -> list[str]:
    """The standard's algorithm, character by character."""
    found: list[str] = []
    blanks, at = "\t\n\f\r ", 0
    while True:
        while at < len(value) and value[at] in blanks + ",":
            at += 1
        if at >= len(value):
            return found
        start = at
        while at < len(value) and value[at] not in blanks:
            at += 1
        url, descriptors = value[start:at], []
        if url.endswith(","):
            found.append(url.rstrip(","))
            continue
        while at < len(value) and value[at] in blanks:
            at += 1
        current, state = "", "in"
        while True:
            c = value[at] if at < len(value) else None
            if state == "in":
                if c is None or c == ",":
                    if current:
                        descriptors.append(current)
                    at += 1
                    break
                if c in blanks:
                    if current:
                        descriptors.append(current)
                        current, state = "", "after"
                else:
                    current += c
                    state = "parens" if c == "(" else "in"
            elif state == "parens":
                if c is None:
                    descriptors.append(current)
                    break
                current += c
                state = "in" if c == ")" else "parens"
            elif c is None:
                break
            elif c not in blanks:
                state = "in"
                continue
            at += 1
        if _allowed(descriptors):
            found.append(url)


def _allowed(descriptors: list[str]) -> bool:
    def integer(text: str) -> bool:
        return text != "" and all(c in "0123456789" for c in text)

    width = density = height = None
    for word in descriptors:
        if word[-1] == "w" and integer(word[:-1]):
            if width is not None or density is not None or int(word[:-1]) == 0:
                return False
            width = word
        elif word[-1] == "x" and set(word[:-1]) <= set("0123456789.") and word[:-1].count(".") <= 1:
            if word[-2:-1] in ("", "."):
                return False
            if width is not None or density is not None or height is not None:
                return False
            density = word
        elif word[-1] == "h" and integer(word[:-1]):
            if height is not None or density is not None or int(word[:-1]) == 0:
                return False
            height = word
        else:
            return False
    return height is None or width is not None


@given(st.text(alphabet="a,() \t01.wxh", max_size=40))
def test_equals_the_algorithm_written_out(value: str) -> None:
    assert candidates(value) == _reference(value)


@given(st.text())
def test_any_text_gives_urls_without_blanks(value: str) -> None:
    assert all(url and not set(url) & set("\t\n\f\r ") for url in candidates(value))
