"""What the brokers' topics must be like, by the table in `contracts.topics`, and in what they differ. Pure."""

from collections.abc import Mapping
from typing import Final

from msgspec import Struct

from backends.kafka.producer import LARGEST
from contracts.cluster import Kafka
from contracts.errors import UsageError
from contracts.topics import DEAD_LETTERS, TOPICS, Topic

RAISED: Final = frozenset({"retention.ms", "max.message.bytes", "min.insync.replicas"})
"""Settings that `crawlctl topics create` may raise, but never lowers."""


class Shape(Struct, frozen=True):
    """How a topic is: `config` by the brokers' names (https://kafka.apache.org/documentation/#topicconfigs)."""

    partitions: int
    replication: int
    config: dict[str, str]


class Difference(Struct, frozen=True):
    """What of a topic is not as it must be. `what` is `missing`, `partitions`, `replication` or the name of a setting;
    `raises` whether `crawlctl topics create` mends it, `mend` what to do otherwise."""

    topic: str
    what: str
    wanted: str
    found: str
    raises: bool
    mend: str

    def __str__(self) -> str:
        if self.what == "missing":
            return f"[{self.topic}] is missing; {self.mend}"
        return f"[{self.topic}]: {self.what} is {self.found}, but must be {self.wanted}; {self.mend}"


def shapes(settings: Kafka, partitions: int) -> dict[str, Shape]:
    """All topics by their names at the brokers."""
    if settings.min_insync > settings.replication:
        raise UsageError(
            f"kafka.min_insync is {settings.min_insync}, more than the {settings.replication} copies of kafka.replication:"
            " nothing could ever be written; lower it, or raise kafka.replication"
        )
    return {
        settings.prefix + name: _shape(settings, topic, partitions) for name, topic in (TOPICS | DEAD_LETTERS).items()
    }


def _shape(settings: Kafka, topic: Topic, partitions: int) -> Shape:
    config = {
        "cleanup.policy": "compact" if topic.compacted else "delete",
        "max.message.bytes": str(LARGEST),
        "message.timestamp.type": "LogAppendTime" if topic.append_time else "CreateTime",
        "min.insync.replicas": str(settings.min_insync),
        "retention.ms": str(topic.retention * 1000) if topic.retention else "-1",
    }
    return Shape(partitions if topic.partitioned else 1, settings.replication, config)


def differences(wanted: Mapping[str, Shape], found: Mapping[str, Shape]) -> list[Difference]:
    """In what topics are not as wanted, by their names. A compacted topic keeps all, whatever its retention is set to."""
    said: list[Difference] = []
    for name, shape in sorted(wanted.items()):
        there = found.get(name)
        if there is None:
            said.append(Difference(name, "missing", "", "", True, "run `crawlctl topics create`"))
            continue
        if there.partitions != shape.partitions:
            mend = (
                "it is fixed when a cluster is created: set cluster.partitions to what is there, or make a new cluster"
                " under another kafka.prefix"
            )
            said.append(_number(name, "partitions", shape.partitions, there.partitions, mend))
        if there.replication != shape.replication:
            mend = "move its replicas with kafka-reassign-partitions, or set kafka.replication to what is there"
            said.append(_number(name, "replication", shape.replication, there.replication, mend))
        for key, value in sorted(shape.config.items()):
            has = there.config.get(key, "")
            compacted = shape.config["cleanup.policy"] == "compact"
            if has != value and not (key == "retention.ms" and compacted):
                said.append(_setting(name, key, value, has))
    return said


def _number(name: str, what: str, wanted: int, found: int, mend: str) -> Difference:
    return Difference(name, what, str(wanted), str(found), False, mend)


def _setting(name: str, key: str, wanted: str, found: str) -> Difference:
    if key in RAISED and _more(wanted, found):
        return Difference(name, key, wanted, found, True, "run `crawlctl topics create`, which raises it")
    refused = "it is never lowered for you" if key in RAISED else "it is never changed for you"
    how = f"kafka-configs --alter --entity-type topics --entity-name {name} --add-config {key}={wanted}"
    return Difference(name, key, wanted, found, False, f"{refused}: {how}")


def _more(wanted: str, found: str) -> bool:
    """Whether a number is more than another; -1 is no bound."""
    try:
        return found != "-1" and (wanted == "-1" or int(wanted) > int(found))
    except ValueError:
        return False
