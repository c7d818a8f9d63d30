"""Messages as they come back: written by hand, all invented."""

from base64 import b64encode

from contracts.notices import reference
from tests.notices import MESSAGE_ID

NUMBER = reference(4711, MESSAGE_ID)
PICTURE = b64encode(bytes(range(256)) * 40).decode()


def crlf(text: str) -> bytes:
    return text.strip("\n").replace("\n", "\r\n").encode()


def plain(text: str, *fields: str, subject: str = "Re: notice") -> bytes:
    """A message of text/plain."""
    head = ["From: Abuse Desk <abuse@host.example>", f"Subject: {subject}", "Message-ID: <r1@host.example>", *fields]
    return crlf("\n".join([*head, "Content-Type: text/plain; charset=utf-8", "", text]))


BOUNCE = crlf(f"""
Return-Path: <>
From: MAILER-DAEMON@mx.hotline.example (Mail Delivery System)
To: notices@hotline.example
Subject: Undelivered Mail Returned to Sender
Message-ID: <bounce-1@mx.hotline.example>
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status;
\tboundary="=_outer"

This is a MIME-encapsulated message.

--=_outer
Content-Type: text/plain; charset=us-ascii

I'm sorry to have to inform you that your message could not be delivered.

--=_outer
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.hotline.example
Original-Envelope-Id: {NUMBER}
Arrival-Date: Tue, 14 Nov 2023 22:13:20 +0000

Final-Recipient: rfc822; abuse@host.example
Action: failed
Status: 5.1.1
Diagnostic-Code: smtp; 550 5.1.1 no such user

--=_outer
Content-Type: message/rfc822

From: Example Hotline <notices@hotline.example>
Message-ID: <{MESSAGE_ID}>
Subject: [{NUMBER}] secret-subject
Content-Type: multipart/mixed; boundary="=_inner"

--=_inner
Content-Type: text/plain

secret-body of the notice

--=_inner
Content-Type: application/json

secret-places

--=_inner--
--=_outer--
""")

WITH_PICTURE = crlf(f"""
From: =?utf-8?q?Andr=C3=A9?= <abuse@host.example>
Subject: =?iso-8859-1?Q?R=E9=3A?= [{NUMBER}] done
Message-ID: <r2@host.example>
In-Reply-To: <{MESSAGE_ID}>
Content-Type: multipart/mixed; boundary=outer

preamble
--outer
Content-Type: multipart/alternative; boundary="inner one"

--inner one
Content-Type: text/plain; charset="iso-8859-1"
Content-Transfer-Encoding: quoted-printable

Le contenu a =E9t=E9 supprim=E9.
--inner one
Content-Type: text/html; charset=utf-8

<p>secret-html</p>
--inner one--
--outer
Content-Type: image/jpeg; name="IMG_1.jpg"
Content-Transfer-Encoding: base64
Content-Disposition: attachment; filename="IMG_1.jpg"

{PICTURE}
--outer
Content-Type: text/plain; name="evidence.txt"
Content-Disposition: attachment; filename="evidence.txt"

secret-attachment
--outer
Content-Type: text/plain; name=evil.jpg
Content-Disposition: inline
Content-Transfer-Encoding: base64

QWxsIGdvbmUu
--outer--
epilogue
""")
