"""Proof that the address guard keeps the crawl out of this network: the real guard is asked, nothing is connected to."""

from typing import Final

from contracts.settings import Addresses
from crawlctl.doctor.findings import Finding, failed, ok, warning
from fetchers.addresses import Guard

CHECK: Final = "address guard"

METADATA: Final = (
    "169.254.169.254",  # instance metadata of most clouds
    "169.254.170.2",  # credentials of containers
    "100.100.100.200",
    "fd00:ec2::254",
    "fd20:ce::254",
    "::ffff:169.254.169.254",
    "64:ff9b::a9fe:a9fe",
    "2002:a9fe:a9fe::",
)
"""Addresses that hand out a machine's credentials to whoever asks, also inside IPv6 addresses that lead there."""

INSIDE: Final = {
    "loopback": ("127.0.0.1", "127.255.255.254", "::1", "::ffff:127.0.0.1", "64:ff9b::7f00:1", "0.0.0.0", "::"),
    "private": (
        "10.0.0.1", "172.16.0.1", "172.31.255.254", "192.168.1.1", "100.64.0.1", "fc00::1", "fd12:3456::1",
        "::ffff:10.0.0.1", "2002:a00:1::", "2001:0:a00:1::f5ff:fffe",
    ),
    "link-local": ("169.254.0.1", "fe80::1", "fe80::1%eth0"),
    "multicast and reserved": ("224.0.0.1", "255.255.255.255", "240.0.0.1", "ff02::1", "192.0.2.1", "198.18.0.1"),
}  # fmt: skip
"""Addresses that are not of the public internet, by what they are."""

OUTSIDE: Final = ("1.1.1.1", "9.9.9.9", "2606:4700:4700::1111", "2620:fe::fe")
"""Addresses of the public internet."""


def judge_guard(addresses: Addresses) -> list[Finding]:
    """What `addresses.allow` and `addresses.deny` let through."""
    try:
        guard = Guard(addresses.allow, addresses.deny)
    except ValueError as error:
        return [
            failed(CHECK, f"a network cannot be read: {error}", "write networks like 192.0.2.0/24 or 2001:db8::/32")
        ]
    probes = {"metadata": METADATA, **INSIDE}
    let = {sort: [one for one in tried if guard.check(one) is None] for sort, tried in probes.items()}
    count = sum(map(len, probes.values()))
    allowed = ", ".join(addresses.allow) or "nothing"
    through = [f"{sort}: {', '.join(ones)}" for sort, ones in let.items() if ones]
    if let["metadata"]:
        return [
            failed(
                CHECK,
                f"metadata addresses may be connected to ({', '.join(let['metadata'])}); addresses.allow is {allowed}",
                "take the network that holds them off addresses.allow, or put them on addresses.deny",
            )
        ]
    if through:
        return [
            warning(
                CHECK,
                f"of {count} addresses inside, these may be connected to: {'; '.join(through)}; addresses.allow is {allowed}",
                "right for a test on one machine; else empty addresses.allow",
            )
        ]
    found = (
        f"all of {count} addresses that are loopback, private, link-local, metadata, multicast or reserved are refused"
    )
    if not any(guard.check(one) is None for one in OUTSIDE):
        return [warning(CHECK, f"{found}, and so is the public internet", "look at addresses.deny")]
    return [ok(CHECK, f"{found}; addresses.allow is {allowed}, addresses.deny has {len(addresses.deny)} networks")]
