"""notices.recipients.overrides: what the operator knows better."""

from pathlib import Path

import pytest

from contracts.errors import UsageError
from contracts.recipients import Recipient
from notices.recipients import overrides
from notices.recipients.overrides import Overrides

TEXT = """
[[host]]
host = "IMG.forum.example"
class = "platform"
name = "Forum"
contact = "abuse@forum.example"
country = "FR"
language = "fr"
hosting = "FR"
[[host]]
host = "*.forum.example"
never = "police"
[[site]]
site = "forum.example"
channel = "webhook"
contact = "forum"
[[network]]
cidr = "127.20.0.0/16"
contact = "a@hoster.example"
[[network]]
cidr = "127.20.7.0/24"
contact = "b@hoster.example"
[[network]]
cidr = "2001:db8::/32"
hosting = "DE"
[[asn]]
asn = 64496
contact = "c@hoster.example"
"""


def test_the_closest_goes_first() -> None:
    made = Overrides.parse("o.toml", TEXT)
    platform = Recipient("email:abuse@forum.example", "platform", "Forum", "email", "abuse@forum.example", "FR", "fr")
    found = made.of_host("img.forum.example:8080")
    assert [one.where for one in found] == ["host img.forum.example", "host *.forum.example", "site forum.example"]
    assert (found[0].recipient, found[0].hosting, found[1].never) == (platform, "FR", "police")
    assert found[2].recipient == Recipient("webhook:forum", "host", "forum", "webhook", "forum")
    assert [one.where for one in made.of_host("a.b.forum.example")] == ["host *.forum.example", "site forum.example"]
    assert made.of_host("forum.example.org") == made.of_host("192.0.2.7") == []


def test_networks_and_systems() -> None:
    made = Overrides.parse("o.toml", TEXT)
    named = [made.of_address(one) for one in ("127.20.1.1", "127.20.7.7", "127.21.0.1", "2001:db8::1", "x")]
    assert [one and (one.recipient.contact if one.recipient else one.hosting) for one in named] == [
        "a@hoster.example", "b@hoster.example", None, "DE", None,
    ]  # fmt: skip
    assert made.of_numbers((1, 64496)) is not None and made.of_numbers(()) is None
    assert Overrides().of_address("127.20.0.1") is None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[[host]]\nhost = "a.example:80"\nnever = "x"', r"\[\[host\]\] number 1: host must be"),
        ('[[host]]\nnever = "x"', "host is missing"),
        ('[[host]]\nhost = "a.example"', "contact is missing"),
        ('[[site]]\nsite = "www.a.example"\nnever = "x"', "registered domain"),
        ('[[asn]]\nasn = 0\nnever = "x"', "asn must be a whole number"),
        ('[[network]]\ncidr = "127.0.0.1/8"\nnever = "x"', "cidr is '127.0.0.1/8', which is no network"),
        ('[[network]]\ncidr = "127.0.0.0/8"\nnever = "x"\n' * 2, r"number 2: cidr 127.0.0.0/8 is there twice"),
        ('[[site]]\nsite = "a.example"\nnever = "x"\n' * 2, "number 2: site a.example is there twice"),
        ('[[asn]]\nasn = 7\ncontact = "a@b.example\\nBcc: c@d.example"', "contact must be text on one line"),
        ('[[asn]]\nasn = 7\ncontact = "a@b.example, c@d.example"', "contact is .* no e-mail address"),
        ('[[asn]]\nasn = 7\ncontact = "a b"\nchannel = "webhook"', "contact must be a name in the file of webhooks"),
        ('[[asn]]\nasn = 7\ncontact = "a@b.example"\nclass = "hoster"', "class is 'hoster'; it must be one of host,"),
        ('[[asn]]\nasn = 7\ncontact = "a@b.example"\nchanel = "email"', "did you mean channel"),
        ('[[asn]]\nasn = 7\nnever = "x"\nhosting = "Germany"', "hosting is 'Germany'"),
    ],
    ids=range(14),
)  # fmt: skip
def test_what_is_wrong_is_named(text: str, said: str) -> None:
    with pytest.raises(UsageError, match=rf"^o.toml: .*{said}"):
        Overrides.parse("o.toml", text)


def test_the_example_can_be_read() -> None:
    text = Path(overrides.__file__).with_name("overrides.example.toml").read_text()
    made = Overrides.parse("example", text)
    assert made.of_host("decoy.example")[0].never and made.of_address("192.0.2.1")
