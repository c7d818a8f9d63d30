"""The audit as a chain: what was changed, taken out, moved, put in or cut off is found, and where (domain, section 4)."""

from collections.abc import Sequence

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.auditing import (
    CUT,
    FAULTS,
    Act,
    Anchor,
    Check,
    Link,
    Report,
    act_of,
    audit_key,
    cut_subject,
    line_of,
    mac_of,
    service_act,
)
from contracts.people import Identity
from contracts.seal import new_keys

KEY = audit_key(b"s" * 32)


def chain(length: int = 10, *, key: bytes = KEY, acts: dict[int, Act] | None = None) -> list[Link]:
    """A chain as it is written."""
    links: list[Link] = []
    previous = b""
    for seq in range(1, length + 1):
        act = (acts or {}).get(seq, Act("anna", "cases.show", 1, "analyst", "case 7", 1, str(seq)))
        line = line_of(act, seq, 1_700_000_000_000_000 + seq)
        mac = mac_of(key, previous, line)
        links.append(Link(line, previous, mac))
        previous = mac
    return links


def checked(links: Sequence[Link], anchors: Sequence[Anchor] = (), key: bytes = KEY) -> Report:
    check = Check(key, anchors)
    for at in range(0, len(links), 3):
        check.take(links[at : at + 3])
    return check.end()


def anchored(links: Sequence[Link], seq: int) -> Anchor:
    return Anchor(seq, links[seq - 1].mac.hex(), 1.0)


def where(report: Report) -> list[int]:
    return [fault.seq for fault in report.faults]


def test_a_chain_as_it_was_written_is_whole() -> None:
    links = chain()
    report = checked(links, [anchored(links, 4), anchored(links, 10)])
    assert report.whole and (report.lines, report.first, report.last, report.anchors) == (10, 1, 10, 2)
    assert checked([]).whole


# Domain, section 4: "hash chain HMACed with a key kept outside the database".
@given(st.integers(1, 10), st.sampled_from(["person", "account", "role", "act", "purpose", "places", "subject", "at", "uid", "machine"]))  # fmt: skip
def test_any_changed_field_is_found_where_it_is(seq: int, field: str) -> None:
    links = chain()
    link = links[seq - 1]
    value = getattr(link.line, field)
    line = msgspec.structs.replace(link.line, **{field: value + 1 if isinstance(value, int) else value + "x"})
    links[seq - 1] = Link(line, link.previous, link.mac)
    assert where(checked(links)) == [seq]


def test_who_has_not_the_key_cannot_write_a_line_nor_the_rest_anew() -> None:
    links = chain()
    forged = chain(10, key=audit_key(b"t" * 32))
    assert where(checked([*links[:4], *forged[4:]]))[0] == 5
    assert len(checked(forged).faults) == 10


@given(st.integers(2, 9))
def test_a_line_taken_out_is_missed(seq: int) -> None:
    links = chain()
    (fault,) = checked([link for link in links if link.line.seq != seq]).faults
    assert (fault.seq, fault.what) == (seq + 1, f"follows {seq - 1}: line {seq} is missing")


def test_the_first_lines_are_missed() -> None:
    (fault,) = checked(chain()[3:]).faults
    assert fault.seq == 4 and "lines 1 to 3 are missing" in fault.what


# Domain, section 4: "its head exported hourly; `audit verify --anchor`".
def test_lines_cut_off_at_the_end_are_found_by_the_anchor_alone() -> None:
    links = chain()
    assert checked(links[:7]).whole, "nothing else can tell"
    (fault,) = checked(links[:7], [anchored(links, 9)]).faults
    assert (fault.seq, fault.what) == (7, "is the last: lines 8 to 9 are missing, the anchor knows of them")
    assert not checked([], [anchored(links, 1)]).whole


def test_an_end_written_anew_by_who_has_the_key_is_found_by_the_anchor() -> None:
    links, others = chain(), chain(acts={9: Act("bert", "cases.show")})
    assert checked(others).whole
    (fault,) = checked(others, [anchored(links, 10)]).faults
    assert fault.seq == 10 and "anchor" in fault.what


def test_lines_that_changed_places_are_found() -> None:
    links = chain()
    fourth, fifth = links[3], links[4]
    links[3] = Link(msgspec.structs.replace(fifth.line, seq=4), fifth.previous, fifth.mac)
    links[4] = Link(msgspec.structs.replace(fourth.line, seq=5), fourth.previous, fourth.mac)
    assert {4, 5} <= set(where(checked(links)))


def test_after_a_cut_of_retention_the_chain_goes_on() -> None:
    whole = chain()
    cut = Act("anna", CUT, subject=cut_subject(4, whole[3].mac))
    links = chain(12, acts={11: cut})
    report = checked(links[4:])
    assert report.whole and (report.first, report.cut) == (5, 4)
    assert checked(links[2:]).whole, "it was stopped before it had taken away all that it named"
    assert not checked(links[5:]).whole, "one more was taken away than it named"
    assert not checked(links[4:10]).whole, "nothing says that lines were taken away"
    other = chain(12, acts={11: Act("anna", CUT, subject=cut_subject(4, whole[5].mac))})
    assert not checked(other[4:]).whole, "it names another line"


@pytest.mark.parametrize("subject", ["", "x", "-1 00", "4"])
def test_a_cut_that_names_nothing_allows_nothing(subject: str) -> None:
    assert not checked(chain(12, acts={11: Act("anna", CUT, subject=subject)})[4:]).whole


def test_lines_from_before_there_was_a_chain_are_told_and_bind_nothing() -> None:
    old = [Link(line_of(Act("anna", "matches"), seq, seq), b"", b"") for seq in (3, 5)]
    line = line_of(Act("anna", "matches"), 6, 6)
    first = Link(line, b"", mac_of(KEY, b"", line))
    report = checked([*old, first])
    assert report.whole and (report.unchained, report.first) == (2, 6)
    blanked = [Link(link.line, b"", b"") if link.line.seq < 4 else link for link in chain()]
    assert where(checked(blanked)) == [4], "blanking lines does not make them old"
    after = [*chain(4), Link(line_of(Act("x", "y"), 5, 5), chain(4)[3].mac, b"")]
    assert where(checked(after)) == [5]


def test_faults_are_bounded() -> None:
    report = checked(chain(FAULTS + 20, key=audit_key(b"t" * 32)))
    assert (len(report.faults), report.more) == (FAULTS, 20)


def test_the_key_comes_from_the_one_that_is_never_rotated_and_leads_to_none() -> None:
    keys = new_keys()
    assert audit_key(keys.series_key) not in (keys.series_key, keys.secret, keys.place_key)
    assert len(audit_key(keys.series_key)) == 32


def test_acts_of_accounts_and_of_our_own_roles() -> None:
    who = Identity("anna", "analyst", 7)
    assert act_of(who, "cases.reveal", purpose="case 7", places=2, subject="7") == Act(
        "anna", "cases.reveal", 7, "analyst", "case 7", 2, "7"
    )
    assert service_act("notices", "places.open", places=40).role == "service"
