"""How brokers are reached: addresses, TLS, login, names of topics and groups; and the edge where the driver's errors become ours."""

import asyncio
import contextlib
import logging
import ssl
from collections.abc import Coroutine, Iterator, Sequence
from pathlib import Path
from typing import Any, Final

from aiokafka.errors import (
    AuthenticationFailedError,
    GroupAuthorizationFailedError,
    KafkaConnectionError,
    KafkaError,
    SaslAuthenticationFailed,
    TopicAuthorizationFailedError,
    UnknownTopicOrPartitionError,
    UnsupportedSaslMechanismError,
)

from contracts.cluster import Kafka
from contracts.errors import Unavailable, UsageError

log = logging.getLogger(__name__)

REQUEST: Final = 10.0
"""Seconds that a broker has for an answer."""
STARTING: Final = 30.0
"""Seconds that a client has for its start: more than a broker for an answer, so that the driver itself notices first."""
GRACE: Final = 1.0
"""Seconds that a start has for ending when it is not wanted any more."""
STOPPING: Final = 2.0
"""Seconds that a client has for stopping; the driver's own stop can wait for ever for brokers that are away."""


def topic_name(settings: Kafka, topic: str) -> str:
    """What a topic of ours is called at the brokers."""
    return settings.prefix + topic


def group_name(settings: Kafka, group: str, topics: Sequence[str]) -> str:
    """What a consumer group is called at the brokers: one for each set of topics, so that lanes are rebalanced apart."""
    return f"{settings.prefix}{group}.{'+'.join(sorted(topics))}"


def options(settings: Kafka, client_id: str) -> dict[str, Any]:
    """What every client of the driver is given. UsageError if the settings cannot be used."""
    if not settings.bootstrap:
        raise UsageError("kafka.bootstrap is empty: name brokers, as host:port, separated by commas")
    found: dict[str, Any] = {
        "bootstrap_servers": [server.strip() for server in settings.bootstrap.split(",") if server.strip()],
        "client_id": client_id,
        "request_timeout_ms": int(REQUEST * 1000),
        "retry_backoff_ms": 200,
        "metadata_max_age_ms": 60_000,
        "security_protocol": ("SASL_" if settings.sasl else "") + ("SSL" if settings.tls else "PLAINTEXT"),
    }
    if settings.sasl:
        if not settings.username or not settings.password:
            raise UsageError(f"kafka.sasl is {settings.sasl}: kafka.username and kafka.password must be given as well")
        found |= {
            "sasl_mechanism": settings.sasl,
            "sasl_plain_username": settings.username,
            "sasl_plain_password": settings.password,
        }
    if settings.tls:
        found["ssl_context"] = tls_context(settings)
    return found


def tls_context(settings: Kafka) -> ssl.SSLContext:
    """Verifies brokers by `kafka.ca`, and shows `kafka.certificate` to those who ask."""
    if settings.key and not settings.certificate:
        raise UsageError("kafka.key is given without kafka.certificate, whose key it is")
    for name, file in (("ca", settings.ca), ("certificate", settings.certificate), ("key", settings.key)):
        if file and not Path(file).is_file():
            raise UsageError(f"kafka.{name} names {file}, which is no file")
    try:
        context = ssl.create_default_context(cafile=settings.ca or None)
        if settings.certificate:
            context.load_cert_chain(settings.certificate, settings.key or None)
    except (ssl.SSLError, OSError) as error:
        files = ", ".join(file for file in (settings.ca, settings.certificate, settings.key) if file)
        raise UsageError(f"the TLS files {files} cannot be used: {error}; they must be PEM files") from error
    return context


def refused(error: Exception, settings: Kafka) -> Unavailable:
    """What a failure of the driver means to its caller, with what to do next."""
    said = str(error) or type(error).__name__
    if isinstance(error, (AuthenticationFailedError, SaslAuthenticationFailed, UnsupportedSaslMechanismError)):
        return Unavailable(
            f"the brokers refuse the login as {settings.username}: {said}; see kafka.username and kafka.sasl"
        )
    if isinstance(error, (TopicAuthorizationFailedError, GroupAuthorizationFailedError)):
        who = settings.username or "this client"
        return Unavailable(f"the brokers do not let {who} do this: {said}; grant it by their access rules")
    if isinstance(error, UnknownTopicOrPartitionError):
        return Unavailable(f"the brokers know no such topic or partition: {said}; run `crawlctl topics create`")
    if isinstance(error, (KafkaConnectionError, TimeoutError, OSError)):
        return Unavailable(
            f"no broker answers at {settings.bootstrap}: {said}; see kafka.bootstrap, kafka.tls and the brokers"
        )
    return Unavailable(f"the log failed: {type(error).__name__}: {said}")


@contextlib.contextmanager
def translating(settings: Kafka) -> Iterator[None]:
    """Errors of the driver and of sockets become ours."""
    try:
        yield
    except (KafkaError, OSError, TimeoutError) as error:
        raise refused(error, settings) from error


async def begin(client: Any, seconds: float | None = STARTING) -> None:
    """Start a client of the driver; TimeoutError if that takes too long. While it makes its first connection it is not cancelled
    at once, or it would forget to close that."""
    inner = _connections(client)
    loop = asyncio.get_running_loop()
    task = loop.create_task(client.start())
    try:
        done, _ = await asyncio.wait({task}, timeout=seconds)
        if not done:
            raise TimeoutError(f"no answer for {seconds} s")
        task.result()
    except BaseException:
        until = loop.time() + GRACE
        while not task.done() and inner._sync_task is None and loop.time() < until:
            await asyncio.sleep(0.01)
        task.cancel()
        await asyncio.wait({task}, timeout=GRACE)
        raise


async def bounded(stop: Coroutine[Any, Any, Any], seconds: float = STOPPING) -> bool:
    """Let a client stop, but not for ever, and whatever it raises: cancellations of its own tasks leak out of it. False if it had
    to be given up."""
    task = asyncio.get_running_loop().create_task(stop)
    try:
        await asyncio.wait({task}, timeout=seconds)
    finally:
        task.cancel()
    if not task.done():
        await asyncio.wait({task}, timeout=1.0)
    failed = not task.done() or task.cancelled() or task.exception() is not None
    if failed:
        log.info("a client of the log did not stop well")
    return not failed


async def end(client: Any, *parts: Any) -> None:
    """Stop a client of the driver; if that takes too long, by its parts. Its connections are closed again: some were being made."""
    if not await bounded(client.stop()):
        for part in parts:
            if part is not None:
                await bounded(part.close(), 1.0)
    await bounded(_connections(client).close(), 1.0)


def _connections(client: Any) -> Any:
    return getattr(client, "client", None) or client._client
