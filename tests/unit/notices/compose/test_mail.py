"""The message: no field can be injected, and nothing depends on when it is made."""

from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default

import pytest
from hypothesis import given, settings

from contracts.notices import Notice, Unfit, reference
from contracts.recipients import Recipient
from contracts.removal import Operator
from notices.compose.mail import DRY, NUMBER, message
from notices.compose.whole import compose
from tests.notices import MESSAGE_ID, OPERATOR, hostile, notice, notices

FIELDS = {
    "from", "to", "subject", "date", "message-id", "in-reply-to", "references", "auto-submitted", "x-pisaura-notice",
    "mime-version", "content-type",
}  # fmt: skip


def made(one: Notice, operator: Operator = OPERATOR, **more: object) -> bytes:
    return message(one, compose(one, operator), operator, **more)  # type: ignore[arg-type]


def parsed(data: bytes) -> EmailMessage:
    found = message_from_bytes(data, policy=default)
    assert isinstance(found, EmailMessage)
    return found


def test_fields_of_a_first_notice() -> None:
    mail = parsed(made(notice()))
    assert mail["Message-ID"] == f"<{MESSAGE_ID}>"
    assert mail["From"] == "Example Hotline <notices@hotline.example>" and mail["To"] == "abuse@host.example"
    assert mail["Date"] == "Wed, 15 Nov 2023 00:13:20 +0000"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail[NUMBER] == reference(4711, MESSAGE_ID) and mail[NUMBER] in mail["Subject"]
    assert "In-Reply-To" not in mail and "References" not in mail and DRY not in mail
    text, html = mail.get_body(("plain",)), mail.get_body(("html",))
    assert text and html and text.get_content().replace("\r", "") == compose(notice(), OPERATOR).text
    assert [one.get_content_type() for one in mail.iter_attachments()] == ["application/json"] * 2


@pytest.mark.parametrize("kind", ["reminder", "retraction"])
def test_reminders_and_retractions_answer_the_notice(kind: str) -> None:
    mail = parsed(made(notice(kind=kind, in_reply_to="n1.00@hotline.example")))
    assert mail["In-Reply-To"] == mail["References"] == "<n1.00@hotline.example>"
    assert mail["Message-ID"] == f"<{MESSAGE_ID}>"


@settings(max_examples=80, deadline=None)
@given(notices)
def test_no_field_can_be_injected(one: Notice) -> None:
    data = made(one)
    assert data == made(one)
    mail = parsed(data)
    assert {name.lower() for name in mail} <= FIELDS
    assert all(len(mail.get_all(name) or []) == 1 for name in set(mail.keys()))
    assert mail["To"] == "abuse@host.example"
    assert not mail.defects
    kinds = [part.get_content_type() for part in mail.walk()]
    assert kinds[:4] == ["multipart/mixed", "multipart/alternative", "text/plain", "text/html"]
    assert set(kinds[4:]) == {"application/json"}
    assert all(len(line) <= 998 for line in data.split(b"\r\n"))
    assert b"\n" not in data.replace(b"\r\n", b"") and b"\r" not in data.replace(b"\r\n", b"")


@settings(max_examples=60, deadline=None)
@given(hostile, hostile, hostile)
def test_nor_by_what_the_operator_is_called_or_the_recipient(name: str, contact: str, sender: str) -> None:
    operator = Operator(name, "FR", "m", "notices@hotline.example", "a")
    one = notice(recipient=Recipient("email:x", "host", name, "email", "abuse@host.example"))
    mail = parsed(made(one, operator))
    assert {field.lower() for field in mail} <= FIELDS
    for to, by in ((contact, "notices@hotline.example"), ("abuse@host.example", sender or "x y")):
        with pytest.raises(Unfit, match="no e-mail address"):
            made(notice(recipient=Recipient("email:x", "host", "x", "email", to)), sender=by)


def test_a_dry_run_says_what_is_missing_and_writes_all_the_same() -> None:
    mail = parsed(made(notice(), Operator(), dry=True))
    assert str(mail[DRY]).startswith("not sent; not set: operator.name, operator.country")
    assert mail["From"] == "nobody <nobody@invalid>"
    assert parsed(made(notice(), dry=True))[DRY] == "not sent; not set: nothing"
