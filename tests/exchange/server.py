"""Simulators of the three sources: real HTTP on 127.0.0.1, paged out of a `Truth`, with faults.

NCMEC pages by naive offsets, in no order of time; StopNCII by tokens that are worthless for another size of the server's own
choosing; ThreatExchange by whole links that repeat the caller's token. Tokens are forgotten when a fault says so.
"""

import asyncio
import json
import socket
import struct
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from email.utils import format_datetime
from hashlib import blake2b
from urllib.parse import parse_qs, urlencode, urlsplit

from msgspec.structs import replace

from hasher.lists import ListEntry
from tests.exchange import ncmec, stopncii, threatexchange
from tests.exchange.faults import Fault, Weather
from tests.exchange.truth import Row, Truth

LOGIN = {
    "ncmec": ("authorization", "Basic aG90bGluZTpwYXNzLXNlY3JldA=="),
    "stopncii": ("x-functions-key", "key-secret"),
    "threatexchange": ("authorization", "Bearer 123|token-secret"),
}
FILES = {
    "ncmec": "hotline:pass-secret\n",
    "stopncii": "key: key-secret\nOcp-Apim-Subscription-Key: other-secret\n",
    "threatexchange": "token: 123|token-secret\n",
}
SECRETS = ("pass-secret", "key-secret", "other-secret", "token-secret", "aG90bGluZTpwYXNzLXNlY3JldA")
PAGE = 20

Answered = tuple[int, dict[str, str], bytes]


class Refused(Exception):
    """An answer that is an error."""

    def __init__(self, status: int, body: bytes = b"") -> None:
        self.status, self.body = status, body


class Source:
    """One simulated source. `stop` is called in the middle of an answer when the fault STOPPED is drawn."""

    def __init__(self, truth: Truth, weather: Weather) -> None:
        self.truth, self.weather = truth, weather
        self.stop: Callable[[], object] = lambda: None
        self.requests: list[str] = []
        self.poison = ""  # the entry whose page nobody can read
        self.next_link: Callable[[str], str] = lambda link: link
        self.epoch = 0  # tokens of an earlier one are forgotten
        self.origin = ""
        self._server: asyncio.Server | None = None
        self._serving: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> "Source":
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.origin = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"
        return self

    async def __aexit__(self, *error: object) -> None:
        if self._server is not None:
            self._server.close()
            for task in self._serving:
                task.cancel()
            await asyncio.gather(*self._serving, return_exceptions=True)
            await self._server.wait_closed()

    @property
    def location(self) -> str:
        """What `lists add --from` takes."""
        return self.origin + {"ncmec": "/npo", "stopncii": "/v1", "threatexchange": "/v26.0/123"}[self.truth.kind]

    def all(self) -> bytes:
        """Everything in one answer, as the reference."""
        return self._render([row.entry for row in self.truth.rows.values()], "")

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._serving.add(task)
        task.add_done_callback(self._serving.discard)
        with suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode()
                line, *fields = head.split("\r\n")
                headers = {name.lower(): value.strip() for name, _, value in (f.partition(":") for f in fields if f)}
                target = line.split(" ")[1]
                self.requests.append(target)
                if not await self._answer(target, headers, writer):
                    break
        writer.close()

    async def _answer(self, target: str, headers: dict[str, str], writer: asyncio.StreamWriter) -> bool:
        self.truth.time.now += 1
        fault = self.weather.next()
        status, more, body = self._make(target, headers, fault)
        date = format_datetime(datetime.fromtimestamp(int(self.truth.time.now), UTC), usegmt=True)
        fields = {"Date": date, "Content-Length": str(len(body)), **more}
        data = f"HTTP/1.1 {status} So\r\n".encode() + b"".join(f"{k}: {v}\r\n".encode() for k, v in fields.items())
        data += b"\r\n" + body
        if fault in (Fault.RESET, Fault.CUT, Fault.STOPPED):
            data = data[: self.weather.chance.randrange(1, len(data))]
        writer.write(data)
        await writer.drain()
        if fault == Fault.STOPPED:
            self.stop()
        if fault == Fault.RESET:
            connection = writer.get_extra_info("socket")
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        return fault not in (Fault.RESET, Fault.CUT, Fault.STOPPED)

    def _make(self, target: str, headers: dict[str, str], fault: Fault) -> Answered:
        chance = self.weather.chance
        if fault == Fault.DOWN:
            return 503, {}, b"down"
        if fault == Fault.ERROR:
            return 500, {}, b"fault"
        if fault == Fault.BUSY:
            return 429, {"Retry-After": str(chance.randrange(90))}, b""
        if fault == Fault.BUSY_UNTIL:
            at = datetime.fromtimestamp(int(self.truth.time.now) + chance.randrange(90), UTC)
            return 429, {"Retry-After": format_datetime(at, usegmt=True)}, b""
        if fault == Fault.GARBAGE:
            return 200, {}, chance.choice((b"", b"<html>Oops</html>", b"{", b"\xff\xfe\x00", b"null", b"[]"))
        if fault == Fault.EXPIRED:
            self.epoch += 1
        if fault == Fault.CHANGED:
            for _ in range(chance.randrange(1, 6)):
                self.truth.change()
        name, value = LOGIN[self.truth.kind]
        if headers.get(name) != value:
            return 401, {}, b"who are you, " + headers.get(name, "").encode()
        parts = urlsplit(target)
        query = {key: values[0] for key, values in parse_qs(parts.query).items()}
        try:
            rows, following = getattr(self, f"_{self.truth.kind}")(parts.path, query)
        except Refused as refused:
            return refused.status, {}, refused.body
        entries = [row.entry for row in rows]
        if fault == Fault.REPEATED and entries:
            entries += chance.choices(entries, k=3)
        if fault == Fault.SHUFFLED:
            chance.shuffle(entries)
        until = str(max((row.changed for row in rows), default=int(self.truth.time.now)))
        body = self._render(entries, self.next_link(following) if following else "", until)
        if fault == Fault.JUNK:
            body = junk(body)
        if fault == Fault.HALF:
            body = body[: chance.randrange(1, len(body) - 1)]
        if self.poison and any(entry.member_entry_id == self.poison for entry in entries):
            body = b"\x00" + body[: len(body) // 2]
        return 200, {"Content-Type": "text/plain"}, body

    def _render(self, entries: Sequence[ListEntry], following: str, until: str = "1700000000") -> bytes:
        if self.truth.kind == "ncmec":
            return ncmec.page(entries, following=following)
        if self.truth.kind == "stopncii":
            return stopncii.page(entries, following=following, until=until)
        body = threatexchange.page(entries, following=following, until=until)
        return body.replace(threatexchange.HOST.encode(), self.origin.encode()).replace(
            b"THE-SECRET-TOKEN", b"token-secret"
        )

    def _between(self, start: int, until: int) -> list[Row]:
        return [row for row in self.truth.rows.values() if start <= row.changed <= until]

    def _ncmec(self, path: str, query: dict[str, str]) -> tuple[list[Row], str]:
        if path != "/npo/v2/entries":
            raise Refused(404)
        # Neither end belongs to the range for sure: a client must not count on either.
        rows = self._between(seconds(query["from"]) + 1, seconds(query["to"]))
        rows.sort(key=lambda row: blake2b(row.entry.member_entry_id.encode()).digest())
        at = int(query.get("start", 0))
        if at and int(query["max"]) != self.epoch:
            raise Refused(400)
        more = {"from": query["from"], "to": query["to"], "start": at + PAGE, "size": PAGE, "max": self.epoch}
        return rows[at : at + PAGE], f"/v2/entries?{urlencode(more)}" if len(rows) > at + PAGE else ""

    def _stopncii(self, path: str, query: dict[str, str]) -> tuple[list[Row], str]:
        if path != "/v1/FetchHashes":
            raise Refused(404)
        epoch, _, place = query.get("nextPageToken", "").partition("/")
        if place and int(epoch) != self.epoch:
            raise Refused(410)
        return self._after(int(query["startTimestamp"]), 1 << 40, place, min(PAGE, int(query["pageSize"])))

    def _threatexchange(self, path: str, query: dict[str, str]) -> tuple[list[Row], str]:
        if path != "/v26.0/123/threat_updates":
            raise Refused(404)
        epoch, _, place = query.get("after", "").partition("/")
        if place and int(epoch) != self.epoch:
            raise Refused(400, b'{"error":{"message":"bad cursor","code":100}}')
        if self.weather.share and self.weather.chance.random() < 0.05:
            raise Refused(400, b'{"error":{"message":"too many calls","code":17}}')
        rows, token = self._after(int(query["start_time"]), int(query["stop_time"]) - 1, place, PAGE)
        more = {name: value for name, value in query.items() if name != "after"}
        return rows, f"{path}?{urlencode({**more, 'after': token})}" if token else ""

    def _after(self, start: int, until: int, place: str, size: int) -> tuple[list[Row], str]:
        rows = sorted(self._between(start, until), key=_place)
        rows = [row for row in rows if _place(row) > place]
        token = f"{self.epoch}/{_place(rows[size - 1])}" if len(rows) > size else ""
        return rows[:size], token


def _place(row: Row) -> str:
    return f"{row.changed:012d} {row.entry.member_entry_id}"


def seconds(text: str) -> int:
    """Unix seconds of an ISO time, which must be UTC."""
    return int(datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC).timestamp())


def junk(body: bytes) -> bytes:
    """The same answer with a record that is none."""
    if body.startswith(b"<"):
        return body.replace(b"</images>", b"<image><id></id><member/></image></images>", 1)
    answer = json.loads(body)
    answer["data" if "data" in answer else "hashRecords"].append({"hashValue": 7, "indicator": ["?"]})
    return json.dumps(answer).encode()


def marked(entry: ListEntry, digest: bytes) -> ListEntry:
    """An entry with one more MD5, for tests that look for it."""
    return replace(entry, digests=(*entry.digests, ("md5", digest)))
