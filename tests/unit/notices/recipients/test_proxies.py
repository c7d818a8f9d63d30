"""notices.recipients.proxies: "Reverse proxies have a file of networks and a template that asks for the origin" (domain, section 2)."""

import pytest

from contracts.errors import UsageError
from crawlctl.recipient_files import SHIPPED
from notices.recipients.proxies import CLASS, Proxies


def test_the_shipped_file() -> None:
    made = Proxies.parse("proxies.toml", (SHIPPED / "proxies.toml").read_text())
    named = [made.around(one) for one in ("104.16.1.1", "2606:4700::1111", "151.101.1.1", "192.88.134.1", "192.0.2.1")]
    assert [one.name if one else "" for one in named] == ["Cloudflare", "Cloudflare", "Fastly", "Sucuri", ""]
    assert named[0] and named[0].recipient and named[0].recipient.klass == CLASS
    assert named[3] and named[3].recipient is None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[[proxy]]\nnetworks = ["192.0.2.0/24"]', "name is missing"),
        ('[[proxy]]\nname = "x"\nnetworks = []', "networks must be a list"),
        ('[[proxy]]\nname = "x"\nnetworks = ["192.0.2.1/24"]', "networks is '192.0.2.1/24'"),
        ('[[proxy]]\nname = "x"\nnetworks = ["192.0.2.0/24", "192.0.2.0/24"]', "is there twice"),
        ('[[proxy]]\nname = "x"\nnetworks = ["192.0.2.0/24"]\ncontact = "x"', "contact is 'x'"),
        ('[[proxies]]\nname = "x"', r"known are \[\[proxy\]\]"),
    ],
)
def test_what_is_wrong_is_named(text: str, said: str) -> None:
    with pytest.raises(UsageError, match=rf"^p.toml: .*{said}"):
        Proxies.parse("p.toml", text)
