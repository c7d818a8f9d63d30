"""Network policies: who may talk to whom, read as Kubernetes reads them."""

from ipaddress import ip_address, ip_network

import pytest

from fetchers.addresses import SPECIAL_V4, SPECIAL_V6, Guard
from tests.unit.deploy.rendered import Document, container, labels, of_kind, selected, workloads

KAFKA = "pisaura-kafka"
CRAWL = "pisaura-postgres-crawl"
VAULT = "pisaura-postgres-vault"
INTERNET = "internet"
DNS = "dns"


def peers(rules: list[Document]) -> set[tuple[str, int | str | None]]:
    """(whom, port) of rules: namespaces by the label that they must have, networks as the internet."""
    found: set[tuple[str, int | str | None]] = set()
    for rule in rules:
        for whom in rule.get("from") or rule.get("to") or []:
            for port in rule["ports"]:
                if "ipBlock" in whom:
                    name = INTERNET
                else:
                    (name,) = whom["namespaceSelector"]["matchLabels"]
                found.add((DNS if "podSelector" in whom else name, port.get("port")))
    return found


def applying(base: list[Document], workload: str) -> list[Document]:
    """Specs of all policies that apply to a workload's pods."""
    policies = of_kind(base, "NetworkPolicy").values()
    return [each["spec"] for each in policies if workload in selected(each["spec"]["podSelector"], base)]


def test_what_is_not_allowed_is_denied(overlay: list[Document]) -> None:
    deny = of_kind(overlay, "NetworkPolicy")["default-deny"]["spec"]
    assert deny["podSelector"] == {} and set(deny["policyTypes"]) == {"Ingress", "Egress"}
    assert "ingress" not in deny and "egress" not in deny
    policies = of_kind(overlay, "NetworkPolicy")
    for name, workload in workloads(overlay).items():
        own = policies[name]["spec"]
        assert own["podSelector"]["matchLabels"].items() <= labels(workload).items()
        assert selected(own["podSelector"], overlay) == {name} and set(own["policyTypes"]) == {"Ingress", "Egress"}
        for rule in [*own.get("ingress", []), *own.get("egress", [])]:
            assert rule["ports"] and (rule.get("from") or rule.get("to")), "an empty list would allow all"


@pytest.mark.parametrize(
    ("workload", "reached"),
    [
        ("frontier", {(KAFKA, 9093), (CRAWL, 5432)}),
        ("fetcher", {(KAFKA, 9093), (INTERNET, None)}),
        ("hasher", {(KAFKA, 9093), (VAULT, 5432)}),
        ("notices", {(KAFKA, 9093), (VAULT, 5432)}),
        ("migrate", {(CRAWL, 5432), (VAULT, 5432)}),
        ("topics", {(KAFKA, 9093)}),
        ("lists", {(VAULT, 5432), (INTERNET, 443)}),
        ("operator-alice", {(VAULT, 5432)}),
    ],
)
def test_who_reaches_what(overlay: list[Document], workload: str, reached: set[tuple[str, int | None]]) -> None:
    out = {peer for spec in applying(overlay, workload) for peer in peers(spec.get("egress", []))}
    assert out == reached | {(DNS, 53)}


def test_only_monitoring_reaches_roles(overlay: list[Document]) -> None:
    for name, workload in workloads(overlay).items():
        come = {peer for spec in applying(overlay, name) for peer in peers(spec.get("ingress", []))}
        assert come == ({("pisaura-monitoring", "http")} if "ports" in container(workload) else set())


def reachable(base: list[Document], address: str, whose: str = "fetcher") -> bool:
    """Whether the policy of fetchers, or of another, lets a connection to an address through."""
    for rule in of_kind(base, "NetworkPolicy")[whose]["spec"]["egress"]:
        for whom in rule["to"]:
            block = whom.get("ipBlock")
            if block is None:
                continue
            network, where = ip_network(block["cidr"]), ip_address(address)
            inside = where.version == network.version and where in network
            if inside and not any(where in ip_network(each) for each in block["except"]):
                return True
    return False


@pytest.mark.parametrize("whose", ["fetcher", "lists"])
def test_nothing_is_reached_that_the_guard_refuses(base: list[Document], whose: str) -> None:
    guard = Guard([], [])
    for network, name, _ in (*SPECIAL_V4, *SPECIAL_V6):
        block = ip_network(network)
        for edge in (block[0], block[-1], block[block.num_addresses // 2]):
            if guard.check(str(edge)) is not None:
                assert not reachable(base, str(edge), whose), f"{edge} ({name})"
    for address in ("10.96.0.1", "169.254.169.254", "168.63.129.16", "fd00::1", "fe80::1", "::1", "64:ff9b::a00:1"):
        assert not reachable(base, address, whose)


@pytest.mark.parametrize("whose", ["fetcher", "lists"])
def test_the_internet_is_reached(base: list[Document], whose: str) -> None:
    for address in ("1.1.1.1", "93.184.215.14", "100.128.0.1", "172.32.0.1", "2606:4700::1111", "2a00:1450::1"):
        assert reachable(base, address, whose)
