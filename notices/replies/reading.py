"""A whole reply: what it answers, what it seems to want, and its text, out of a message or out of an answer of a provider's API."""

import re
from collections.abc import Iterable
from hashlib import sha256
from typing import Final

import msgspec
from msgspec import Struct

from contracts.errors import Corrupt
from contracts.notices import APPEAL, AUTO, BOUNCE, OTHER, QUESTION, REMOVED, Arrived, Reply
from notices.compose.fit import clean
from notices.replies.fields import address_in, body_of, decoded, ids_in, parse, value_of
from notices.replies.hints import kind_of, without_data
from notices.replies.mime import Message

TEXT_BYTES: Final = 16 * 1024
"""Of text/plain, what is read and kept (domain, 2)."""
API_BYTES: Final = 64 * 1024
"""Largest answer of a provider's API."""
_NUMBER: Final = re.compile(r"(?<![A-Za-z0-9])P\d{1,18}-[A-Z2-7]{8}(?![A-Za-z0-9])")
_STATUS: Final = re.compile(r"\b([245]\.\d{1,3}\.\d{1,3})\b")
_AUTOMATIC: Final = ("x-autoreply", "x-autorespond", "x-auto-reply-from", "list-id")
_BULK: Final = ("bulk", "junk", "list", "auto_reply", "auto-reply")
_DAEMON: Final = re.compile(r"(?:mailer-daemon|postmaster|mail-daemon)@", re.IGNORECASE)


class ApiReply(Struct, forbid_unknown_fields=True):
    """What a provider's API posts: `id` is the same when it posts again, `notice` the number or the Message-ID of the notice."""

    id: str
    notice: str
    kind: str = OTHER
    text: str = ""


def read_message(pieces: Iterable[bytes], at: float, unread: int = 0) -> Arrived:
    """A message that came at this time. `unread` octets more were not even looked at. Whatever the octets are, there is an answer."""
    message, total = Message(), unread
    for piece in pieces:
        total += len(piece)
        message.feed(piece)
    message.end()
    head = message.head
    text = _text("\n\n".join(body_of(one.fields, bytes(one.body)) for one in message.texts))
    subject = decoded(value_of(head, "subject"))
    sender = address_in(value_of(head, "from"))
    action, status, envelope = _report([body_of(one.fields, bytes(one.body)) for one in message.status])
    returned = parse(bytes(message.returned))
    from_daemon = value_of(head, "return-path").strip() == "<>" and _DAEMON.search(sender) is not None
    kind = _kind(head, action, text, from_daemon)
    if kind == BOUNCE and not status:
        found = _STATUS.search(text)
        status = found[1] if found else ""
    own = next(iter(ids_in(value_of(head, "message-id"))), "")
    answers = [
        *ids_in(value_of(returned, "message-id")),
        *ids_in(value_of(head, "in-reply-to")),
        *reversed(ids_in(value_of(head, "references"))),
        *(ids_in(text) if from_daemon else ()),
    ]
    numbers = _NUMBER.findall(f"{envelope}\n{subject}\n{text}")
    reply = Reply(
        clean(own, 300), clean(answers[0], 300) if answers else "", kind, at, text, status, sender, max(0, total - message.read),
        subject,
    )  # fmt: skip
    same = own or repr(head)
    return Arrived(_key(same, sender, subject, text, status), reply, _few(answers), _few(numbers))


def read_answer(body: bytes, provider: str, at: float) -> Arrived:
    """An answer of a provider's API. Corrupt, which quotes nothing of it, if it is none."""
    if len(body) > API_BYTES:
        raise Corrupt(f"an answer of provider {provider} has more than {API_BYTES} bytes")
    try:
        said = msgspec.json.decode(body, type=ApiReply)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Corrupt(f"an answer of provider {provider} is not the JSON that docs/operations.md describes") from error
    kind = said.kind if said.kind in (REMOVED, QUESTION, APPEAL) else OTHER
    text, notice = _text(said.text), clean(said.notice, 300)
    reply = Reply(clean(said.id, 300), notice, kind, at, text, sender=provider)
    return Arrived(_key(said.id, provider, notice, text), reply, _few([notice]), _few(_NUMBER.findall(notice)))


def _kind(head: list[tuple[str, str]], action: str, text: str, from_daemon: bool) -> str:
    if action:
        return BOUNCE if action == "failed" else AUTO
    if from_daemon:
        found = _STATUS.search(text)
        return BOUNCE if found and found[1].startswith("5") else AUTO
    hint = kind_of(text)
    submitted = value_of(head, "auto-submitted").partition(";")[0].strip().lower()  # RFC 3834
    if submitted not in ("", "no") or value_of(head, "return-path").strip() == "<>":
        return APPEAL if hint == APPEAL else AUTO
    bulk = value_of(head, "precedence").strip().lower() in _BULK or any(name in _AUTOMATIC for name, _ in head)
    return AUTO if bulk and hint == OTHER else hint  # ticket systems mark what people write so, too


def _report(reports: list[str]) -> tuple[str, str, str]:
    """Action, status and Original-Envelope-Id of delivery reports (RFC 3464); of several recipients a failed one leads."""
    action = status = envelope = ""
    for report in reports:
        for group in re.split(r"\n[ \t]*\n", report.replace("\r\n", "\n")):
            fields = parse(group.encode("latin-1", "replace"))
            envelope = envelope or value_of(fields, "original-envelope-id")
            did = value_of(fields, "action").strip().lower()
            if did and (not action or did == "failed" != action):
                found = _STATUS.search(value_of(fields, "status"))
                action, status = did, found[1] if found else ""
    return action, status, envelope


def _text(sent: str) -> str:
    """Text as it is kept: no data, nothing that a terminal would obey or that is not seen."""
    lines = (clean(line.replace("\t", " "), TEXT_BYTES) for line in without_data(sent).split("\n"))
    text = "\n".join(lines).strip()
    return text.encode("utf-8", "replace")[:TEXT_BYTES].decode("utf-8", "ignore")


def _few(found: list[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(clean(one, 300) for one in found))[:50]


def _key(*parts: str) -> bytes:
    digest = sha256()
    for part in parts:
        raw = part.encode("utf-8", "surrogatepass")
        digest.update(len(raw).to_bytes(8) + raw)
    return digest.digest()
