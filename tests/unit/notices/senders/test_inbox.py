"""Answers of providers' APIs count only if signed."""

import json

import pytest

from contracts.errors import Corrupt
from notices.senders.inbox import APART, Inbox, Unsigned
from notices.senders.providers import Provider
from notices.senders.webhook import SIGNATURE, TIMESTAMP, signature
from tests.notices import NOW
from tests.unit.notices.replies.messages import NUMBER
from tests.unit.notices.senders.keeper import Keeper

SECRET = b"0123456789abcdef"
BODY = json.dumps({"id": "e1", "notice": NUMBER, "kind": "removed"}).encode()


def fields(timestamp: str = str(int(NOW)), secret: bytes = SECRET, body: bytes = BODY) -> dict[str, str]:
    return {TIMESTAMP.lower(): timestamp, SIGNATURE.lower(): signature(secret, timestamp, body)}


def inbox(keeper: Keeper) -> Inbox:
    providers = {"host": Provider("host", "https://host.example/", SECRET, None)}
    return Inbox(providers, keeper, lambda: NOW)


async def test_a_signed_answer_is_kept_once() -> None:
    keeper = Keeper()
    assert await inbox(keeper).take("host", fields(), BODY) == await inbox(keeper).take("host", fields(), BODY) == 1
    (kept,) = keeper.kept.values()
    assert (kept.reply.kind, kept.references, kept.reply.at) == ("removed", (NUMBER,), NOW)


@pytest.mark.parametrize(
    ("provider", "said", "body"),
    [
        ("other", fields(), BODY),
        ("host", {}, BODY),
        ("host", fields(secret=b"another-secret-of-16"), BODY),
        ("host", fields(), BODY + b" "),
        ("host", fields(str(int(NOW - APART - 2))), BODY),
        ("host", fields(str(int(NOW + APART + 2))), BODY),
        ("host", fields("now"), BODY),
        ("host", fields("9" * 5_000), BODY),
        ("host", fields() | {SIGNATURE.lower(): "é\ud800"}, BODY),
    ],
)
async def test_anything_else_is_not_looked_at(provider: str, said: dict[str, str], body: bytes) -> None:
    keeper = Keeper()
    with pytest.raises(Unsigned):
        await inbox(keeper).take(provider, said, body)
    assert not keeper.kept


async def test_a_signed_answer_that_is_none() -> None:
    with pytest.raises(Corrupt):
        await inbox(Keeper()).take("host", fields(body=b"{}"), b"{}")
