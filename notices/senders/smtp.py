"""E-mail: a notice is handed to the operator's mail server over verified TLS, or not at all (domain, 2)."""

import asyncio
import ssl
from contextlib import suppress
from ipaddress import ip_address
from pathlib import Path
from typing import Final

from aiosmtplib import SMTP, SMTPException, SMTPResponse, SMTPResponseException, SMTPTimeoutError

from contracts.errors import Unavailable, UsageError
from contracts.notices import Delivery, Notice, Refused, Withheld, reference
from contracts.removal import Notices, Operator
from notices.compose.fit import domain_of, require
from notices.compose.mail import message
from notices.compose.whole import compose
from notices.senders.answers import harmless
from notices.senders.signing import Signer

COMMAND_SECONDS: Final = 60.0
SECONDS: Final = 100.0
"""Longest for one answer of the server, and for a whole notice."""
_LEAVE_SECONDS: Final = 5.0
_LOGIN_NEEDED: Final = (530, 534, 535, 538)


class Mail:
    """`contracts.notices.Sender` by SMTP. UsageError if the settings cannot work, or without the operator's legal name, country,
    mandate, contact and appeal address (domain, 2)."""

    def __init__(
        self,
        settings: Notices,
        operator: Operator,
        seconds: float = SECONDS,
        command_seconds: float = COMMAND_SECONDS,
    ) -> None:
        require(operator)
        self._settings, self._operator = settings, operator
        self._seconds, self._command = seconds, command_seconds
        self._sender = settings.smtp_from or operator.contact
        domain = domain_of(self._sender)
        if not settings.smtp_host:
            raise UsageError("notices.smtp_host: no mail server is named that takes our notices")
        if not domain:
            raise UsageError("notices.smtp_from: the sender's address is no e-mail address")
        if settings.smtp_tls == "none" and not _on_loopback(settings.smtp_host):
            raise UsageError('notices.smtp_tls = "none" is for a mail server on this machine only; use starttls or tls')
        self._context = _context(settings)
        self._signer = (
            Signer(Path(settings.dkim_key), settings.dkim_selector, domain) if settings.dkim_selector else None
        )
        self._domain = domain

    async def send(self, notice: Notice) -> Delivery:
        """Hand it over. Raises as `contracts.notices.Sender.send`."""
        composed = compose(notice, self._operator, self._settings.places)
        data = message(notice, composed, self._operator, self._sender)
        if self._signer is not None:
            data = await asyncio.to_thread(self._signer.sign, data)
        client = SMTP(
            hostname=self._settings.smtp_host,
            port=self._settings.smtp_port,
            local_hostname=self._domain,
            timeout=self._command,
            use_tls=self._settings.smtp_tls == "tls",
            start_tls=False,
            tls_context=self._context,
        )
        try:
            async with asyncio.timeout(self._seconds):
                await self._open(client, notice)
                answer = await self._hand_over(client, notice, data)
            await _leave(client)
        except (TimeoutError, SMTPTimeoutError) as error:
            raise Unavailable(f"the mail server stopped answering while it took notice {notice.notice_id}") from error
        except (SMTPException, OSError, ValueError) as error:
            raise Unavailable(f"the mail server was lost while it took notice {notice.notice_id}") from error
        finally:
            client.close()
        return Delivery(True, harmless(f"{answer.code} {answer.message}", notice))

    async def _open(self, client: SMTP, notice: Notice) -> None:
        """Connect, secure the connection, log in. Nothing of the notice is told yet."""
        try:
            await client.connect()
            if self._settings.smtp_tls == "starttls":
                await client.ehlo()
                if not client.supports_extension("starttls"):
                    raise Withheld("the mail server offers no STARTTLS: nothing is sent; see notices.smtp_tls")
                await client.starttls()
            if self._settings.smtp_user:
                await client.login(self._settings.smtp_user, self._settings.smtp_password)
        except (SMTPException, OSError) as error:
            if isinstance(error, TimeoutError):
                raise
            if _about_tls(error):
                raise Withheld(
                    "the mail server's certificate cannot be verified: nothing is sent; see notices.smtp_ca and smtp_host"
                ) from error
            said = _said(error, notice)
            raise Unavailable(f"the mail server does not take us{said}; see notices.smtp_*") from error

    async def _hand_over(self, client: SMTP, notice: Notice, data: bytes) -> SMTPResponse:
        """The envelope, with delivery reports of headers only where they are offered (RFC 3461), and the message."""
        mail, rcpt = [], []
        try:
            await client.ehlo()
            if client.supports_extension("size"):
                mail.append(f"SIZE={len(data)}")
            if client.supports_extension("dsn"):
                mail += ["RET=HDRS", f"ENVID={reference(notice.notice_id, notice.message_id)}"]
                rcpt += ["NOTIFY=FAILURE,DELAY"]
            await client.mail(self._sender, options=mail)
            await client.rcpt(notice.recipient.contact, options=rcpt)
            return await client.data(data)
        except SMTPResponseException as error:
            said = _said(error, notice)
            if 500 <= error.code <= 599 and error.code not in _LOGIN_NEEDED:
                raise Refused(f"the mail server refused notice {notice.notice_id} for good{said}") from error
            raise Unavailable(f"the mail server does not take notice {notice.notice_id} now{said}") from error


def _context(settings: Notices) -> ssl.SSLContext:
    try:
        context = ssl.create_default_context(cafile=settings.smtp_ca or None)
    except (OSError, ssl.SSLError) as error:
        raise UsageError(f"notices.smtp_ca: {settings.smtp_ca} holds no certificates that can be read") from error
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def _on_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _about_tls(error: BaseException | None) -> bool:
    """Whether this error, or one that it came of, says that TLS failed."""
    while error is not None:
        if isinstance(error, ssl.SSLError):
            return True
        error = error.__cause__ or error.__context__
    return False


def _said(error: Exception, notice: Notice) -> str:
    if not isinstance(error, SMTPResponseException):
        return ""
    return f": {harmless(f'{error.code} {error.message}', notice)}"


async def _leave(client: SMTP) -> None:
    """Say goodbye, if there is time; what was accepted stays so."""
    with suppress(SMTPException, OSError, TimeoutError, ValueError):
        await client.quit(timeout=_LEAVE_SECONDS)
