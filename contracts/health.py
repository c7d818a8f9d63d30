"""What a process says of its own health. `/livez` and `/readyz` of every role are made of it (`backends.http`)."""

from typing import Protocol


class Health(Protocol):
    """Whatever can be asked whether it lives and whether it serves. Answers at once, without I/O.

    The answers are served to whoever reaches the port: no location, host, list, digest, data source name or password in them.
    """

    def live(self) -> list[str]:
        """Why this process should be killed and started anew; empty while its loops turn."""

    def ready(self) -> list[tuple[str, str]]:
        """What this process waits for, as (part, why): `("kafka", "no broker answers since 12 s")`; empty if nothing."""
