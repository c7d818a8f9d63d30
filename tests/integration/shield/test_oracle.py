""" "Shield is not an oracle" (docs/domain.md, section 4): each rule of it, against a real Shield over a real vault."""

import asyncio
import hashlib
import logging
import random
from base64 import b32encode
from collections import Counter

import asyncpg
import pytest
from PIL import Image

from backends.postgres.vault_shield import Suspensions
from contracts.lists import ListSource
from hasher.digests import media_digests
from hasher.pdq import distance
from tests.pictures import picture
from tests.postgres import Database
from tests.shielding import Provider, png, scene, served
from tests.vaults import entry, flipped

PDQ = media_digests(scene(1)).frames[0].forms[0]
RADIUS = 31


def bits(digest: bytes, *flips: int) -> bytes:
    """A digest with these bits changed."""
    value = int.from_bytes(digest)
    for bit in flips:
        value ^= 1 << bit
    return value.to_bytes(32)


async def climb(provider: Provider, start: bytes, questions: int) -> tuple[bytes, Counter[str]]:
    """A real attack: walk from a match to the edge, then flip each bit there: what turns a miss into a match differs from the entry.

    Returns the best guess at the entry's digest, and what was said of near answers.
    """
    chance, said = random.Random(5), Counter[str]()

    async def near(asked: bytes) -> bool:
        (answer,) = await provider.pdq(asked)
        said[answer["near_answers"]] += 1
        return bool(answer["match_type"] == "near")

    order = chance.sample(range(256), 256)
    at, walked = start, 0
    while walked < len(order) and sum(said.values()) < questions and await near(at):  # outwards, until it is no match
        at = bits(at, order[walked])
        walked += 1
    guess = at
    for bit in order:  # at distance 32: a bit that brings it back is one that differs
        if sum(said.values()) >= questions:
            break
        if await near(bits(at, bit)):
            guess = bits(guess, bit)
    return guess, said


@pytest.mark.parametrize("defended", [True, False])
async def test_a_hill_climb_fails(vault_database: Database, defended: bool, caplog: pytest.LogCaptureFixture) -> None:
    """ "queries that circle one entry ... suspend near answers and alert (a hill-climb test must fail)"."""
    most = 50 if defended else 100_000
    start = flipped(PDQ, 25, 3)
    async with served(vault_database, rate=100_000, burst=100_000, circling=most) as bench:
        attacker, other = await bench.provider("attacker", "pdq"), await bench.provider("other", "pdq")
        await bench.add(entry("e", ("pdq", PDQ)))
        with caplog.at_level(logging.WARNING):
            guess, said = await climb(attacker, start, 400)
        if not defended:
            assert guess == PDQ, "without the rule the attack works: it is a real one"
            assert said.keys() == {"given"}
            return
        assert said["given"] <= 60
        assert said["suspended"] > 100
        assert distance(guess, PDQ) >= 16, "most of the 25 bits that the attacker did not know it does not know now"
        assert [record.levelname for record in caplog.records] == ["WARNING"]
        assert "circles an entry" in caplog.text and PDQ.hex() not in caplog.text
        assert (await other.pdq(PDQ))[0]["match_type"] == "near", "nobody else is concerned"
        await until_stored(vault_database)


async def until_stored(database: Database) -> None:
    connection = await asyncpg.connect(database.dsn())
    try:
        assert await connection.fetchval("SELECT count(*) FROM shield_suspensions WHERE lifted_at IS NULL") == 1
    finally:
        await connection.close()


async def test_a_climb_by_pictures_fails_too(vault_database: Database) -> None:
    """Turned and mirrored pictures are no way around: a question is looked at in all its forms."""
    known = picture(1)
    chance = random.Random(2)
    async with served(vault_database, rate=100_000, burst=100_000) as bench:
        attacker = await bench.provider("attacker")
        await bench.add(entry("e", ("pdq", flipped(PDQ, 8, 1))))
        answers = []
        turns = [None, *list(Image.Transpose)[:5]]
        for number in range(120):
            changed = known.copy()
            for _ in range(1 + number % 4):
                x, y = chance.randrange(280), chance.randrange(200)
                changed.paste((chance.randrange(256),) * 3, (x, y, x + 45, y + 45))
            turn = turns[number % 6]
            answers.append(await attacker.media(png(changed if turn is None else changed.transpose(turn))))
        said = [answer["near_answers"] for answer in answers]
        assert said[-1] == "suspended"
        assert said.index("suspended") <= 80
        kinds = Counter(answer["match_type"] for answer in answers[: said.index("suspended")])
        assert kinds["near"] and kinds[None], "they straddled the edge"
        assert answers[-1]["classification"] == "no-known-match"


async def test_the_frames_of_a_video_pass(vault_database: Database) -> None:
    """ "a video's frames pass": many pictures within 64 bits, some of which match, asked for in the order of the film."""
    film = picture(1, 2700, 720)  # a slow film: a third of a pixel a frame, as it is shown at this size
    async with served(vault_database, rate=100_000, burst=100_000) as bench:
        provider = await bench.provider("provider", "pdq")
        frames = [film.crop((x, 0, x + 960, 720)).resize((320, 240)) for x in range(120)]
        hashes = [media_digests(png(frame)).frames[0].forms[0] for frame in frames]
        known = hashes[60]
        await bench.add(entry("e", ("pdq", known)))
        around = [one for one in hashes if distance(one, known) <= 64]
        assert len(set(around)) > 50, "more than a circle may have"
        assert {distance(one, known) <= RADIUS for one in around} == {True, False}, "on both sides of the edge"
        by_hash = await provider.pdq(*hashes)
        by_file = [await provider.media(png(frame)) for frame in frames[45:75]]
        assert {one["near_answers"] for one in (*by_hash, *by_file)} == {"given"}
        assert [one["match_type"] for one in by_hash] == [
            "near" if distance(one, known) <= RADIUS else None for one in hashes
        ]


async def test_no_distances_and_pseudonyms_of_ones_own(vault_database: Database) -> None:
    """ "no distances; near details carry per-key HMAC pseudonyms unless the source's terms allow more"."""
    async with served(vault_database) as bench:
        one, other = await bench.provider("one", "pdq"), await bench.provider("other", "pdq")
        real = (("sha256", b"\5" * 32), ("sha1", b"\6" * 20))
        await bench.add(entry("secret", ("pdq", PDQ), *real))
        (mine,), (again,), (theirs,) = (
            await one.pdq(flipped(PDQ, 3)),
            await one.pdq(flipped(PDQ, 30)),
            await other.pdq(PDQ),
        )
        assert mine == again, "however near: the same answer"
        assert mine["near_match_details"]["sha256_hex"] != theirs["near_match_details"]["sha256_hex"]
        assert mine["near_match_details"]["sha256_hex"] != real[0][1].hex()
        open_terms = ListSource("open", uses=("shield", "export"))
        await bench.add(
            entry("open", ("pdq", flipped(PDQ, 128, 9)), ("sha256", b"\7" * 32), ("sha1", b"\x08" * 20)),
            source=open_terms,
        )
        (told,) = await one.pdq(flipped(PDQ, 128, 9))
        assert told["near_match_details"]["sha256_hex"] == "07" * 32
        assert told["near_match_details"]["sha1_base32"] == b32encode(b"\x08" * 20).decode()


async def test_a_daily_quota_of_distinct_near_answers(vault_database: Database) -> None:
    """ "per key a daily quota of distinct near answers"; what exact answers say is not touched, nor is what others hear."""
    async with served(vault_database, near_daily=3) as bench:
        one, other = await bench.provider("one", "pdq"), await bench.provider("other", "pdq")
        known = [random.Random(n).randbytes(32) for n in range(5)]
        await bench.add(
            *(entry(f"e{n}", ("pdq", pdq)) for n, pdq in enumerate(known)), entry("x", ("sha256", b"\1" * 32))
        )
        assert [a["match_type"] for a in await one.pdq(known[0], flipped(known[0], 2), known[1])] == ["near"] * 3
        assert (await one.pdq(known[2]))[0]["match_type"] == "near"
        late = await one.pdq(known[3], known[0], bytes(32))
        assert [a["match_type"] for a in late] == [None] * 3
        assert [a["near_answers"] for a in late] == ["quota"] * 3, "said of every question alike: no oracle either"
        status, said, _ = await one.post("/v1/digests/", {"digests": [{"sha256": "01" * 32}]})
        assert (status, said["scanned_digests"][0]["match_type"]) == (200, "exact")
        assert (await other.pdq(known[3]))[0]["match_type"] == "near"


async def test_pdq_is_a_grant_of_its_own(vault_database: Database) -> None:
    """ "`v1/pdq` is a grant of its own"; so is PDQ in a batch."""
    async with served(vault_database) as bench:
        provider = await bench.provider()
        status, said, _ = await provider.post("/v1/pdq/", {"hashes": []})
        assert (status, "grant" in said["detail"]) == (403, True)
        status, said, _ = await provider.post("/v1/digests/", {"digests": [{"pdq": PDQ.hex()}]})
        assert (status, "grant" in said["detail"]) == (403, True)


async def test_what_is_kept(vault_database: Database, caplog: pytest.LogCaptureFixture) -> None:
    """ "No provider's digest, URL or media is stored or retro-matched; on a match only key, entry, time, request id, for 30 days"."""
    media, other = scene(1), scene(2)
    with caplog.at_level(logging.DEBUG):
        async with served(vault_database) as bench:
            provider = await bench.provider("provider", "pdq")
            await bench.add(entry("e", ("pdq", PDQ)))
            await provider.media(media)
            await provider.media(other)
            await provider.pdq(flipped(PDQ, 1))
            late = media_digests(other).frames[0].forms[0]
            await bench.add(entry("late", ("pdq", late)))
            request = provider.request_ids[0]
    connection = await asyncpg.connect(vault_database.dsn())
    try:
        rows = await connection.fetch("SELECT * FROM shield_matches ORDER BY at")
        assert [set(row.keys()) for row in rows] == [{"account", "entry_id", "at", "request"}] * 2
        assert rows[0]["request"] == request
        tables = [
            row[0]
            for row in await connection.fetch(
                "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
            )
        ]
        kept = "".join([str(await connection.fetch(f"SELECT t::text FROM {table} t")) for table in tables])
        assert await connection.fetchval("SELECT count(*) FROM media") == 0
        assert await connection.fetchval("SELECT count(*) FROM matches") == 0
    finally:
        await connection.close()
    for data in (media, other):
        for digest in (hashlib.sha256(data), hashlib.sha1(data), hashlib.md5(data)):
            assert digest.hexdigest() not in kept + caplog.text
    assert flipped(PDQ, 1).hex() not in kept + caplog.text
    assert "entry" not in caplog.text


async def test_people_lift_a_suspension(vault_database: Database) -> None:
    async with served(vault_database, rate=100_000, burst=100_000) as bench:
        provider = await bench.provider("provider", "pdq")
        await bench.add(entry("e", ("pdq", PDQ)))
        await climb(provider, flipped(PDQ, 25, 3), 100)
        assert (await provider.pdq(PDQ))[0]["near_answers"] == "suspended"
        connection = await asyncpg.connect(vault_database.dsn("pisaura_notices"))
        try:
            suspensions = Suspensions(connection)
            (row,) = await suspensions.all(10)
            assert (row.name, row.lifted_at) == ("provider", 0.0)
            assert await suspensions.lift("provider", "anna", "a film", 1_700_000_000.0) == 1
            (row,) = await suspensions.all(10)
            assert (row.lifted_by, row.why) == ("anna", "a film")
        finally:
            await connection.close()
        async with asyncio.timeout(10):
            while (await provider.pdq(PDQ))[0]["near_answers"] != "given":
                await asyncio.sleep(0.05)
