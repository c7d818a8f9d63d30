"""How brokers are reached, and what goes wrong then is said."""

import asyncio
from pathlib import Path

import aiokafka.errors as driver
import pytest

from backends.kafka.connection import bounded, group_name, options, refused, topic_name, translating
from contracts.cluster import Kafka
from contracts.errors import Unavailable, UsageError
from tests import certificates

PLAIN = Kafka(bootstrap="b1:9092, b2:9092,", prefix="p.")


def test_names_have_the_prefix() -> None:
    assert topic_name(PLAIN, "urls") == "p.urls"
    assert group_name(PLAIN, "fetchers", ["orders.pages"]) == "p.fetchers.orders.pages"
    assert group_name(PLAIN, "g", ["b", "a"]) == "p.g.a+b"


def test_what_the_driver_is_given() -> None:
    found = options(PLAIN, "me")
    assert found["bootstrap_servers"] == ["b1:9092", "b2:9092"]
    assert found["security_protocol"] == "PLAINTEXT"
    found = options(Kafka(bootstrap="b", sasl="SCRAM-SHA-512", username="u", password="p"), "me")
    assert (found["security_protocol"], found["sasl_mechanism"]) == ("SASL_PLAINTEXT", "SCRAM-SHA-512")
    assert options(Kafka(bootstrap="b", tls=True), "me")["security_protocol"] == "SSL"


def test_own_certificates(tmp_path: Path) -> None:
    files = certificates.make(tmp_path)
    settings = Kafka(
        bootstrap="b", tls=True, ca=str(files.authority), certificate=str(files.client), key=str(files.client_key),
        sasl="PLAIN", username="u", password="p",
    )  # fmt: skip
    assert options(settings, "me")["security_protocol"] == "SASL_SSL"


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        (Kafka(), "kafka.bootstrap is empty"),
        (Kafka(bootstrap="b", sasl="PLAIN"), "kafka.username and kafka.password must be given"),
        (Kafka(bootstrap="b", tls=True, ca="missing.pem"), "kafka.ca names missing.pem, which is no file"),
        (Kafka(bootstrap="b", tls=True, key="key.pem"), "kafka.key is given without kafka.certificate"),
        (Kafka(bootstrap="b", tls=True, ca=__file__), "cannot be used"),
    ],
)
def test_settings_that_cannot_be_used(settings: Kafka, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        options(settings, "me")


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (driver.KafkaConnectionError("no"), "no broker answers at b1:9092, b2:9092,: .*see kafka.bootstrap"),
        (TimeoutError(), "no broker answers"),
        (driver.AuthenticationFailedError("no"), "refuse the login"),
        (driver.TopicAuthorizationFailedError("t"), "grant it"),
        (driver.UnknownTopicOrPartitionError(), "crawlctl topics create"),
        (driver.NotEnoughReplicasError(), "NotEnoughReplicasError"),
    ],
)
def test_errors_say_what_to_do(error: Exception, said: str) -> None:
    assert isinstance(refused(error, PLAIN), Unavailable)
    with pytest.raises(Unavailable, match=said), translating(PLAIN):
        raise error


async def test_a_stop_is_bounded_whatever_it_does() -> None:
    async def cancelled() -> None:
        raise asyncio.CancelledError

    async def failing() -> None:
        raise RuntimeError

    async def stubborn() -> None:
        await asyncio.get_running_loop().create_future()

    assert await bounded(asyncio.sleep(0))
    assert not await bounded(cancelled())
    assert not await bounded(failing())
    assert not await bounded(stubborn(), 0.01)
