"""What topics must be like, and in what they differ."""

import pytest
from msgspec.structs import replace

from backends.kafka.wanted import Shape, differences, shapes
from contracts.cluster import Kafka
from contracts.errors import UsageError
from contracts.topics import DEAD_LETTERS, TOPICS

SETTINGS = Kafka(bootstrap="b:1", prefix="p.")
WANTED = shapes(SETTINGS, 16)


def test_the_table_becomes_topics() -> None:
    assert WANTED.keys() == {f"p.{name}" for name in [*TOPICS, *DEAD_LETTERS]}
    assert WANTED["p.urls"] == Shape(
        16,
        3,
        {
            "cleanup.policy": "delete",
            "max.message.bytes": "8388608",
            "message.timestamp.type": "CreateTime",
            "min.insync.replicas": "2",
            "retention.ms": "259200000",
        },
    )
    assert WANTED["p.controls"].config["cleanup.policy"] == "compact"
    assert WANTED["p.controls"].partitions == WANTED["p.urls.dead"].partitions == 1
    assert WANTED["p.heartbeats"].config["message.timestamp.type"] == "LogAppendTime"


def test_copies_that_can_never_be_in_sync_are_refused() -> None:
    with pytest.raises(UsageError, match=r"kafka\.min_insync is 2, more than the 1 copies"):
        shapes(Kafka(bootstrap="b:1", replication=1), 16)


def changed(topic: str, partitions: int = 0, replication: int = 0, **config: str) -> dict[str, Shape]:
    shape = WANTED[topic]
    named = {key.replace("_", "."): value for key, value in config.items()}
    return WANTED | {
        topic: replace(
            shape,
            partitions=partitions or shape.partitions,
            replication=replication or shape.replication,
            config=shape.config | named,
        )
    }


def test_nothing_differs_from_itself() -> None:
    assert differences(WANTED, WANTED) == []
    assert differences(WANTED, changed("p.controls", retention_ms="604800000")) == [], "a compacted topic keeps all"


def test_what_is_missing_is_said() -> None:
    (one,) = differences(WANTED, {name: shape for name, shape in WANTED.items() if name != "p.urls"})
    assert one.raises
    assert str(one) == "[p.urls] is missing; run `crawlctl topics create`"


@pytest.mark.parametrize(
    ("there", "what", "said"),
    [
        (changed("p.urls", partitions=8), "partitions", "partitions is 8, but must be 16; it is fixed when a cluster is created"),
        (changed("p.urls", replication=1), "replication", "replication is 1, but must be 3; move its replicas"),
        (changed("p.urls", cleanup_policy="compact"), "cleanup.policy", "it is never changed for you: kafka-configs"),
        (changed("p.urls", retention_ms="-1"), "retention.ms", "it is never lowered for you: kafka-configs"),
        (changed("p.urls", retention_ms="999999999"), "retention.ms", "it is never lowered for you"),
        (changed("p.urls", min_insync_replicas="3"), "min.insync.replicas", "--add-config min.insync.replicas=2"),
        (changed("p.heartbeats", message_timestamp_type="CreateTime"), "message.timestamp.type", "must be LogAppendTime"),
        (changed("p.urls", max_message_bytes="what"), "max.message.bytes", "is what, but must be 8388608"),
    ],
)  # fmt: skip
def test_what_is_never_done_by_itself_is_said(there: dict[str, Shape], what: str, said: str) -> None:
    (one,) = differences(WANTED, there)
    assert one.what == what
    assert not one.raises
    assert said in str(one)


@pytest.mark.parametrize(
    "config", [{"retention_ms": "5000"}, {"max_message_bytes": "100"}, {"min_insync_replicas": "1"}]
)
def test_what_is_too_little_is_raised(config: dict[str, str]) -> None:
    (one,) = differences(WANTED, changed("p.urls", 0, 0, **config))
    assert one.raises
    assert "run `crawlctl topics create`, which raises it" in str(one)
