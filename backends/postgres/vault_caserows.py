"""Cases as rows: `record` is the whole case in msgpack, the other columns are drawn from it, here and nowhere else."""

from typing import Any

import msgspec

from backends.postgres.rows import millis
from contracts.caserows import Change, Locked, NewCase, Task
from contracts.cases import Case, Evidence
from contracts.errors import Corrupt

_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(Case)


def packed(case: Case) -> bytes:
    """A case as it is kept."""
    return _encoder.encode(case)


def unpacked(record: bytes) -> Case:
    """The case in a record; `Corrupt` if it is none, or one of a newer release."""
    try:
        return _decoder.decode(record)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise Corrupt(f"the record of a case ({len(record)} bytes) cannot be read: {error}; restore it") from error


def recipient(case: Case) -> str:
    """The key of who is told of the media itself, or empty."""
    return next((one.recipient for one in case.targets if not one.place and not one.former and one.recipient), "")


def new_values(case_id: int, new: NewCase) -> tuple[Any, ...]:
    """A new case as `add_cases` takes it."""
    c = msgspec.structs.replace(new.case, case_id=case_id)
    return (
        case_id, millis(c.opened_at), millis(c.opened_at), c.entry_id, c.near, c.place, c.sha256, new.site, new.host, c.state.value,
        c.why, c.kind, c.legality, c.category, c.country, recipient(c), packed(c), new.sealed,
    )  # fmt: skip


def changed_values(change: Change, at: float) -> tuple[Any, ...]:
    """What became of a case as `set_cases` takes it."""
    c = change.case
    times = (
        at, c.released_at, c.notified_at, c.accepted_at, c.acknowledged_at, c.first_absent_at, c.gone_at, c.back_at, c.closed_at
    )  # fmt: skip
    return (
        c.case_id, change.locked.version, *map(millis, times), c.entry_id, c.near, c.one_route, c.escalate, c.paused,
        c.state.value, c.why, c.kind, c.legality, c.category, c.country, recipient(c), c.legal_hold, packed(c), change.sealed,
    )  # fmt: skip


def locked(row: Any) -> Locked:
    """A row of `lock_cases`."""
    return Locked(unpacked(row["record"]), row["version"], row["wrapped"], row["sealed"], row["site"], row["host"])


def evidence(row: Any) -> Evidence:
    """A row of `stands_now`."""
    return Evidence(
        row["entry_id"], row["near"], row["algorithm"], row["distance"], row["standing"], row["kind"], row["legality"],
        row["category"], row["notify"], row["held"], row["live"], row["confirmed"], row["refused"], row["guarded"],
    )  # fmt: skip


def task(row: Any) -> Task:
    """A row of `due_tasks`."""
    return Task(row["case_id"], row["task"], row["due_at"], row["tries"], row["entry_id"])
