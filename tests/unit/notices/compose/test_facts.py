"""What is told of a place."""

import pytest

from notices.compose.facts import PAGES, lines, match_of, record
from notices.compose.wording import LANGUAGES, words
from tests.notices import NOW, place


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_notice_holds_urls_address_times_size_type_sha256_match_category_and_legal_basis(language: str) -> None:
    one, said = place(), words(language)
    told = dict(lines(one, "first", said))
    label = said.labels
    assert told[label["media"]] == "hxxps[:]//media[.]example/files/1[.]jpg?size=large"
    assert told[label["page"]] == "hxxps[:]//pages[.]example/topic/1"
    assert told[label["address"]] == "203[.]0[.]113[.]5"
    assert told[label["first"]] == "2023-11-14 22:13:20 UTC"
    assert told[label["last"]] == "2023-11-14 23:13:20 UTC"
    assert told[label["size"]].startswith("123456 ")
    assert told[label["type"]] == "image/jpeg"
    assert told[label["sha256"]] == one.sha256.hex()
    assert told[label["match"]] == said.match["exact"]
    assert "A1" in told[label["category"]] and said.about["csam"] in told[label["category"]]
    assert told[label["basis"]] == said.legality["baseline"]


def test_pages_lead_where_their_host_is_told() -> None:
    said = words("en")
    assert [label for label, _ in lines(place(), "page", said)][:2] == ["Page", "Embedded media"]
    assert [label for label, _ in lines(place(), "first", said)][:2] == ["Media", "Page"]


def test_many_pages_are_cut_and_counted() -> None:
    one = place(pages=tuple(f"https://p.example/{number}" for number in range(PAGES + 7)))
    assert dict(lines(one, "first", words("en")))["Further pages"] == "7"
    assert (len(record(one)["pages"]), record(one)["pages_left_out"]) == (PAGES, 7)


def test_near_and_confirmed_are_told_apart() -> None:
    assert match_of(place()) == "exact"
    assert match_of(place(near=True)) == "near"
    assert match_of(place(near=True, confirmed=True)) == "confirmed"


def test_machines_get_exact_urls() -> None:
    one = place(url="https://media.example/\u202ea.jpg", media_type="image/\x1bjpeg")
    told = record(one)
    assert told["url"] == one.url
    assert told["media_type"] == "image/\ufffdjpeg"
    assert (told["first_confirmed"], told["last_confirmed"]) == ("2023-11-14T22:13:20Z", "2023-11-14T23:13:20Z")
    assert told["sha256"] == one.sha256.hex() and told["size"] == 123_456 and one.first_seen == NOW


def test_what_is_not_known_is_said_so() -> None:
    told = dict(lines(place(address="", media_type="", legality="strange"), "first", words("en")))
    assert told["Server address"] == told["Type"] == "not known"
    assert told["Legal basis"] == words("en").legality["unknown"]
