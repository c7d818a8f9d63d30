"""Makes the topics of a cluster, and says in what they differ from the table."""

import asyncio
from collections.abc import Iterable, Mapping
from typing import Any, Final

from aiokafka import TopicPartition
from aiokafka.admin import NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import (
    InvalidReplicationFactorError,
    KafkaError,
    NoError,
    PolicyViolationError,
    TopicAlreadyExistsError,
    for_code,
)

from backends.kafka.connection import options, translating
from backends.kafka.lags import Look, looking
from backends.kafka.wanted import Difference, Shape, differences, shapes
from contracts.cluster import Kafka
from contracts.errors import Unavailable, UsageError

LEADERS: Final = 60.0
"""Seconds within which new partitions must have leaders that answer."""
OWN: Final = 1
"""What brokers call the source of a setting of the topic's own (DYNAMIC_TOPIC_CONFIG)."""


async def check(settings: Kafka, partitions: int) -> list[Difference]:
    """All that differs from the table; empty if all is well. Unavailable if the brokers are."""
    wanted = shapes(settings, partitions)
    with translating(settings):
        async with looking(options(settings, "crawlctl-topics")) as look:
            return differences(wanted, (await _found(look.admin, wanted))[0])


async def create(settings: Kafka, partitions: int) -> tuple[list[str], list[Difference]]:
    """Make what is missing and raise what may be raised, then wait until every partition has a leader that answers. Returns what
    was done, and what still differs. May run many times, and several times at once."""
    wanted = shapes(settings, partitions)
    done: list[str] = []
    with translating(settings):
        async with looking(options(settings, "crawlctl-topics")) as look:
            found, own = await _found(look.admin, wanted)
            raised: dict[str, dict[str, str]] = {}
            for difference in differences(wanted, found):
                if difference.what == "missing":
                    done.append(f"[{difference.topic}] created")
                elif difference.raises:
                    raised.setdefault(difference.topic, {})[difference.what] = difference.wanted
                    done.append(f"[{difference.topic}]: {difference.what} raised to {difference.wanted}")
            await _make(look.admin, {name: shape for name, shape in wanted.items() if name not in found}, settings)
            await _raise(look.admin, raised, own)
            await _led(look, {name: found.get(name, shape) for name, shape in wanted.items()})
            return done, differences(wanted, (await _found(look.admin, wanted))[0])


async def _found(admin: Any, names: Iterable[str]) -> tuple[dict[str, Shape], dict[str, dict[str, str]]]:
    """What is there of these topics, and which settings are each topic's own."""
    wanted = set(names)
    topics = {topic["topic"]: topic for topic in await admin.describe_topics() if topic["topic"] in wanted}
    resources = [ConfigResource(ConfigResourceType.TOPIC, name) for name in topics]
    configs: dict[str, dict[str, str]] = {name: {} for name in topics}
    own: dict[str, dict[str, str]] = {name: {} for name in topics}
    for response in await admin.describe_configs(resources) if resources else ():
        for code, message, _, name, entries in response.resources:
            if for_code(code) is not NoError:
                raise for_code(code)(f"[{name}]: {message or ''}")
            for key, value, _, source, *_ in entries:
                configs[name][key] = value or ""
                if source == OWN:
                    own[name][key] = value or ""
    found = {}
    for name, topic in topics.items():
        parts = topic["partitions"]
        found[name] = Shape(len(parts), min((len(part["replicas"]) for part in parts), default=0), configs[name])
    return found, own


async def _make(admin: Any, missing: Mapping[str, Shape], settings: Kafka) -> None:
    if not missing:
        return
    new = [NewTopic(name, s.partitions, s.replication, topic_configs=s.config) for name, s in missing.items()]
    response = await admin.create_topics(new)
    for name, code, *message in response.topic_errors:
        kind = for_code(code)
        if kind is InvalidReplicationFactorError:
            raise UsageError(
                f"[{name}] cannot have {settings.replication} copies: {message[0]}; start more brokers, or lower"
                " kafka.replication"
            )
        if kind is PolicyViolationError:
            raise UsageError(f"the brokers' rules forbid [{name}]: {message[0]}")
        if kind is not NoError and kind is not TopicAlreadyExistsError:  # made by another one meanwhile
            raise kind(f"[{name}]: {message[0] if message else ''}")


async def _raise(admin: Any, raised: Mapping[str, Mapping[str, str]], own: Mapping[str, Mapping[str, str]]) -> None:
    """The request replaces all settings of a topic's own, so those that are there go with it."""
    if not raised:
        return
    resources = [
        ConfigResource(ConfigResourceType.TOPIC, name, {**own.get(name, {}), **values})
        for name, values in raised.items()
    ]
    for response in await admin.alter_configs(resources):
        for code, message, _, name in response.resources:
            if for_code(code) is not NoError:
                raise for_code(code)(f"[{name}]: {message or ''}")


async def _led(look: Look, there: Mapping[str, Shape]) -> None:
    """New partitions are listed with leaders some seconds before those answer."""
    places = [TopicPartition(name, n) for name, shape in there.items() for n in range(shape.partitions)]
    until = asyncio.get_running_loop().time() + LEADERS
    while True:
        try:
            await look.ends(places)
            return
        except (KafkaError, TimeoutError) as error:
            if asyncio.get_running_loop().time() > until:
                raise Unavailable(
                    f"after {LEADERS:.0f} s not all partitions have leaders: {error!r}; see the brokers"
                ) from error
            await asyncio.sleep(0.1)
