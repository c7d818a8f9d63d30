"""Lists that change while the web is crawled: in the end exactly what the lists say then has matched, whenever it was seen."""

from collections import Counter
from pathlib import Path

import pytest

from tests.fakeweb.truth import Known, MatchTruth
from tests.fakeweb.web import free_ports
from tests.fakeweb.world import build_demo
from tests.integration.crawls import Ended, Scene, until

pytestmark = pytest.mark.timeout(400)
SLOWLY = {"politeness": {"delay": "200ms"}}
"""So that the crawl goes on while half a dozen verbs start and end."""
HEADER = "algorithm,digest,category,source,series,note"


def csv_of(lines: list[Known], source: str = "fakeweb") -> str:
    """Known lines as a file."""
    return "\n".join([HEADER, *(f"{k.algorithm},{k.digest},{k.category},{source},{k.series}," for k in lines)]) + "\n"


def groups(known: list[Known]) -> dict[str, list[Known]]:
    """The known lines in turn: listed from the start, added later, listed and taken back, listed twice, called harmless later."""
    names = ("first", "later", "withdrawn", "both", "harmless")
    return {name: known[at :: len(names)] for at, name in enumerate(names)}


def expected(matches: list[MatchTruth], lines: list[Known]) -> Counter[tuple[str, str]]:
    """(URL, algorithm) of what these lines explain."""
    digests = {(line.algorithm, line.digest.lower()) for line in lines}
    return Counter({(match.url, match.how) for match in matches if (match.how, match.entry.lower()) in digests})


async def counting(scene: Scene) -> Counter[tuple[str, str]]:
    """(URL, algorithm) of the matches that count now."""
    ended = fine(await scene.verb("matches", "--json"))
    return Counter({(row["url"], row["algorithm"]) for row in ended.json() if row["counts"]})


def fine(ended: Ended) -> Ended:
    """It ended well."""
    assert ended.code == 0, ended.err
    return ended


async def test_matches_follow_the_lists(tmp_path: Path) -> None:
    async with Scene(tmp_path, build_demo(ports=free_ports()), SLOWLY) as scene:
        by = groups(scene.world.truth.known)
        scene.known.write_text(csv_of([*by["first"], *by["withdrawn"], *by["both"], *by["harmless"]]))
        later, harmless = tmp_path / "later.csv", tmp_path / "harmless.csv"
        later.write_text(csv_of([*by["later"], *by["both"]]))
        harmless.write_text(csv_of(by["harmless"], "museum"))

        running = await scene.run("--until-idle")
        some = len(scene.world.expected_urls()) // 3
        await until(lambda: len(scene.counts()) > some, "a third of the web")
        for name, file, kind in (("later", later, "csam"), ("museum", harmless, "known-good")):
            fine(await scene.verb("lists", "add", name, "--format", "csv", "--from", str(file), "--kind", kind))
        fine(await scene.verb("lists", "sync"))
        for line in by["withdrawn"]:
            name = f"fakeweb/{line.algorithm}:{line.digest.lower()}"
            fine(await scene.verb("lists", "withdraw", name, "--why", "taken back by its source"))
        assert running.process.returncode is None, "the crawl ended before the lists had changed"
        fine(await running.ended(150))

        found = await counting(scene)
        assert found == expected(scene.world.truth.matches, [*by["first"], *by["later"], *by["both"]])
        held = fine(await scene.verb("lists", "held", "--json")).json()
        assert {row["held"] for row in held} >= {"known_good"}
