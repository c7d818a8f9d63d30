"""What the operator gave: settings that fit each other, whom to write to."""

import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from backends.kafka.connection import options
from contracts.cluster import Cluster, Kafka, Postgres
from contracts.errors import UsageError
from contracts.refusals import Refusal
from contracts.settings import Settings
from contracts.urls import hostname, parse
from crawlctl.contact import contact_of, only_loopback
from crawlctl.doctor.findings import Finding, failed, ok, warning
from crawlctl.roles.needs import check
from crawlctl.schema import keys

SETTINGS: Final = "settings"
CONTACT: Final = "contact"

NOWHERE: Final = ("example", "test", "invalid", "localhost", "example.com", "example.org", "example.net")
"""Domains that lead nobody anywhere (RFC 2606, RFC 6761)."""
RENEWALS: Final = 2
"""Renewals that may be missed before a lease runs out."""


def judge_settings(settings: Settings, *, cluster: bool, role: str = "") -> list[Finding]:
    """Whether settings fit each other, and whether they name all that a role needs, if one is given.

    `cluster`: they are for processes over Kafka, not for one machine. Reads the files that [kafka] names.
    """
    found = [*_of_cluster(settings.cluster)]
    if cluster:
        found += _of_kafka(settings.kafka)
        found += _of_role(role, settings) if role else _of_postgres(settings.postgres)
    return found or [ok(SETTINGS, "readable, and they fit each other")]


def _of_kafka(kafka: Kafka) -> list[Finding]:
    found = []
    if not kafka.bootstrap:
        return [
            warning(
                SETTINGS, "kafka.bootstrap is empty", "name the brokers; --state DIR looks at a crawl on one machine"
            )
        ]
    odd = [one.strip() for one in kafka.bootstrap.split(",") if not _host_and_port(one.strip())]
    if odd:
        found.append(
            failed(SETTINGS, f"kafka.bootstrap: {', '.join(map(repr, odd))}", "write broker-1:9092,broker-2:9092")
        )
    if kafka.min_insync > kafka.replication:
        found.append(
            failed(
                SETTINGS,
                f"kafka.min_insync = {kafka.min_insync} is more than kafka.replication = {kafka.replication}: nothing could be sent",
                "min_insync = 2 with replication = 3 survives the loss of a broker",
            )
        )
    elif kafka.min_insync == kafka.replication > 1:
        found.append(
            warning(
                SETTINGS,
                f"kafka.min_insync = kafka.replication = {kafka.replication}: one broker away stops everything",
                "min_insync = 2 with replication = 3 survives the loss of a broker",
            )
        )
    try:
        options(kafka, "pisaura-doctor")
    except UsageError as error:
        found.append(failed(SETTINGS, str(error), "correct the group [kafka]"))
    if kafka.username and not kafka.sasl:
        found.append(
            warning(SETTINGS, "kafka.username is set, but kafka.sasl is empty: nobody logs in", "set kafka.sasl")
        )
    if kafka.sasl == "PLAIN" and not kafka.tls:
        found.append(
            warning(
                SETTINGS,
                "kafka.sasl = PLAIN without kafka.tls: the password crosses the network in clear",
                "kafka.tls = true",
            )
        )
    files = {"ca": kafka.ca, "certificate": kafka.certificate, "key": kafka.key}
    if any(files.values()) and not kafka.tls:
        named = ", ".join(f"kafka.{name}" for name, path in files.items() if path)
        found.append(warning(SETTINGS, f"{named} without kafka.tls: not used", "kafka.tls = true"))
    return found


def _of_role(role: str, settings: Settings) -> list[Finding]:
    try:
        check(role, settings)
    except UsageError as error:
        return [failed(SETTINGS, str(error), "set what is missing")]
    return []


def _of_postgres(postgres: Postgres) -> list[Finding]:
    if not postgres.crawl and not postgres.vault:
        return [
            warning(
                SETTINGS,
                "neither postgres.crawl nor postgres.vault is set: right for a fetcher, which needs no database",
                "for all checks, give the settings of a frontier and a hasher together",
            )
        ]
    if postgres.crawl and postgres.crawl == postgres.vault:
        return [
            failed(
                SETTINGS, "postgres.crawl and postgres.vault are the same", "two databases, each with users of its own"
            )
        ]
    return []


def _of_cluster(cluster: Cluster) -> list[Finding]:
    if cluster.renew * (RENEWALS + 1) > cluster.lease:
        found = f"cluster.renew = {cluster.renew:g} s is too long for cluster.lease = {cluster.lease:g} s"
        todo = f"renew at most every {cluster.lease / (RENEWALS + 1):g} s, so that {RENEWALS} renewals may be missed"
        return [(failed if cluster.renew >= cluster.lease else warning)(SETTINGS, found, todo)]
    return []


def _host_and_port(text: str) -> bool:
    try:
        parts = urlsplit(f"//{text}")
        return bool(parts.hostname and parts.port and not parts.path and "@" not in text)
    except ValueError:
        return False


def judge_secrets(file: Path, mode: int, secrets: list[str]) -> list[Finding]:
    """Whether others can read a settings file (its st_mode) in which these secret keys stand."""
    if secrets and mode & (stat.S_IRWXG | stat.S_IRWXO):
        return [
            warning(
                SETTINGS,
                f"{file} holds {', '.join(secrets)} and may be read by others (mode {stat.S_IMODE(mode):04o})",
                f"chmod 600 {file}, or give them by environment variables",
            )
        ]
    return []


def look_at_secrets(file: Path | None, sources: Mapping[str, str]) -> list[Finding]:
    """The mode of the settings file, if secret keys come from it. `sources` as `crawlctl.settings.load` gives them."""
    if file is None:
        return []
    secret = [key.name for key in keys().values() if key.unit == "secret"]
    try:
        mode = file.stat().st_mode
    except OSError as error:
        raise UsageError(f"{file}: cannot be read: {error.strerror}") from error
    return judge_secrets(file, mode, [name for name in secret if sources.get(name, "").startswith(f"{file}:")])


def judge_contact(settings: Settings) -> Finding:
    """Whether those whose sites are crawled can find out whom to write to."""
    url = contact_of(settings.user_agent)
    if not url:
        if only_loopback(settings):
            return ok(CONTACT, "none, and addresses.deny lets nothing but loopback be crawled")
        return warning(
            CONTACT,
            f"user_agent = {settings.user_agent!r} has no contact URL: nothing but loopback will be crawled",
            'user_agent = "Pisaura/1.0 (+https://your.site/about-the-crawler)"',
        )
    parsed = parse(url)
    host = "" if isinstance(parsed, Refusal) else hostname(parsed.host)
    if not host or any(host == name or host.endswith(f".{name}") for name in NOWHERE):
        return warning(
            CONTACT,
            f"{url} leads nobody anywhere: good for tests only",
            "name a page of yours that says who crawls, why, and how to object",
        )
    return ok(CONTACT, url)
