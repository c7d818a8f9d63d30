"""What a cluster needs: arithmetic by hand, more never needs less, and which part gives out first."""

from dataclasses import replace

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.cluster import Kafka
from contracts.settings import Politeness, Settings
from crawlctl.costs import COSTS
from crawlctl.sizing import BUCKETS, Limit, Sizing, Wanted, compute


def needed(sizing: Sizing) -> dict[tuple[str, str], float]:
    """Values by part and name, each pair once."""
    found = {(need.part, need.name): need.value for need in sizing.needs}
    assert len(found) == len(sizing.needs)
    return found


def limit(sizing: Sizing, part: str) -> Limit:
    """The one limit whose name begins so."""
    (found,) = [each for each in sizing.limits if each.part.startswith(part)]
    return found


PLAIN = replace(
    COSTS, fetcher_page=0.001, fetcher_image=0.0005, decode=0.004, frontier_fetched=0.0001, frontier_new=0.00001,
    hasher_image=0.001, cluster_cpu_ratio=2.0, busy=0.5, new_urls=10.0, page_records=2.0, page_bytes=1000.0,
    image_records=1.0, image_bytes=500.0, order_urls=10.0, fetched_rows=4.0, fetched_wal=1000.0, fetched_cpu=20e-6,
    new_rows=2.0, new_wal=500.0, new_cpu=10e-6, url_disk=300.0, url_index=100.0, queue_disk=200.0, queue_days=1.0,
    page_size=25_000.0, image_size=100_000.0, request=0.5, address=100.0, broker_bytes=1e6, broker_records=1e6,
    sighting_rows=2.0, sighting_wal=2000.0, sighting_cpu=40e-6, sighting_disk=1000.0, sighting_index=300.0,
    checkpoint=1000.0, full_page=4000.0, postgres_wal=1e6, postgres_cores=1.0, postgres_memory=1e9, kept_urls=1.0,
)  # fmt: skip


def test_by_hand() -> None:
    """100 pages and 200 pictures a second; 8.192 million known URLs, so that their indexes have 100,000 blocks."""
    sizing = compute(Wanted(100, 2, 8_192_000), Settings(), PLAIN)
    found = needed(sizing)
    assert found["processes", "fetchers"] == 1  # 100 x 1 ms + 200 x 0.5 ms, twice: 0.4 of a core that may be half busy
    assert found["processes", "digest workers"] == 2 and found["processes", "decode cores"] == pytest.approx(0.8)
    assert found["processes", "frontier shards"] == 1
    assert found["processes", "cores in all"] == pytest.approx(
        0.4 + 2 * (300 * 0.0001 + 1200 * 0.00001) + 200 * 0.001 + 0.8
    )
    assert found["web", "bits in"] == pytest.approx(8 * (2.5e6 + 20e6) / 1e9)
    assert (
        found["web", "hosts at a time"] == found["web", "connections"] == 450
    )  # a delay of 1 s and half a second each
    assert found["web", "DNS queries"] == 9
    assert found["Kafka", "orders"] == 30 and found["Kafka", "records in"] == 430
    assert found["Kafka", "in"] == pytest.approx(0.2) and found["Kafka", "written"] == pytest.approx(0.6)
    assert found["Kafka", "brokers"] == 3 and found["Kafka", "disk in all"] == pytest.approx(
        0.2e6 * 3 * 3 * 86400 / 1e9
    )
    assert found["Postgres crawl", "rows written"] == 300 * 4 + 1200 * 2
    # 1,200 new URLs a second change more blocks than there are: each of the 100,000 once in 1,000 s. Of the table 200 a second.
    assert found["Postgres crawl", "WAL"] == pytest.approx((300_000 + 600_000 + 4000 * (100 + 200)) / 1e6)
    assert found["Postgres crawl", "memory for indexes"] == pytest.approx(0.8192)
    assert found["Postgres crawl", "disk in all"] == pytest.approx((8_192_000 * 300 + 8_192_000 * 200) / 1e9)
    assert found["Postgres crawl", "disk a day"] == pytest.approx(300 * 300 * 86400 / 1e9)
    assert found["Postgres crawl", "connections"] == 3 and found["Postgres vault", "connections"] == 4
    assert found["Postgres vault", "rows written"] == 400
    known = 8_192_000 * 2 / 3
    assert found["Postgres vault", "WAL"] == pytest.approx((400_000 + 4000 * known * 300 / 8192 / 1000) / 1e6)
    assert found["Postgres vault", "disk in all"] == pytest.approx(known * 1000 / 1e9)
    assert limit(sizing, "Postgres crawl: memory").until == pytest.approx(1e7)


def test_settings_count() -> None:
    settings = Settings(politeness=Politeness(delay=9.5), kafka=Kafka(replication=5))
    found = needed(compute(Wanted(100, 0, 0), settings, PLAIN))
    assert found["web", "hosts at a time"] == 1000
    assert found["Kafka", "brokers"] == 5 and found["Kafka", "written"] == pytest.approx(0.5)


def test_the_first_bottleneck_is_what_is_used_up_first() -> None:
    sizing = compute(Wanted(100, 2, 8_192_000), Settings(), PLAIN)
    assert sizing.limits[0].part.startswith("Postgres crawl: WAL")
    assert sizing.limits[0].share == pytest.approx(2.1) and sizing.limits[0].until is not None
    at = replace(PLAIN, postgres_wal=1e12, broker_bytes=1e4)
    assert compute(Wanted(100, 2, 8_192_000), Settings(), at).limits[0].part.startswith("Kafka")
    at = replace(PLAIN, postgres_wal=1e12, postgres_memory=1e6)
    assert compute(Wanted(100, 2, 8_192_000), Settings(), at).limits[0].part.startswith("Postgres vault: memory")
    at = replace(PLAIN, postgres_wal=1e12, hasher_image=100.0)
    assert compute(Wanted(100, 2, 8_192_000), Settings(), at).limits[0].part.startswith("hashers")


def test_what_it_names_is_used_up_there() -> None:
    wanted = Wanted(100, 2, 8_192_000)
    for each in compute(wanted, Settings(), PLAIN).limits:
        if each.unit == "pages/s" and each.until is not None:
            there = compute(msgspec.structs.replace(wanted, pages_per_second=each.until), Settings(), PLAIN)
            assert limit(there, each.part).share == pytest.approx(1.0)
            assert each.reach == pytest.approx(each.until / wanted.pages_per_second)


def test_what_is_asked_of_the_design() -> None:
    """3,000 pages and 30,000 pictures a second, 1,000 million known URLs."""
    sizing = compute(Wanted())
    found = needed(sizing)
    assert found["web", "requests"] == 33_000
    assert 10 < found["web", "bits in"] < 30 and 50 < found["processes", "decode cores"] < 200
    assert sizing.limits[0].reach == min(each.reach for each in sizing.limits if each.reach is not None)
    assert sizing.limits[0].part.startswith("Postgres")


def test_nothing_known_and_no_pictures() -> None:
    sizing = compute(Wanted(1, 0, 0))
    found = needed(sizing)
    assert found["processes", "hashers"] == found["processes", "digest workers"] == 1
    assert found["Postgres vault", "rows written"] == 0
    assert limit(sizing, "Postgres vault: WAL").until is None
    assert limit(sizing, "Postgres crawl: memory").reach is None
    assert sizing.limits[0].reach is not None


@pytest.mark.parametrize("wanted", [(0, 1, 1), (-1, 1, 1), (1, -1, 1), (1, 1, -1), (float("nan"), 1, 1), (1, 1, 1e16)])
def test_what_nobody_can_want(wanted: tuple[float, float, float]) -> None:
    with pytest.raises(ValueError, match="pages above 0"):
        compute(Wanted(*wanted))


RATES = st.floats(0.01, 1e6)


@given(RATES, st.floats(0, 1000), st.floats(0, 1e13), st.floats(1, 100), st.floats(1, 100), st.floats(1, 100))
def test_more_never_needs_less(
    pages: float, images: float, known: float, faster: float, richer: float, longer: float
) -> None:
    few = compute(Wanted(pages, images, known))
    more = compute(Wanted(pages * faster, images * richer, known * longer))
    lower, higher = needed(few), needed(more)
    assert lower.keys() == higher.keys()
    for name, value in lower.items():
        assert higher[name] >= value * (1 - 1e-9), name
    shares = {each.part: each.share for each in more.limits}
    assert all(shares[each.part] >= each.share * (1 - 1e-9) for each in few.limits)


@given(RATES, st.floats(0, 1000))
def test_partitions_are_such_as_can_be(pages: float, images: float) -> None:
    partitions = int(needed(compute(Wanted(pages, images)))["processes", "partitions"])
    assert 1 <= partitions <= BUCKETS and BUCKETS % partitions == 0
