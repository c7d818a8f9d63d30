"""hasher.formats.xml: a stream of XML in bounded memory. Most of it is tested where it is used, by test_ncmec."""

import pytest

from contracts.errors import UsageError
from hasher.formats.xml import Document, Fault, blank


class Seen(Document):
    """Writes down what it is told; a fault costs whatever `forgives` says."""

    def __init__(self, forgives: bool = False) -> None:
        super().__init__("a.xml", "root")
        self.forgives = forgives
        self.seen: list[str] = []

    def started(self, name: str, attributes: dict[str, str]) -> None:
        self.seen.append(f"+{name}{sorted(attributes.items()) or ''}")
        if name == "wrong":
            raise Fault("this is wrong")

    def ended(self, name: str, text: str) -> None:
        self.seen.append(f"-{'/'.join(self.path)}={text}")

    def fault(self, what: str) -> bool:
        self.seen.append(what)
        return self.forgives


def test_elements_come_without_prefix_in_lower_case() -> None:
    seen = Seen()
    assert (
        seen.feed(b'\n<?xml version="1.0"?><n:Root xmlns:n="x" A="1"><n:Leaf>a&amp;b</n:Leaf></n:Root> rest')
        == b" rest"
    )
    assert seen.over
    assert seen.seen == ["+root[('A', '1'), ('xmlns:n', 'x')]", "+leaf", "-root/leaf=a&b", "-root="]


@pytest.mark.parametrize("size", [1, 2, 5])
def test_pieces(size: int) -> None:
    body, seen, rest = b"<root><a>text</a><!-- > --><b c='>'/></root >\n<root/>", Seen(), b""
    for at in range(0, len(body), size):
        rest = rest + body[at : at + size] if seen.over else seen.feed(body[at : at + size])
    assert seen.seen[-1] == "-root=" and rest == b"\n<root/>"


def test_a_fault_costs_a_record_or_the_document() -> None:
    seen = Seen(forgives=True)
    seen.feed(b"<root><wrong/><b/></root>")
    assert "this is wrong" in seen.seen and "+b" in seen.seen
    with pytest.raises(UsageError, match=r"a\.xml, line 1: this is wrong"):
        Seen().feed(b"<root><wrong/></root>")


def test_a_long_text_is_not_kept() -> None:
    seen = Seen(forgives=True)
    for piece in (b"<root><a>", *[b"x" * 10_000] * 10, b"</a></root>"):
        seen.feed(piece)
    assert "-root/a=" in seen.seen and any("more than 65536" in line for line in seen.seen)


def test_blank() -> None:
    assert blank(b" \r\n\t") and not blank(b" x")
