"""What somebody may see of a case."""

from msgspec.structs import replace

from contracts.casedesk import CaseFile, HappenedLine, Medium
from contracts.casekeys import new_case_key, seal_for
from contracts.cases import Case, CaseState, Decision, Evidence
from contracts.people import Identity
from contracts.seal import Sealer, new_keys, opener
from notices.desk import sight

KEYS = new_keys()
KEY = new_case_key()
ANNA, BERT = Identity("anna", "analyst", 1), Identity("bert", "analyst", 2)
WORD = Decision("anna", 1, "close", "metadata-only", 50.0, "so it is", 1, 9)
CASE = Case(7, b"p", b"s" * 32, CaseState.IN_REVIEW, 1.0, 9, evidence=(Evidence(9, True),), decisions=(WORD,), round=1)


def file(text: str = "http://h.test/a\n127.0.0.1\nhttp://p.test/\nhttp://q.test/") -> CaseFile:
    wrapped = Sealer(KEYS.public).seal_bytes(KEY)
    return CaseFile(CASE, 1, seal_for(KEY, text), wrapped, 0.0, 0.0, 0.0, Medium())


def test_a_place_is_read_line_by_line() -> None:
    place = sight.place(file(), opener(KEYS))
    assert (place.shown, place.url, place.address) == (True, "http://h.test/a", "127.0.0.1")
    assert place.pages == ["http://p.test/", "http://q.test/"] and sight.on_loopback(place)
    bare = sight.place(file("http://h.test/a"), opener(KEYS))
    assert (bare.url, bare.address, bare.pages) == ("http://h.test/a", "", []) and not sight.on_loopback(bare)
    assert not sight.on_loopback(sight.place_of("http://127.0.0.1/a\n192.0.2.1"))


def test_a_place_that_cannot_be_opened_says_so() -> None:
    for broken in (replace(file(), wrapped=b""), replace(file(), sealed=b""), replace(file(), sealed=b"x" * 60)):
        place = sight.place(broken, opener(KEYS))
        assert not place.shown and place.why == sight.DESTROYED and place.url == ""
    assert not sight.place(file(), opener(new_keys())).shown


# "The second reviewer does not see the first's word"
def test_others_words_are_hidden_until_one_has_spoken() -> None:
    lines = [HappenedLine(10.0, "hold", "anna", "earlier"), HappenedLine(50.2, "decision_close", "anna", "so it is")]
    assert sight.decisions(CASE, ANNA) == (WORD,) and sight.decisions(CASE, BERT) == ()
    assert sight.history(CASE, lines, ANNA) == lines and sight.history(CASE, lines, BERT) == lines[:1]
    assert sight.decisions(replace(CASE, state=CaseState.HELD), BERT) == (), (
        "one alone has spoken: it may be in review again"
    )
    own = Decision("bert", 2, "release", "assessed-in-hotline-tool", 60.0, "", 1, 9)
    assert len(sight.decisions(replace(CASE, decisions=(WORD, own)), BERT)) == 2
    closed = replace(CASE, state=CaseState.CLOSED, decisions=(WORD, own))
    assert len(sight.decisions(closed, Identity("carl", "supervisor", 3))) == 2


def test_sealed_words_are_opened_with_the_case_s_key() -> None:
    line = HappenedLine(1.0, "closed_person", "anna", "", seal_for(KEY, "a test picture"))
    (shown,) = sight.unsealed(file(), [line], opener(KEYS), places=False)
    assert (shown.why, shown.sealed) == ("a test picture", b"")
    (gone,) = sight.unsealed(replace(file(), wrapped=b""), [line], opener(KEYS), places=True)
    assert (gone.why, gone.sealed) == ("", b"")


# "One row per person's read of a location": what names site and address is one, wherever it stands
def test_why_who_is_told_was_chosen_is_shown_with_the_place_only() -> None:
    line = HappenedLine(1.0, "reasoning", "", "", seal_for(KEY, "countries h.test: rdap NL"))
    (hidden,) = sight.unsealed(file(), [line], opener(KEYS), places=False)
    assert (hidden.why, hidden.sealed) == (sight.SEALED, b"")
    (shown,) = sight.unsealed(file(), [line], opener(KEYS), places=True)
    assert shown.why == "countries h.test: rdap NL"
