"""The words of notices as people review them: `python -m tests.unit.notices.compose.golden` writes the files in `golden/` anew."""

from collections.abc import Iterator
from pathlib import Path

from contracts.notices import KINDS, PAGE, REMINDER, RETRACTION, Notice
from contracts.recipients import Recipient
from contracts.removal import Operator
from notices.compose import mail
from notices.compose.whole import compose, payload
from tests.notices import HOST, MESSAGE_ID, NOW, OPERATOR, PROVIDER, notice, place

FOLDER = Path(__file__).parent / "golden"
PLACES = (
    place(17),
    place(
        23, pages=(), address="", near=True, confirmed=True, category="", legality="national", media_type="video/mp4"
    ),
    place(42, kind="child-exploitative", category="exploitative", legality="harmful"),
)
PROXY = Recipient("email:abuse@proxy.example", "reverse-proxy", "Proxy Example", "email", "abuse@proxy.example")
PARTNER = Recipient(
    "email:desk@other-hotline.example", "partner", "Other Hotline", "email", "desk@other-hotline.example"
)


def made(kind: str, language: str) -> Notice:
    """A notice of three places: exact, near and confirmed, exploitative."""
    to = {"origin": PROXY, "partner": PARTNER}.get(kind, HOST)
    earlier = "n4000.9d27aa31c0fe@hotline.example" if kind in (REMINDER, RETRACTION, PAGE) else ""
    return notice(*PLACES, kind=kind, language=language, recipient=to, in_reply_to=earlier)


def files() -> Iterator[tuple[str, bytes]]:
    """Name and content of each file."""
    for language in ("en", "fr"):
        for kind in KINDS:
            one = made(kind, language)
            composed = compose(one, OPERATOR)
            yield f"{language}-{kind}.txt", f"Subject: {composed.subject}\n\n{composed.text}".encode()
            if kind == "first":
                yield f"{language}-{kind}.html", composed.html.encode()
    first = made("first", "en")
    composed = compose(first, OPERATOR)
    for attachment in composed.attachments:
        yield attachment.name, attachment.data
    yield "en-first.eml", mail.message(first, composed, OPERATOR)
    api = notice(place(17), recipient=PROVIDER, message_id=MESSAGE_ID, made_at=NOW)
    yield "api.json", payload(api, compose(api, OPERATOR), OPERATOR)
    unset = notice(place(17))
    yield "en-unset.txt", compose(unset, Operator()).text.encode()


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for old in FOLDER.iterdir():
        old.unlink()
    for name, data in files():
        (FOLDER / name).write_bytes(data)
