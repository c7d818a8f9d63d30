"""Providers' APIs: a notice is posted as JSON, signed, under an idempotency key, so that posting it twice tells it once."""

import hmac
import ssl
from collections.abc import Mapping
from email.utils import mktime_tz, parsedate_tz
from typing import Final

import aiohttp

from contracts.errors import Unavailable
from contracts.notices import Delivery, Later, Notice, Refused, Unfit, Withheld
from contracts.options import DAY
from contracts.ports import Clock
from contracts.removal import Operator
from notices.compose.fit import require
from notices.compose.whole import compose, payload
from notices.senders.answers import harmless
from notices.senders.providers import Provider

SECONDS: Final = 60.0
"""Longest for a whole request."""
ANSWER_BYTES: Final = 2_000
"""Of an answer, what is read."""
LONGEST: Final = DAY
"""Longest Retry-After that is obeyed, in seconds."""
KEY: Final = "Idempotency-Key"
TIMESTAMP: Final = "X-Pisaura-Timestamp"
SIGNATURE: Final = "X-Pisaura-Signature"
_AGENT: Final = "Pisaura/1.0"


def signature(secret: bytes, timestamp: str, body: bytes) -> str:
    """What `SIGNATURE` says: `v1=` and HMAC-SHA256, in hex, of the timestamp (unix seconds), a dot and the body."""
    return "v1=" + hmac.digest(secret, timestamp.encode() + b"." + body, "sha256").hex()


class Webhook:
    """`contracts.notices.Sender` to providers' APIs. UsageError without the operator's legal name, country, mandate, contact and appeal
    address (domain, 2)."""

    def __init__(
        self,
        providers: Mapping[str, Provider],
        operator: Operator,
        clock: Clock,
        most: int = 200,
        seconds: float = SECONDS,
    ) -> None:
        require(operator)
        self._providers, self._operator, self._clock, self._most = providers, operator, clock, most
        self._timeout = aiohttp.ClientTimeout(total=seconds)

    async def send(self, notice: Notice) -> Delivery:
        """Hand it over. Raises as `contracts.notices.Sender.send`."""
        provider = self._providers.get(notice.recipient.contact)
        if provider is None:
            raise Unfit(
                f"notice {notice.notice_id}: its recipient is no provider of the file of notices.webhooks; add it there"
            )
        body = payload(notice, compose(notice, self._operator, self._most), self._operator)
        timestamp = str(int(self._clock()))
        fields = {
            "Content-Type": "application/json",
            "User-Agent": _AGENT,
            KEY: notice.idempotency_key,
            TIMESTAMP: timestamp,
            SIGNATURE: signature(provider.secret, timestamp, body),
        }
        try:
            status, retry_after, said = await self._post(provider, fields, body)
        except (aiohttp.ClientConnectorCertificateError, aiohttp.ClientSSLError, ssl.SSLError) as error:
            raise Withheld(
                f"the certificate of provider {provider.name} cannot be verified: nothing is sent"
            ) from error
        except (aiohttp.ClientError, OSError, TimeoutError, ValueError) as error:
            raise Unavailable(f"provider {provider.name} cannot be reached, or stopped answering") from error
        answer = harmless(f"{status} {said}", notice)
        if 200 <= status < 300 or status == 409:  # 409: it has one with this key
            return Delivery(True, answer)
        told = f"provider {provider.name} answers {answer}"
        if status == 429 or status >= 500:
            raise Later(f"{told}: it is asked again", _seconds(retry_after, self._clock()))
        if 400 <= status < 500 and status not in (401, 403, 408, 425):
            raise Refused(f"{told}: it refuses notice {notice.notice_id} for good")
        raise Unavailable(f"{told}; see its url and secret in the file of notices.webhooks")

    async def _post(self, provider: Provider, fields: Mapping[str, str], body: bytes) -> tuple[int, str, str]:
        """Status, Retry-After and the beginning of the answer."""
        connector = aiohttp.TCPConnector(ssl=provider.context or True)
        async with (
            aiohttp.ClientSession(
                connector=connector, timeout=self._timeout, cookie_jar=aiohttp.DummyCookieJar(), trust_env=False
            ) as session,
            session.post(provider.url, data=body, headers=fields, allow_redirects=False) as response,
        ):
            said = await response.content.read(ANSWER_BYTES)
            return response.status, response.headers.get("Retry-After", ""), said.decode("utf-8", "replace")


def _seconds(retry_after: str, now: float) -> float:
    """How long Retry-After asks to wait (RFC 9110, 10.2.3), 0.0 if it says nothing that can be understood."""
    text = retry_after.strip()[:64]
    if text.isascii() and text.isdigit():
        return min(float(text[:10]), LONGEST)
    try:
        parsed = parsedate_tz(text)
        return min(max(mktime_tz(parsed) - now, 0.0), LONGEST) if parsed else 0.0
    except (ValueError, OverflowError, TypeError, IndexError):
        return 0.0
