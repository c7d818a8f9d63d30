"""hasher.formats.ncmec: hash sharing v2, everything that has a digest, whatever else is wrong."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.errors import UsageError
from contracts.lists import UNMAPPED, Opinion
from contracts.refusals import Reason
from hasher.formats import ncmec
from hasher.formats.format import About
from hasher.lists import BadLine, ListEntry
from tests.exchange import ncmec as answers
from tests.unit.hasher.formats.samples import mutations

ABOUT = About("answer.xml", "industry")
MD5, SHA1, PDQ = bytes(range(16)), bytes(range(20)), bytes([0xA5, 0x3C] * 16)
PICTURE = ListEntry(
    "ncmec:42",
    "image1",
    (("md5", MD5), ("sha1", SHA1), ("pdq", PDQ)),
    "A1",
    media="image",
    act="1",
    age="pre-pubescent",
)
VIDEO = ListEntry("ncmec:42", "video1", (("md5", MD5[::-1]), ("sha1", SHA1[::-1])), media="video")
GONE = ListEntry("ncmec:43", "image4", (), media="image", deleted=True)
GONE_VIDEO = ListEntry("ncmec:43", "video4", (), media="video", deleted=True)
ALL = [PICTURE, GONE, VIDEO, GONE_VIDEO]
VALID = answers.page(ALL, following="/v2/entries?start=2001&size=1000&max=3000")


def read(data: bytes, size: int = 1 << 20) -> tuple[list[ListEntry], list[BadLine]]:
    batches = list(ncmec.read((data[at : at + size] for at in range(0, len(data), size)), ABOUT))
    assert sum(batch.bytes_read for batch in batches) == len(data)
    entries = [entry for batch in batches for entry in batch.entries]
    return entries, [bad for batch in batches for bad in batch.bad]


def one(inside: str, name: str = "image") -> tuple[list[ListEntry], list[BadLine]]:
    """What becomes of one record of which only this is said besides member and id."""
    member = '<member id="42">Somebody</member><id>x</id>'
    batch = ncmec.page(
        f"<queryResult><images><{name}>{member}{inside}</{name}></images></queryResult>".encode(), ABOUT
    ).batch
    return batch.entries, batch.bad


def prints(inside: str) -> str:
    return f"<fingerprints>{inside}</fingerprints>"


MD5_XML = prints(f"<md5>{MD5.hex()}</md5>")


def test_an_answer() -> None:
    page = ncmec.page(VALID, ABOUT)
    assert page.batch.entries == ALL and not page.batch.bad and page.batch.lines == 4
    assert page.following == "/v2/entries?start=2001&size=1000&max=3000"
    assert page.until == "2026-01-02T03:04:05Z"


def test_the_last_answer_has_no_next_one() -> None:
    assert ncmec.page(answers.page([]), ABOUT).following == ""
    assert ncmec.page(b"<queryResult><paging><next/></paging></queryResult>", ABOUT).following == ""


# Clients are known that skip MD5 and SHA-1, and that ignore videos.
def test_no_digest_and_no_video_is_left_out() -> None:
    for algorithm, digest in PICTURE.digests:
        for media in ("image", "video"):
            alone = ListEntry("ncmec:1", "x", ((algorithm, digest),), media=media)
            assert ncmec.page(answers.page([alone]), ABOUT).batch.entries == [alone]


def test_until_is_the_later_of_the_two() -> None:
    body = b'<queryResult><images maxTimestamp="2024-01-01T00:00:00Z"/><videos maxTimestamp="2023-01-01T00:00:00Z"/></queryResult>'
    assert ncmec.page(body, ABOUT).until == "2024-01-01T00:00:00Z"


@pytest.mark.parametrize("size", [1, 2, 3, 7, 64, 1000, 1 << 20])
def test_answers_one_after_another_in_any_pieces(size: int) -> None:
    entries, bad = read(b"\xef\xbb\xbf" + VALID + b"\n\n" + VALID + VALID.partition(b"?>\n")[2] + b"\n", size)
    assert entries == ALL * 3 and not bad


def test_bad_records_are_numbered_on_through_a_file() -> None:
    wrong = answers.page([ListEntry("ncmec:1", "x", (), media="image"), PICTURE])
    entries, bad = read(VALID + wrong)
    assert len(entries) == 5 and [line.line for line in bad] == [5]


def test_several_pdq_in_hex_and_base64() -> None:
    other = PDQ[::-1]
    entries, bad = one(
        prints(f"<pdq>{PDQ.hex().upper()}</pdq><pdq> {base64.b64encode(other).decode()} </pdq><pdq>{PDQ.hex()}</pdq>")
    )
    assert entries[0].digests == (("pdq", PDQ), ("pdq", other)) and not bad


def test_what_is_not_matched_is_kept_or_left_out() -> None:
    pdna = bytes(range(144))
    entries, _ = one(
        prints(f'<pdna>{pdna.hex()}</pdna><tmk-pdqf rel="self" href="/v2/entries/1/fingerprints/TMK_PDQF"/>')
    )
    assert entries[0].digests == () and entries[0].opaque == (("photodna", pdna),)
    entries, bad = one(prints("<netclean>abc</netclean>"))
    assert not entries and bad[0].refusal.reason == Reason.UNKNOWN_ALGORITHM


def test_a_malformed_digest_costs_itself_alone() -> None:
    entries, bad = one(prints(f"<md5>{MD5.hex()}</md5><sha1>zz</sha1>"))
    assert entries[0].digests == (("md5", MD5),)
    assert [(line.line, line.column, line.refusal.reason) for line in bad] == [(1, 0, Reason.BAD_DIGEST)]
    entries, bad = one(prints("<sha1>zz</sha1>"))
    assert not entries and len(bad) == 1


# Domain, section 1: "Empty files' digests are refused."
def test_a_record_that_names_an_empty_file_is_refused_as_a_whole() -> None:
    entries, bad = one(prints(f"<md5>d41d8cd98f00b204e9800998ecf8427e</md5><sha1>{SHA1.hex()}</sha1>"))
    assert not entries and bad[0].refusal.reason == Reason.EMPTY_FILE_DIGEST


def test_a_pdq_that_says_nothing_is_held() -> None:
    entries, _ = one(prints(f"<pdq>{'0' * 64}</pdq>"))
    assert entries[0].held == Reason.FEATURELESS


def test_an_unknown_classification_is_held_as_unmapped() -> None:
    entries, _ = one(f"<classification>Z9</classification>{MD5_XML}")
    assert (entries[0].category, entries[0].held, entries[0].kind) == ("Z9", UNMAPPED, "")


# Domain, section 1: "Opinions, holds and withdrawals belong to the entry".
def test_feedback_with_reasons() -> None:
    said = (Opinion("ncmec:7", "dispute", "not a minor; no sexual conduct"), Opinion("ncmec:8", "confirm"))
    entry = ListEntry("ncmec:42", "x", (("md5", MD5),), media="image", opinions=said)
    assert ncmec.page(answers.page([entry]), ABOUT).batch.entries == [entry]


def test_of_what_a_member_says_of_several_digests_the_gravest_counts() -> None:
    member = '<members><member id="7">Somebody</member></members>'
    no = f'<negativeFeedback type="Sha1"><reasons><reason name="wrong"/>{member}</reasons></negativeFeedback>'
    yes = f'<affirmativeFeedback type="Md5">{member}</affirmativeFeedback>'
    for feedback in (yes + no, no + yes):
        entries, _ = one(f"{MD5_XML}<feedback>{feedback}</feedback>")
        assert entries[0].opinions == (Opinion("ncmec:7", "dispute", "wrong"),)


def test_the_older_names_of_votes() -> None:
    vote = '<votes><negativeVote><member id="7"/></negativeVote><affirmativeVote><member id="8"/></affirmativeVote></votes>'
    entries, _ = one(MD5_XML + vote)
    assert entries[0].opinions == (Opinion("ncmec:7", "dispute"), Opinion("ncmec:8", "confirm"))


def test_reasons_are_cut_and_hold_nothing_strange() -> None:
    reason = f'<reason name="a&#10;b{"x" * 1000}"/><member id="7"/>'
    entries, _ = one(f"{MD5_XML}<feedback><negativeFeedback><reasons>{reason}</reasons></negativeFeedback></feedback>")
    why = entries[0].opinions[0].why
    assert why.startswith("a bxx") and len(why) == 300


@pytest.mark.parametrize("inside", ["", prints("<md5>zz</md5>"), prints("<md5>d41d8cd98f00b204e9800998ecf8427e</md5>")])
def test_a_tombstone_counts_whatever_is_wrong_with_its_digests(inside: str) -> None:
    entries, bad = one(inside, "deletedImage")
    assert entries == [ListEntry("ncmec:42", "x", (), media="image", deleted=True)] and not bad


@pytest.mark.parametrize(
    "wrong",
    [
        '<member id="43">Another</member>',  # two members
        "<id>y</id>",
        "<classification>A1</classification><classification>B1</classification>",
        f"<classification>{'x' * 201}</classification>",
        "<classification>A&#9;1</classification>",
        f"<md5>{'0' * 100_000}</md5>",
        prints("<md5>0</md5>" * 1001),
        '<feedback><negativeFeedback><member id="x"/></negativeFeedback></feedback>',
    ],
)
def test_a_corrupt_record_costs_itself_alone(wrong: str) -> None:
    member = '<member id="42">Somebody</member><id>x</id>'
    good = f"<image>{member}{MD5_XML}</image>"
    body = f"<queryResult><images>{good}<image>{member}{MD5_XML}{wrong}</image>{good}</images></queryResult>"
    batch = ncmec.page(body.encode(), ABOUT).batch
    assert len(batch.entries) == 2
    assert [(line.line, line.refusal.reason) for line in batch.bad] == [(2, Reason.BAD_LINE)]


@pytest.mark.parametrize(
    "member",
    [
        "",
        '<member id="">x</member>',
        '<member id="-1"/>',
        '<member id="\uff14\uff12"/>',
        f'<member id="{"1" * 21}"/>',
        "<member/>",
    ],
)
def test_a_record_without_number_of_its_member_is_refused(member: str) -> None:
    body = f"<queryResult><images><image>{member}<id>x</id>{MD5_XML}</image></images></queryResult>".encode()
    batch = ncmec.page(body, ABOUT).batch
    assert not batch.entries and len(batch.bad) == 1


def test_an_id_with_elements_inside_is_no_id() -> None:
    body = f'<queryResult><images><image><member id="1"/><id>a<b/>c</id>{MD5_XML}</image></images></queryResult>'
    assert not ncmec.page(body.encode(), ABOUT).batch.entries


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"  \n",
        b"nothing",
        b"<html><body>502</body></html>",
        b"<status/>",
        b"{}",
        VALID[:-5],
        VALID[: len(VALID) // 2],
        VALID + b"x",
        VALID + VALID,
        VALID.replace(b"UTF-8", b"UTF-8").decode().encode("utf-16"),
        VALID.replace(b"</image>", b"</imagf>", 1),
        b"<!DOCTYPE queryResult><queryResult/>",
        b"<queryResult>&unknown;</queryResult>",
        b"<queryResult><images><image><id>\xed\xa0\x80</id></image></images></queryResult>",
        b"<queryResult><images><image><id>&#xD800;</id></image></images></queryResult>",
        b"<queryResult a='1' a='2'/>",
        b"<queryResult>" + b"<a>" * 30 + b"</a>" * 30 + b"</queryResult>",
        b"<queryResult>" + b"x" * 100_000 + b"</queryResult>",
    ],
)
def test_what_is_no_answer_is_named(body: bytes) -> None:
    with pytest.raises(UsageError, match=r"answer\.xml"):
        ncmec.page(body, ABOUT)


def test_empty_answers_with_attributes_that_look_like_tags() -> None:
    body = b"<queryResult a='>' b=\"/>\"/>"
    assert ncmec.page(body, ABOUT).batch.entries == []
    assert read(body + VALID)[0] == ALL


def test_entities_are_refused_before_they_grow() -> None:
    laughs = '<!DOCTYPE q [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]><queryResult>&b;</queryResult>'
    outside = '<!DOCTYPE q [<!ENTITY a SYSTEM "file:///etc/hostname">]><queryResult>&a;</queryResult>'
    for body in (laughs, outside):
        with pytest.raises(UsageError, match="declared"):
            ncmec.page(body.encode(), ABOUT)


def test_a_tag_without_end_is_given_up() -> None:
    def endless() -> object:
        yield b"<queryResult><images><image a='"
        for _ in range(100):
            yield b"x" * 100_000
        raise AssertionError("all of it was read")

    with pytest.raises(UsageError, match="tag"):
        list(ncmec.read(endless(), ABOUT))  # type: ignore[arg-type]


def test_a_page_of_records_without_number_is_given_up() -> None:
    body = b"<queryResult><images>" + b"<image/>" * 200_001 + b"</images></queryResult>"
    with pytest.raises(UsageError, match="records"):
        ncmec.page(body, ABOUT)


def test_errors_and_refusals_hold_no_digest() -> None:
    digest = MD5.hex()
    _, bad = one(prints(f"<md5>{digest}0</md5><sha1>{digest}</sha1>"))
    assert len(bad) == 2 and not any(digest[:8] in str(line.refusal) for line in bad)
    with pytest.raises(UsageError) as caught:
        ncmec.page(f"<queryResult><md5>{digest}</md5><{digest}".encode(), ABOUT)
    assert digest[:8] not in str(caught.value)


@given(st.binary(max_size=300))
def test_any_bytes_are_named_or_quarantined(data: bytes) -> None:
    for body in (data, b"<queryResult><images><image>" + data + b"</image></images></queryResult>"):
        try:
            ncmec.page(body, ABOUT)
            read(body, 7)
        except UsageError:
            pass


@given(mutations(VALID))
def test_mutations_of_an_answer_are_named_or_quarantined(body: bytes) -> None:
    try:
        batch = ncmec.page(body, ABOUT).batch
    except UsageError:
        return
    assert read(body, 11) == (batch.entries, batch.bad)


words = st.text(
    st.characters(exclude_categories=("Cc", "Cs", "Zs", "Zl", "Zp", "Cn"), exclude_characters="\ufffe\uffff"),
    min_size=1,
    max_size=30,
)
found = st.lists(
    st.one_of(
        st.tuples(st.just("md5"), st.binary(min_size=16, max_size=16)),
        st.tuples(st.just("sha1"), st.binary(min_size=20, max_size=20)),
        st.tuples(st.just("sha256"), st.binary(min_size=32, max_size=32)),
        st.tuples(st.just("pdq"), st.just(PDQ)),
    ),
    min_size=1,
    max_size=5,
    unique=True,
)
entries = st.builds(
    ListEntry,
    member=st.integers(1, 10**9).map("ncmec:{}".format),
    member_entry_id=words,
    digests=found.map(tuple),
    media=st.sampled_from(["image", "video"]),
    deleted=st.booleans(),
    opinions=st.lists(
        st.builds(Opinion, st.integers(1, 99).map("ncmec:{}".format), st.sampled_from(["confirm"])),
        max_size=3,
        unique_by=lambda opinion: opinion.organisation,
    ).map(tuple),
)


@given(st.lists(entries, max_size=6), st.integers(1, 500))
def test_what_is_rendered_is_read(rendered: list[ListEntry], size: int) -> None:
    body = answers.page(rendered)
    wanted = sorted(rendered, key=lambda entry: entry.media == "video")
    assert ncmec.page(body, ABOUT).batch.entries == wanted
    assert read(body, size) == (wanted, [])
