"""contracts.errors: what is said of errors that nobody foresaw (design, section 7: no location in logs and errors)."""

import json

from contracts.errors import kind_and_place


def test_an_unforeseen_error_is_told_by_kind_and_place_never_by_its_text() -> None:
    try:
        json.loads("http://secret.test/")
    except ValueError as error:
        said = kind_and_place(error)
    assert said.startswith("JSONDecodeError in json.decoder.raw_decode:")
    assert "secret" not in said


def test_one_that_was_never_raised_has_no_place() -> None:
    assert kind_and_place(KeyError("http://secret.test/")) == "KeyError"
