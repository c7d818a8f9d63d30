"""Settings of a cluster: its log, its databases, and how its processes live together."""

from dataclasses import dataclass

from contracts.options import MIB, setting


@dataclass(frozen=True)
class Kafka:
    """The log of a cluster. Without `bootstrap` there is none: everything is on one machine."""

    bootstrap: str = setting(
        "", "text", "brokers to ask first, as host:port, separated by commas; empty on one machine"
    )
    tls: bool = setting(False, "bool", "speak TLS with the brokers and verify their certificates")
    ca: str = setting(
        "",
        "text",
        "file of the certificate authorities that brokers' certificates must come from; the system's if empty",
    )
    certificate: str = setting("", "text", "file of our own certificate, for brokers that ask for one")
    key: str = setting("", "text", "file of the private key of `certificate`")
    sasl: str = setting(
        "", "text", "how to log in; empty for not at all", choices=("", "PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512")
    )
    username: str = setting("", "text", "whom to log in as")
    password: str = setting("", "secret", "its password; better given by the environment than in a file")
    prefix: str = setting("", "text", "what the names of all topics and groups begin with, where brokers are shared")
    replication: int = setting(3, "1", "copies of each topic that `crawlctl topics create` asks for", least=1, most=9)
    min_insync: int = setting(2, "1", "copies that must be written before a message counts as sent", least=1, most=9)
    compression: str = setting("zstd", "text", "how batches are compressed", choices=("zstd", "lz4", "none"))
    linger: float = setting(0.005, "seconds", "longest time that a message waits for company in a batch")
    flush: float = setting(0.2, "seconds", "longest time that an outcome waits for company in a message")
    unsent: int = setting(
        64 * MIB, "bytes", "messages that wait to be acked by the brokers; above it senders wait", least=MIB
    )
    ahead: int = setting(16 * MIB, "bytes", "messages read ahead of their handling", least=MIB)
    digests_behind: int = setting(
        2_000,
        "1",
        "records of digests that hashers may be behind, in a shard's partitions, before it orders no more media",
        least=1,
    )


@dataclass(frozen=True)
class Postgres:
    """The databases of a cluster, as this role reaches them. Without them the embedded ones of --state are used."""

    crawl: str = setting("", "secret", "the crawl database, as postgresql://user:password@host:port/name")
    vault: str = setting("", "secret", "the vault, as postgresql://user:password@host:port/name")
    hasher_connections: int = setting(
        4, "1", "connections of a hasher process; looking back takes three of them", least=3, most=100
    )


@dataclass(frozen=True)
class Cluster:
    """How the processes of a cluster live together."""

    partitions: int = setting(
        128, "1", "partitions of a new cluster; a power of two that divides 4096, fixed at creation", least=1, most=4096
    )
    listen: str = setting(
        "127.0.0.1:9100", "ip:port", "where a role answers /livez, /readyz and /metrics; port 0 takes a free one"
    )
    keys: str = setting(
        "",
        "text",
        "file of the keys of this role, made by `crawlctl keys new`; or exec:PROGRAM ARGS, which writes one; if empty, PISAURA_KEYS in base64",
    )
    lease: float = setting(
        10.0, "seconds", "time after which a silent frontier shard loses its partitions", least=1, most=600
    )
    renew: float = setting(3.0, "seconds", "time between two renewals of a shard's partitions", least=0.1, most=200)
    max_skew: float = setting(
        2.0, "seconds", "difference of clocks above which a process issues and takes nothing", least=0.1, most=60
    )
    heartbeat: float = setting(2.0, "seconds", "time between two heartbeats of a process", least=0.1, most=60)
    stall: float = setting(
        300.0,
        "seconds",
        "time without any progress, with work at hand and services answering, after which a process ends itself",
        least=10,
    )
