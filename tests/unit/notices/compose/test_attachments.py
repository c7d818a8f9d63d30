"""Files of a notice."""

import json

from hypothesis import given

from contracts.notices import Notice
from notices.compose.attachments import attachments
from tests.notices import OPERATOR, notice, notices, place


def test_exact_urls_are_in_the_attachment() -> None:
    first, *rest = attachments(notice(place(1), place(2, legality="unknown", category="")), OPERATOR)
    told = json.loads(first.data)
    assert first.name == "places.json"
    assert [one["url"] for one in told["places"]] == [place(1).url, place(2).url]
    assert told["places"][0]["pages"] == ["https://pages.example/topic/1"]
    assert len(rest) == 1 and json.loads(rest[0].data)["url"] == place(1).url


@given(notices)
def test_files_are_ascii_json_and_exact(one: Notice) -> None:
    for found in attachments(one, OPERATOR):
        assert found.data.isascii() and found.name.isascii() and "/" not in found.name
        json.loads(found.data)
    told = json.loads(attachments(one, OPERATOR)[0].data)
    assert [place["url"] for place in told["places"]] == [place.url for place in one.places]


def test_never_media_thumbnails_or_screenshots() -> None:
    assert {found.name.rpartition(".")[2] for found in attachments(notice(), OPERATOR)} == {"json"}
