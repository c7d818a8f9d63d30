"""Hand-offs to the hotline's own assessment tool, and its answers."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace
from nacl.public import PrivateKey
from nacl.signing import SigningKey

from contracts.errors import UsageError
from contracts.people import Identity
from contracts.removal import Review
from contracts.settings import Settings
from notices.desk import handoff
from notices.desk.further import Answer
from notices.desk.handoff import Assessed, HandedOff
from notices.desk.words import Asked, CaseAsked, Decide
from tests.casework import KEYS
from tests.desks import ANNA, BERT, OPERATOR, PAGE, SUE, Desk, desks
from tests.postgres import Database

SECRET, SIGN = PrivateKey.generate(), SigningKey.generate()
ASSESSED = "assessed-in-hotline-tool"


@asynccontextmanager
async def tooled(database: Database, folder: Path) -> AsyncIterator[Desk]:
    folder.mkdir()
    file = folder.parent / "tool.toml"
    file.write_text(
        f'public_key = "{bytes(SECRET.public_key).hex()}"\nverify_key = "{SIGN.verify_key.encode().hex()}"\nfolder = "{folder}"\n'
    )
    async with desks(database, Settings(operator=OPERATOR, review=Review(handoff=str(file)))) as desk:
        for who in (ANNA, BERT):
            await desk.accounts.add(who.name, who.role, "sue", desk.now)
        yield desk


async def hand(desk: Desk, who: Identity, number: int) -> HandedOff:
    done = await desk.act(who, "review.handoff", CaseAsked(number, ""))
    ours = handoff.signing_key(KEYS).verify_key.encode()
    return handoff.unpack(handoff.HANDOFF, Path(done.where).read_bytes(), bytes(SECRET), ours, HandedOff)


def assessed(handed: HandedOff, person: str, at: float, decision: str = "release", **more: Any) -> Assessed:
    return replace(
        Assessed(handed.reference, KEYS.public.hex(), handed.case, handed.sha256, person, decision, at, "seen"), **more
    )


def answer(said: Assessed, sign: SigningKey = SIGN) -> Answer:
    return Answer(handoff.pack(handoff.ANSWER, said, KEYS.public, sign))


# "hand-off to the hotline's own assessment tool (signed, encrypted file or webhook)"
async def test_answers_of_the_tool_are_decisions_of_whom_they_name(vault_database: Database, tmp_path: Path) -> None:
    async with tooled(vault_database, tmp_path / "out") as desk:
        number = await desk.case(1)
        handed = await hand(desk, ANNA, number)
        assert (handed.url, handed.address, handed.pages) == ("http://host.test/1.png", "192.0.2.7", [PAGE])
        assert (handed.case, handed.organisation, handed.near, handed.evidence[0].entry) == (
            number,
            "Hotline",
            True,
            "IWF/e1",
        )
        assert await desk.trail() == [("anna", "review.handoff", str(number), "hand-off to the assessment tool", 2)], (
            "the exact place is in it: a person's read"
        )
        assert [path.stat().st_mode & 0o777 for path in (tmp_path / "out").iterdir()] == [0o600]
        assert handed.url.encode() not in next((tmp_path / "out").iterdir()).read_bytes()
        assert (await hand(desk, ANNA, number)).reference == handed.reference
        became = await desk.act(SUE, "review.take", answer(assessed(handed, "anna", desk.now)))
        assert (became.state, became.by) == ("in_review", ["anna"])
        (word,) = (await desk.office.store.file(number)).case.decisions
        assert (word.person, word.decision, word.basis) == ("anna", "release", ASSESSED)
        with pytest.raises(UsageError, match="you have decided"):  # replayed
            await desk.act(SUE, "review.take", answer(assessed(handed, "anna", desk.now)))
        became = await desk.act(SUE, "review.take", answer(assessed(handed, "bert", desk.now)))
        assert became.state == "released"


async def test_answers_that_are_not_to_be_believed(vault_database: Database, tmp_path: Path) -> None:
    async with tooled(vault_database, tmp_path / "out") as desk:
        number = await desk.case(1)
        handed = await hand(desk, ANNA, number)
        good, now = assessed(handed, "anna", desk.now), desk.now
        packed = answer(good).answer
        refused = {
            "by another key": answer(good, SigningKey.generate()),
            "cut": Answer(packed[:-5]),
            "changed": Answer(packed[:-1] + bytes([packed[-1] ^ 1])),
            "empty": Answer(b""),
            "no hand-off": answer(replace(good, reference="00" * 16)),
            "no hex": answer(replace(good, reference="zz")),
            "another case": answer(replace(good, case=number + 1)),
            "another medium": answer(replace(good, sha256="00" * 32)),
            "meant for others": answer(replace(good, to="00" * 32)),
            "nobody's account": answer(replace(good, person="eve")),
            "before the hand-off": answer(replace(good, at=now - 4000)),
            "from the future": answer(replace(good, at=now + 4000)),
            "no decision": answer(replace(good, decision="approve")),
            "a hand-off itself": Answer(next((tmp_path / "out").iterdir()).read_bytes()),
        }
        for name, one in refused.items():
            with pytest.raises(UsageError):
                await desk.act(SUE, "review.take", one)
                pytest.fail(name)
        assert (await desk.office.store.file(number)).case.decisions == ()


async def test_the_tool_is_told_our_keys_and_cases_in_review_only(vault_database: Database, tmp_path: Path) -> None:
    async with tooled(vault_database, tmp_path / "out") as desk:
        keys = await desk.act(ANNA, "review.handoff_keys", Asked())
        assert keys.public == KEYS.public.hex() and len(bytes.fromhex(keys.verify)) == 32
        number = await desk.case(1)
        for who in (ANNA, BERT):
            await desk.act(who, "review.decide", Decide(number, "close", "metadata-only", "x"))
        with pytest.raises(UsageError, match="waits for no review"):
            await desk.act(SUE, "review.handoff", CaseAsked(number, ""))


async def test_without_a_tool_nothing_is_handed_over(vault_database: Database) -> None:
    async with desks(vault_database) as desk:
        number = await desk.case(1)
        with pytest.raises(UsageError, match=r"review.handoff is not set"):
            await desk.act(ANNA, "review.handoff", CaseAsked(number, ""))
        assert await desk.trail() == []
