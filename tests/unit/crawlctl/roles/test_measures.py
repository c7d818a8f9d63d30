"""Each part's metrics are those of the table, with its labels, and each is told by one part alone."""

from collections import Counter
from collections.abc import Iterable
from types import SimpleNamespace
from typing import Any

from contracts.lists import FLOOD
from contracts.metrics import BY_NAME, Sample
from crawlctl.roles import measures
from crawlctl.roles.workers import digesting

COUNTS: Any = Counter({"ok": 2})


def parts() -> dict[str, list[Sample]]:
    shard = SimpleNamespace(
        epochs={1: 1},
        queued_urls=5,
        bench=SimpleNamespace(hosts={1: 1}, due=lambda now: 1),
        out={b"o": 1},
        rechecks=6,
        totals=Counter(),
    )
    machine: Any = SimpleNamespace(shard=shard)
    fetcher: Any = SimpleNamespace(repeats=(10, 4), out=1, connections=2, counts=COUNTS)
    digester: Any = SimpleNamespace(pending=0, processes=[1], starts=1, counts=COUNTS)
    hasher: Any = SimpleNamespace(counts=COUNTS, index=[1, 2, 3], index_age=0.1, index_changes=4)
    notices: Any = SimpleNamespace(
        held=Counter({FLOOD: 5}),
        figures={"cases:gone": 3.0, "notices:written": 2.0, "rechecks:late": 1.0, "outbox_age": 7.5},
        judging=SimpleNamespace(counts=Counter({"absent": 4})),
        checking=SimpleNamespace(counts=Counter({"covers": 6})),
        cases=SimpleNamespace(alerts=Counter({"stays": 1})),
    )
    counters = {
        "requests": 7,
        "state:1": 3,
        "refused:robots": 2,
        "error:503": 1,
        "robots:rules": 1,
        "unknown": 1,
        "odd:x": 1,
    }
    found: dict[str, Iterable[Sample]] = {
        "kept": measures.kept(counters, 1.0),
        "serving": measures.serving(machine, 1.0),
        "fetching": measures.fetching(fetcher),
        "digesting": digesting(digester),
        "matching": measures.matching(hasher),
        "noticing": measures.noticing(notices),
    }
    return {name: list(samples) for name, samples in found.items()}


def test_all_are_in_the_table_with_their_labels() -> None:
    for samples in parts().values():
        for name, labels, _ in samples:
            assert len(BY_NAME[name].labels) == len(labels), name


def test_no_two_parts_tell_the_same() -> None:
    names = Counter(name for samples in parts().values() for name in {sample[0] for sample in samples})
    assert [name for name, times in names.items() if times > 1] == []


def test_values_and_what_is_not_known() -> None:
    found = parts()
    assert ("pisaura_requests_total", (), 7) in found["kept"]
    assert ("pisaura_refusals_total", ("robots",), 2) in found["kept"]
    assert ("pisaura_urls", ("fetched",), 3) in found["kept"]
    assert ("pisaura_links_repeated_total", (), 4) in found["fetching"]
    assert ("pisaura_index_digests", (), 3) in found["matching"]
    assert {
        ("pisaura_entries_held_total", (FLOOD,), 5),
        ("pisaura_cases", ("gone",), 3.0),
        ("pisaura_cases", ("held",), 0),
        ("pisaura_notices", ("written",), 2.0),
        ("pisaura_case_rechecks", ("late",), 1.0),
        ("pisaura_outbox_age_seconds", (), 7.5),
        ("pisaura_recheck_verdicts_total", ("absent",), 4),
        ("pisaura_recheck_covers_total", (), 6),
        ("pisaura_case_alerts_total", ("stays",), 1),
    } <= set(found["noticing"])
    assert list(measures.serving(None, 1.0)) == [("pisaura_frontier_ready", (), 0.0)]
