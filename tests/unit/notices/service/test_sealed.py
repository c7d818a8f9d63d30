"""What is known of a case's places: under a key of its own, that only the notices role opens and that can be destroyed."""

import pytest
from msgspec.structs import replace

from contracts.caserows import Locked
from contracts.cases import Case, CaseState
from contracts.errors import Corrupt
from contracts.seal import new_keys
from notices.service.sealed import PAGES, CaseKeys, read, written

URL = "http://host.test/a.png"


@pytest.mark.parametrize("address", ["", "192.0.2.7"])
@pytest.mark.parametrize("pages", [(), ("http://p.test/",), ("http://p.test/", "http://q.test/?a=b")])
def test_what_is_written_is_read(address: str, pages: tuple[str, ...]) -> None:
    assert read(written(URL, address, pages)) == (URL, address, pages)


def test_pages_are_told_once_and_at_most_so_many() -> None:
    many = [f"http://p{n % 12}.test/" for n in range(40)]
    assert read(written(URL, "", many))[2] == tuple(many[:PAGES])
    assert read("") == ("", "", ())


def locked(wrapped: bytes, sealed: bytes) -> Locked:
    return Locked(Case(7, b"p", b"s", CaseState.FOUND, 1.0), 0, wrapped, sealed, b"", b"")


# "one key per case, so that destroying it empties the backups too"
def test_only_the_case_s_own_key_opens_it() -> None:
    keys = CaseKeys(new_keys())
    one, other = keys.new(URL, "192.0.2.7", ()), keys.new(URL, "192.0.2.7", ())
    case = locked(*one)
    assert keys.open(case) == (URL, "192.0.2.7", ()) and URL.encode() not in b"".join(one)
    assert len({*one, *other}) == 4  # nothing tells that two cases are of one place
    line = keys.seal(case, "a person's words")
    assert line and b"person" not in line and keys.seal(case, "") == b""
    gone = replace(case, wrapped=b"")
    assert keys.seal(gone, "words") == b""
    for broken, said in (
        (gone, "the key of case 7 was destroyed"),
        (replace(case, wrapped=other[0]), "cannot be opened"),
        (replace(case, sealed=b"x"), "cannot be opened"),
    ):
        with pytest.raises(Corrupt, match=said):
            keys.open(broken)
    with pytest.raises(Corrupt):
        CaseKeys(new_keys()).open(case)
