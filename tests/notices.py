"""What tests of notices share: an operator, places and notices, all of them invented."""

from hashlib import sha256
from typing import Any

import msgspec
from hypothesis import strategies as st

from contracts.notices import KINDS, Notice, NoticePlace
from contracts.recipients import CLASSES, Recipient
from contracts.removal import Operator

NOW = 1_700_000_000.0
OPERATOR = Operator(
    "Example Hotline",
    "FR",
    "It is named by law to receive reports of such material",
    "notices@hotline.example",
    "https://hotline.example/appeals",
)
HOST = Recipient("email:abuse@host.example", "host", "Host Example", "email", "abuse@host.example")
PROVIDER = Recipient("webhook:host", "platform", "Host Example", "webhook", "host")
MESSAGE_ID = "n4711.4b7e0c2a91d3@hotline.example"


def place(number: int = 1, **more: Any) -> NoticePlace:
    """An exact place, graded A1 and baseline, with one page."""
    known = NoticePlace(
        case_id=number,
        url=f"https://media.example/files/{number}.jpg?size=large",
        pages=(f"https://pages.example/topic/{number}",),
        address="203.0.113.5",
        first_seen=NOW,
        confirmed_at=NOW + 3_600,
        size=123_456,
        media_type="image/jpeg",
        sha256=sha256(b"medium %d" % number).digest(),
        near=False,
        category="A1",
        legality="baseline",
    )
    return msgspec.structs.replace(known, **more)


def notice(*places: NoticePlace, **more: Any) -> Notice:
    """A first notice to a host by e-mail, in English, about one place unless told otherwise."""
    known = Notice(4711, "first", HOST, "en", MESSAGE_ID, "4711-4b7e0c2a91d3", NOW + 7_200, places or (place(),))
    return msgspec.structs.replace(known, **more)


hostile = st.one_of(
    st.text(max_size=300),
    st.sampled_from(
        [
            "https://evil.example/\u202egpj.exe",
            "x\r\nBcc: everybody@evil.example\r\n\r\nhello",
            "<script>alert(1)</script><a href='https://evil.example'>x</a>",
            "$reference @places ${mandate} %s {0}",
            "\x00\x07\x1b[31mred\x9b",
            "\ud800 half",
            "=?utf-8?q?=0d=0aBcc:_x@evil.example?=",
            "https://user:pass@media.example/" + "a" * 5_000,
            "javascript:alert(1)",
            "http://[2001:db8::1]:8080/a.b?c=d@e",
            "\u2028\u2029\u200b\ufeff",
            "--=_0_\r\n",
        ]
    ),
)

places = st.builds(
    NoticePlace,
    case_id=st.integers(0, 2**63 - 1),
    url=hostile.map(lambda text: f"https://media.example/{text}"),
    pages=st.lists(hostile.map(lambda text: f"http://pages.example/{text}"), max_size=3).map(tuple),
    address=st.sampled_from(["", "203.0.113.5", "2001:db8::5"]),
    first_seen=st.floats(0, 4e9),
    confirmed_at=st.floats(0, 4e9),
    size=st.integers(0, 2**50),
    media_type=st.one_of(st.sampled_from(["image/png", "video/mp4", ""]), hostile),
    sha256=st.binary(min_size=32, max_size=32),
    near=st.booleans(),
    category=st.one_of(st.sampled_from(["A1", "B2", "A", "baseline", ""]), hostile),
    legality=st.sampled_from(["baseline", "national", "harmful", "unknown"]),
    kind=st.sampled_from(["csam", "child-exploitative"]),
    confirmed=st.booleans(),
)

notices = st.builds(
    Notice,
    notice_id=st.integers(1, 2**63 - 1),
    kind=st.sampled_from(KINDS),
    recipient=st.builds(
        Recipient,
        key=st.just("email:abuse@host.example"),
        klass=st.sampled_from([one for one in CLASSES if one != "site-operator"]),
        name=hostile,
        channel=st.just("email"),
        contact=st.just("abuse@host.example"),
    ),
    language=st.sampled_from(["en", "fr", "fr-CA", "de", ""]),
    message_id=st.just(MESSAGE_ID),
    idempotency_key=st.just("key"),
    made_at=st.floats(0, 4e9),
    places=st.lists(places, min_size=1, max_size=4).map(tuple),
    in_reply_to=st.sampled_from(["", "n1.00@hotline.example"]),
)
