"""A notice as a message (RFC 5322, MIME): nothing in it depends on when or how often it is made."""

from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import formatdate
from hashlib import sha256
from typing import Final

from contracts.notices import Notice, Unfit
from contracts.removal import Operator
from notices.compose.fit import clean, domain_of
from notices.compose.whole import Composed

NUMBER: Final = "X-Pisaura-Notice"
DRY: Final = "X-Pisaura-Dry-Run"


def message(notice: Notice, composed: Composed, operator: Operator, sender: str = "", dry: bool = False) -> bytes:
    """The whole message, with CRLF. `sender` is the From address, that of `operator.contact` if empty. `dry` says in a field of its
    own that it was not sent. Unfit if an address is none."""
    mail = EmailMessage(policy=SMTP)
    mail["From"] = _mailbox(operator.name, sender or operator.contact, "the sender's address", dry)
    mail["To"] = _mailbox("", notice.recipient.contact, f"the address of notice {notice.notice_id}'s recipient", dry)
    mail["Subject"] = composed.subject
    mail["Date"] = formatdate(int(notice.made_at)).replace("-0000", "+0000")
    mail["Message-ID"] = f"<{notice.message_id}>"
    if notice.in_reply_to:
        mail["In-Reply-To"] = mail["References"] = f"<{notice.in_reply_to}>"
    mail["Auto-Submitted"] = "auto-generated"
    mail[NUMBER] = composed.reference
    if dry:
        mail[DRY] = f"not sent; not set: {', '.join(composed.missing) or 'nothing'}"
    mail.set_content(composed.text, cte="quoted-printable")
    mail.add_alternative(composed.html, subtype="html", cte="quoted-printable")
    for attachment in composed.attachments:
        mail.add_attachment(attachment.data, "application", "json", cte="base64", filename=attachment.name)
    for number, part in enumerate(part for part in mail.walk() if part.is_multipart()):
        part.set_boundary(f"=_{number}_{sha256(notice.message_id.encode()).hexdigest()[:32]}")
    return mail.as_bytes()


def _mailbox(name: str, address: str, what: str, dry: bool) -> Address | str:
    if not domain_of(address):
        if dry:
            return "nobody <nobody@invalid>"
        raise Unfit(f"{what} is no e-mail address")
    plain = clean(name, 100).replace("=?", "= ?").strip()  # what looks like an encoded word (RFC 2047) is not undone
    return Address(plain, addr_spec=address)
