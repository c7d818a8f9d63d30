"""Replies are sealed, each under a key of its own."""

import pytest

from contracts.errors import Corrupt
from contracts.notices import Reply
from contracts.replykeys import open_reply, seal_reply
from contracts.seal import Opener, Sealer, new_keys

REPLY = Reply("r@h.example", "n@h.example", "question", 1.0, "Où est-ce ?", sender="abuse@host.example", subject="Re")


def test_who_has_the_keys_opens_a_reply() -> None:
    keys = new_keys()
    wrapped, sealed = seal_reply(REPLY, Sealer(keys.public))
    assert open_reply(wrapped, sealed, Opener(keys.secret)) == REPLY
    assert b"host.example" not in wrapped + sealed


def test_nobody_else_does_nor_once_its_key_is_destroyed() -> None:
    keys = new_keys()
    wrapped, sealed = seal_reply(REPLY, Sealer(keys.public))
    other, _ = seal_reply(REPLY, Sealer(keys.public))
    for key, data, opener in (
        (wrapped, sealed, Opener(new_keys().secret)),
        (b"", sealed, Opener(keys.secret)),
        (other, sealed, Opener(keys.secret)),
        (wrapped, sealed[:-1], Opener(keys.secret)),
    ):
        with pytest.raises(Corrupt):
            open_reply(key, data, opener)
