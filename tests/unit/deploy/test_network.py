"""Network policies: who may talk to whom, read as Kubernetes reads them."""

from ipaddress import ip_address, ip_network
from pathlib import Path

import pytest

from backends.http import endpoint
from crawlctl.desk.remote import checked
from fetchers.addresses import SPECIAL_V4, SPECIAL_V6, Guard
from tests.unit.deploy.rendered import (
    K8S,
    Document,
    container,
    labels,
    mounts,
    of_kind,
    render,
    selected,
    settings_of,
    workloads,
)

KAFKA = "pisaura-kafka"
CRAWL = "pisaura-postgres-crawl"
VAULT = "pisaura-postgres-vault"
INTERNET = "internet"
MAIL = "pisaura-mail"
NOTICES = "notices"
DNS = "dns"
DESKS = {"operator", "office", "analyst"}


def peers(rules: list[Document]) -> set[tuple[str, int | str | None]]:
    """(whom, port) of rules: namespaces by the label that they must have, our own pods by name, networks as the internet."""
    found: set[tuple[str, int | str | None]] = set()
    for rule in rules:
        for whom in rule.get("from") or rule.get("to") or []:
            for port in rule["ports"]:
                found |= {(name, port.get("port")) for name in names(whom)}
    return found


def names(whom: Document) -> set[str]:
    if "ipBlock" in whom:
        return {INTERNET}
    if "namespaceSelector" in whom:
        (name,) = whom["namespaceSelector"]["matchLabels"]
        return {DNS if "podSelector" in whom else name}
    selector = whom["podSelector"]
    if "matchLabels" in selector:
        assert selector["matchLabels"]["app.kubernetes.io/name"] == "pisaura"
        return {selector["matchLabels"]["app.kubernetes.io/component"]}
    (one,) = selector["matchExpressions"]
    assert (one["key"], one["operator"]) == ("app.kubernetes.io/component", "In")
    return set(one["values"])


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
        (
            "notices",
            {(KAFKA, 9093), (VAULT, 5432), (CRAWL, 5432), (MAIL, 587)} | {(INTERNET, port) for port in (443, 465, 587)},
        ),
        ("shield", {(VAULT, 5432)}),
        ("retention", {(VAULT, 5432)}),
        ("audit", {(VAULT, 5432)}),
        ("migrate", {(CRAWL, 5432), (VAULT, 5432)}),
        ("topics", {(KAFKA, 9093)}),
        ("lists", {(VAULT, 5432), (INTERNET, 443)}),
        ("operator-alice", {(VAULT, 5432), (NOTICES, 8443)}),
        ("office-dora", {(VAULT, 5432), (NOTICES, 8443)}),
        ("analyst-carol", {(NOTICES, 8443)}),
    ],
)
def test_who_reaches_what(overlay: list[Document], workload: str, reached: set[tuple[str, int | None]]) -> None:
    out = {peer for spec in applying(overlay, workload) for peer in peers(spec.get("egress", []))}
    assert out == reached | {(DNS, 53)}


def test_only_monitoring_reaches_roles_and_who_asks_what_they_serve(overlay: list[Document]) -> None:
    served = {
        "notices": {(desk, "api") for desk in DESKS | {"pisaura-desks"}},
        "shield": {("pisaura-ingress", "https")},
    }
    for name, workload in workloads(overlay).items():
        come = {peer for spec in applying(overlay, name) for peer in peers(spec.get("ingress", []))}
        own = served.get(name, set())
        assert come == ({("pisaura-monitoring", "http")} | own if "ports" in container(workload) else set())
    assert {
        labels(desk)["app.kubernetes.io/component"] for desk in of_kind(overlay, "StatefulSet").values()
    } == DESKS | {"hasher"}


def test_services_lead_to_ports_that_are_there(base: list[Document]) -> None:
    """Desks come to notices.api, providers to Shield: both behind TLS, at 443."""
    services = of_kind(base, "Service")
    assert services.keys() == {"notices", "shield"}
    for name, service in services.items():
        (port,) = service["spec"]["ports"]
        assert port["port"] == 443
        assert port["targetPort"] in {each["name"] for each in container(workloads(base)[name])["ports"]}
        assert service["spec"]["selector"].items() <= labels(workloads(base)[name]).items()
    assert services["shield"]["spec"]["sessionAffinity"] == "ClientIP", "limits are each process' own"


def test_a_desk_comes_to_the_api_that_is_served(overlay: list[Document], tmp_path: Path) -> None:
    for name, desk in workloads(overlay).items():
        if labels(desk)["app.kubernetes.io/component"] in DESKS:
            settings = settings_of(overlay, desk, tmp_path)
            assert checked(settings.notices.api) == "https://notices.pisaura.svc", name
            assert str(Path(settings.notices.api_ca).parent) in mounts(desk)
    serving = settings_of(overlay, workloads(overlay)["notices"], tmp_path).notices
    (port,) = (
        each["containerPort"] for each in container(workloads(overlay)["notices"])["ports"] if each["name"] == "api"
    )
    assert endpoint(serving.api_listen, "notices.api_listen") == ("0.0.0.0", port) and serving.api_certificate


def test_shield_fetches_only_where_an_overlay_lets_it(base: list[Document]) -> None:
    assert not reachable(base, "1.1.1.1", "shield")
    (policy,) = render(K8S / "shield-web")
    assert selected(policy["spec"]["podSelector"], base) == {"shield"}
    assert peers(policy["spec"]["egress"]) == {(INTERNET, 80), (INTERNET, 443)}
    assert not reachable([policy], "10.96.0.1", "shield-web") and reachable([policy], "1.1.1.1", "shield-web")


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


@pytest.mark.parametrize("whose", ["fetcher", "lists", "notices"])
def test_nothing_is_reached_that_the_guard_refuses(base: list[Document], whose: str) -> None:
    guard = Guard([], [])
    for network, name, _ in (*SPECIAL_V4, *SPECIAL_V6):
        block = ip_network(network)
        for edge in (block[0], block[-1], block[block.num_addresses // 2]):
            if guard.check(str(edge)) is not None:
                assert not reachable(base, str(edge), whose), f"{edge} ({name})"
    for address in ("10.96.0.1", "169.254.169.254", "168.63.129.16", "fd00::1", "fe80::1", "::1", "64:ff9b::a00:1"):
        assert not reachable(base, address, whose)


@pytest.mark.parametrize("whose", ["fetcher", "lists", "notices"])
def test_the_internet_is_reached(base: list[Document], whose: str) -> None:
    for address in ("1.1.1.1", "93.184.215.14", "100.128.0.1", "172.32.0.1", "2606:4700::1111", "2a00:1450::1"):
        assert reachable(base, address, whose)
