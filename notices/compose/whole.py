"""All of a notice: `compose`. The same notice of the same operator gives the same bytes."""

from typing import Any, Final

from msgspec import Struct

from contracts.notices import Notice, reference
from contracts.removal import Operator
from notices.compose import fit, pages, wording
from notices.compose.attachments import Attachment, attachments, encoded, reports
from notices.compose.facts import lines, record
from notices.compose.fit import clean, utc
from notices.compose.pages import Part, PlaceLines
from notices.compose.wording import Words

VERSION: Final = 1
"""Of the JSON that providers' APIs get."""


class Composed(Struct, frozen=True):
    """A notice ready to be sent. `missing` are settings without which it may only be written to a folder."""

    reference: str
    subject: str
    text: str
    html: str
    attachments: tuple[Attachment, ...]
    missing: tuple[str, ...] = ()


def compose(notice: Notice, operator: Operator, most: int = fit.PLACES) -> Composed:
    """Subject, text, HTML and files of a notice of at most `most` places. Unfit if it may not be sent."""
    fit.check(notice, most)
    said = wording.words(notice.language)
    missing = tuple(fit.missing(operator))
    values = _values(notice, operator, said)
    subject = clean(wording.filled(said.subjects[notice.kind], values), 400)
    parts = _parts(notice, said, values, missing)
    return Composed(
        values["reference"],
        subject,
        pages.text(parts),
        pages.html(parts, wording.spoken(notice.language), subject),
        attachments(notice, operator),
        missing,
    )


def payload(notice: Notice, composed: Composed, operator: Operator) -> bytes:
    """The same for a provider's API, as JSON: fields of `record` for each place, and the XARF reports."""
    told: dict[str, Any] = {
        "version": VERSION,
        "notice": composed.reference,
        "kind": notice.kind,
        "message_id": notice.message_id,
        "in_reply_to": notice.in_reply_to,
        "idempotency_key": notice.idempotency_key,
        "made_at": utc(notice.made_at),
        "language": wording.spoken(notice.language),
        "operator": {
            "name": operator.name,
            "country": operator.country,
            "mandate": operator.mandate,
            "contact": operator.contact,
            "appeal": operator.appeal,
        },
        "subject": composed.subject,
        "text": composed.text,
        "places": [record(place) for place in notice.places],
        "xarf": reports(notice, operator),
    }
    return encoded(told | ({"missing": composed.missing} if composed.missing else {}))


def _values(notice: Notice, operator: Operator, said: Words) -> dict[str, str]:
    unset = said.labels["unset"]
    kinds = {place.kind for place in notice.places}
    mandate = clean(operator.mandate).strip() or f"[operator.mandate: {unset}]"
    return {
        "reference": reference(notice.notice_id, notice.message_id),
        "recipient": fit.defanged(notice.recipient.name, 200) or fit.defanged(notice.recipient.contact, 200),
        "operator": clean(operator.name).strip() or f"[operator.name: {unset}]",
        "country": clean(operator.country).strip() or f"[operator.country: {unset}]",
        "mandate": mandate if mandate[-1] in ".!?]" else f"{mandate}.",
        "contact": clean(operator.contact).strip() or f"[operator.contact: {unset}]",
        "appeal": clean(operator.appeal).strip() or f"[operator.appeal: {unset}]",
        "count": str(len(notice.places)),
        "date": utc(notice.made_at).partition("T")[0],
        "what": said.about["csam" if "csam" in kinds else "child-exploitative"],
    }


def _parts(notice: Notice, said: Words, values: dict[str, str], missing: tuple[str, ...]) -> list[Part]:
    kinds = {place.kind for place in notice.places}
    reasons = tuple(kind for kind in fit.TOLD_KINDS if kind in kinds)
    parts: list[Part] = [f"{said.labels['dry']} {', '.join(missing)}."] if missing else []
    for paragraph in wording.paragraphs(said, notice.kind, reasons):
        if paragraph == wording.PLACES:
            parts += _places(notice, said)
        else:
            parts.append(wording.filled(paragraph, values))
    return parts


def _places(notice: Notice, said: Words) -> list[PlaceLines]:
    label, count = said.labels, len(notice.places)
    return [
        PlaceLines(
            f"{label['place']} {number} {label['of']} {count}, {label['case']} {place.case_id}",
            tuple(lines(place, notice.kind, said)),
        )
        for number, place in enumerate(notice.places, 1)
    ]
