"""The files of a notice: exact URLs for people's programs, and reports for machines. JSON in ASCII, so that a hostile URL stays text."""

import json
from typing import Any, Final

from msgspec import Struct

from contracts.notices import Notice, reference
from contracts.removal import Operator
from notices.compose import xarf
from notices.compose.facts import record

PLACES: Final = "places.json"
TYPE: Final = "application/json"


class Attachment(Struct, frozen=True):
    """A file of a notice. It is never media."""

    name: str
    data: bytes


def attachments(notice: Notice, operator: Operator) -> tuple[Attachment, ...]:
    """Exact places of the notice, and a XARF report for each of them that may have one."""
    told = {
        "notice": reference(notice.notice_id, notice.message_id),
        "kind": notice.kind,
        "places": [record(place) for place in notice.places],
    }
    return (Attachment(PLACES, encoded(told)), *(_report(one) for one in reports(notice, operator)))


def reports(notice: Notice, operator: Operator) -> list[dict[str, Any]]:
    """XARF reports of a notice."""
    return [one for place in notice.places if (one := xarf.report(notice, place, operator)) is not None]


def encoded(told: Any) -> bytes:
    """JSON of ASCII characters only, in lines."""
    return json.dumps(told, indent=1, ensure_ascii=True).encode("ascii") + b"\n"


def _report(found: dict[str, Any]) -> Attachment:
    return Attachment(f"xarf-{found['report_id']}.json", encoded(found))
