"""shield.pseudonyms: names of entries for one key."""

from base64 import b32encode

from contracts.shielding import Finding
from shield.pseudonyms import names, pseudonym


def test_the_same_for_one_key_and_unlike_for_another() -> None:
    one, other = bytes(32), b"\1" * 32
    assert pseudonym(one, 7) == pseudonym(one, 7)
    found = {text for secret in (one, other) for entry in (7, 8) for text in pseudonym(secret, entry)}
    assert len(found) == 8
    sha1, sha256 = pseudonym(one, 7)
    assert (len(sha1), len(sha256)) == (32, 64)


def test_the_terms_of_a_source_may_allow_more() -> None:
    told = Finding(7, True, "csam", "unknown", sha1=b"\2" * 20)
    sha1, sha256 = names(bytes(32), told)
    assert sha1 == b32encode(b"\2" * 20).decode()
    assert sha256 == pseudonym(bytes(32), 7)[1], "what the source did not give"
