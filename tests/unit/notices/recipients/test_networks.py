"""notices.recipients.networks: the longest prefix counts, against a plain search."""

from ipaddress import IPv4Address, IPv4Network, ip_network

from hypothesis import given
from hypothesis import strategies as st

from notices.recipients.networks import Networks


@given(
    st.lists(st.tuples(st.integers(0, 255), st.integers(24, 32)), max_size=12),
    st.integers(0, 255),
)
def test_against_a_plain_search(rows: list[tuple[int, int]], last: int) -> None:
    made: Networks[int] = Networks()
    known: dict[IPv4Network, int] = {}
    for number, (byte, length) in enumerate(rows):
        net = IPv4Network((f"192.0.2.{byte}", length), strict=False)
        assert made.add(net, number) is (net not in known)
        known.setdefault(net, number)
    address = IPv4Address(f"192.0.2.{last}")
    around = [net for net in known if address in net]
    best = max(around, key=lambda net: net.prefixlen, default=None)
    assert made.around(str(address)) == (None if best is None else known[best])


def test_what_is_no_address() -> None:
    made: Networks[str] = Networks()
    made.add(ip_network("0.0.0.0/0"), "all")
    assert [made.around(one) for one in ("", "x", "::1", "192.0.2.1/32", "192.0.2.1")] == [
        None,
        None,
        None,
        None,
        "all",
    ]
