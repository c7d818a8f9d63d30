"""What a broker is told: `server.properties`, for one node or three, plain and (for one test) with TLS and log-in.

Every broker is its own controller too (KRaft). Figures are those of small brokers that live for seconds.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

USER: Final = "pisaura"
PASSWORD: Final = "correct-horse"
"""Who may log in, where there is a log-in. Known to every broker that is made here."""
CLUSTER: Final = "AAAAAAAAAAAAAAAAAAAAAQ"
"""Its cluster's id: 16 bytes in URL-safe base64."""

SMALL: Final = """\
process.roles=broker,controller
controller.listener.names=CONTROLLER
inter.broker.listener.name=PLAINTEXT
listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,TLS:SSL,MUTUAL:SSL,SASL:SASL_SSL
auto.create.topics.enable=false
group.initial.rebalance.delay.ms=0
broker.session.timeout.ms=3000
broker.heartbeat.interval.ms=500
offsets.topic.num.partitions=4
transaction.state.log.num.partitions=2
num.network.threads=2
num.io.threads=2
background.threads=2
num.replica.fetchers=1
log.cleaner.dedupe.buffer.size=2097152
log.segment.bytes=16777216
log.index.size.max.bytes=1048576
"""
SEVERAL: Final = """\
controller.quorum.fetch.timeout.ms=1500
controller.quorum.election.timeout.ms=500
replica.lag.time.max.ms=5000
"""
"""With these, a cluster takes a killed node for dead within seconds."""


@dataclass(frozen=True)
class Secure:
    """Listeners that speak TLS, by port, and their certificates: files in PEM."""

    tls: int
    """No client certificate, no log-in."""
    mutual: int
    """Asks for a client certificate."""
    sasl: int
    """PLAIN, SCRAM-SHA-256 and SCRAM-SHA-512, as `USER`."""
    identity: Path
    """Private key and certificate of the broker."""
    authority: Path


@dataclass(frozen=True)
class Node:
    """A broker: its number from 1, its address and its ports."""

    number: int
    host: str
    port: int
    controller: int
    secure: Secure | None = None

    @property
    def bootstrap(self) -> str:
        """Where clients connect to."""
        return f"{self.host}:{self.port}"


def properties(node: Node, nodes: Sequence[Node], data: Path) -> str:
    """The file's text for one of `nodes`, whose data are in `data`."""
    copies = min(3, len(nodes))
    insync = max(1, copies - 1)
    doors = {"PLAINTEXT": node.port}
    if node.secure:
        doors |= {"TLS": node.secure.tls, "MUTUAL": node.secure.mutual, "SASL": node.secure.sasl}
    open_at = ",".join(f"{name}://{node.host}:{port}" for name, port in doors.items())
    lines = {
        "node.id": str(node.number),
        "controller.quorum.voters": ",".join(f"{n.number}@{n.host}:{n.controller}" for n in nodes),
        "listeners": f"{open_at},CONTROLLER://{node.host}:{node.controller}",
        "advertised.listeners": open_at,
        "log.dirs": str(data),
        "offsets.topic.replication.factor": str(copies),
        "transaction.state.log.replication.factor": str(copies),
        "transaction.state.log.min.isr": str(insync),
        "share.coordinator.state.topic.replication.factor": str(copies),
        "share.coordinator.state.topic.min.isr": str(insync),
    }
    if node.secure:
        lines |= security(node.secure)
    text = SMALL + (SEVERAL if len(nodes) > 1 else "")
    return text + "".join(f"{name}={value}\n" for name, value in lines.items())


def security(secure: Secure) -> dict[str, str]:
    """Lines for the listeners that speak TLS."""
    modules = "org.apache.kafka.common.security"
    scram = f"{modules}.scram.ScramLoginModule required;"
    return {
        "ssl.keystore.type": "PEM",
        "ssl.keystore.location": str(secure.identity),
        "ssl.truststore.type": "PEM",
        "ssl.truststore.location": str(secure.authority),
        "listener.name.mutual.ssl.client.auth": "required",
        "listener.name.sasl.sasl.enabled.mechanisms": "PLAIN,SCRAM-SHA-256,SCRAM-SHA-512",
        "listener.name.sasl.plain.sasl.jaas.config": (
            f'{modules}.plain.PlainLoginModule required user_{USER}="{PASSWORD}";'
        ),
        "listener.name.sasl.scram-sha-256.sasl.jaas.config": scram,
        "listener.name.sasl.scram-sha-512.sasl.jaas.config": scram,
    }
