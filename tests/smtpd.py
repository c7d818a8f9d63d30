"""A mail server on loopback with STARTTLS and delivery reports, under a throwaway authority; it answers as it is told."""

import asyncio
import ssl
import warnings
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from contracts.removal import Notices
from tests import certificates

USER, PASSWORD = "hotline", "pass-secret"


@dataclass
class Received:
    """A message as it was handed over."""

    sender: str
    recipients: list[str]
    options: list[str]
    data: bytes
    secured: bool


@dataclass
class MailServer:
    """`answers` by command (`MAIL`, `RCPT`, `DATA`): taken one by one, then "250 OK". `stall`: the command that gets no answer.
    `refused` are recipients that there are not. `drop`: the connection is cut after a message was taken, before that is said, so many times."""

    received: list[Received] = field(default_factory=list)
    answers: dict[str, list[str]] = field(default_factory=dict)
    stall: str = ""
    drop: int = 0
    dsn: bool = True
    port: int = 0
    folder: Path = Path()
    extensions: Sequence[str] = ()
    logins: int = 0
    refused: set[str] = field(default_factory=set)

    def settings(self, **more: Any) -> Notices:
        """Settings of a sender that uses this server."""
        known: dict[str, Any] = {
            "sender": "live", "smtp_host": "127.0.0.1", "smtp_port": self.port, "smtp_ca": str(self.folder / "ca.pem"),
        }  # fmt: skip
        return Notices(**known | more)

    async def handle_EHLO(
        self, server: SMTP, session: Session, envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        session.host_name = hostname
        return [*responses[:-1], *(["250-DSN"] if self.dsn else []), responses[-1]]

    async def handle_MAIL(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        said = await self._answer("MAIL")
        envelope.mail_from = address if said.startswith("2") else None
        return said

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        said = "550 5.1.1 no such mailbox" if address in self.refused else await self._answer("RCPT")
        if said.startswith("2"):
            envelope.rcpt_tos.append(address)
        return said

    async def handle_DATA(self, server: "_Smtp", session: Session, envelope: Envelope) -> str:
        said = await self._answer("DATA")
        if said.startswith("2"):
            data = envelope.content or b""
            assert isinstance(data, bytes)
            secured = server.transport is not None and server.transport.get_extra_info("sslcontext") is not None
            self.received.append(
                Received(envelope.mail_from or "", list(envelope.rcpt_tos), server.options, data, secured)
            )
            if self.drop:
                self.drop -= 1
                cut(server.transport)
        return said

    async def _answer(self, command: str) -> str:
        if self.stall == command:
            await asyncio.Event().wait()
        waiting = self.answers.get(command)
        return waiting.pop(0) if waiting else "250 2.0.0 OK"

    def login(self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any) -> AuthResult:
        """Whether these are the right name and password."""
        self.logins += 1
        assert isinstance(data, LoginPassword)
        return AuthResult(success=(data.login, data.password) == (USER.encode(), PASSWORD.encode()), handled=False)


def cut(transport: asyncio.BaseTransport | None) -> None:
    """End a connection at once."""
    if isinstance(transport, asyncio.WriteTransport):
        transport.abort()


class _Smtp(SMTP):
    """With the parameters of delivery reports (RFC 3461), which the library does not know."""

    options: list[str] = []

    def _getparams(self, params: Sequence[str]) -> dict[str, str | bool] | None:
        own = [one for one in params if one.partition("=")[0] in ("RET", "ENVID", "NOTIFY", "ORCPT")]
        self.options = [*self.options, *own]
        found: dict[str, str | bool] | None = super()._getparams([one for one in params if one not in own])
        return found


@asynccontextmanager
async def mail_server(
    folder: Path, *, tls: str = "starttls", login: bool = False, addresses: Sequence[str] = ("127.0.0.1",)
) -> AsyncIterator[MailServer]:
    """One, with its authority in `folder`/ca.pem. `tls`: `starttls`, `tls` or `none`."""
    files = certificates.make(folder, addresses)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(files.broker)
    state = MailServer(folder=folder)
    loop = asyncio.get_running_loop()
    made: list[_Smtp] = []

    def protocol() -> _Smtp:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the library complains of logins that need no STARTTLS
            one = _Smtp(
                state,
                hostname="mx.test",
                tls_context=context if tls == "starttls" else None,
                require_starttls=tls == "starttls",
                auth_required=login,
                auth_require_tls=tls == "starttls",
                authenticator=state.login,
                loop=loop,
            )
        made.append(one)
        return one

    server = await loop.create_server(protocol, "127.0.0.1", 0, ssl=context if tls == "tls" else None)
    state.port = server.sockets[0].getsockname()[1]
    try:
        yield state
    finally:
        server.close()
        for one in made:
            cut(one.transport)
            if one._handler_coroutine is not None:
                one._handler_coroutine.cancel()
        await asyncio.gather(
            *(one._handler_coroutine for one in made if one._handler_coroutine is not None), return_exceptions=True
        )
