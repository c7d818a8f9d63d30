"""The kustomize base: valid for Kubernetes, and whole in itself, which no schema checks."""

import re
import shutil
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

import msgspec
import pytest

from backends.http import LIVE, READY, endpoint
from contracts.options import MIB
from contracts.seal import FETCHER_FILE, HASHER_FILE, NOTICES_FILE
from crawlctl.cli import build
from crawlctl.registry import BY_NAME
from crawlctl.roles.needs import check
from tests.unit.deploy.rendered import (
    BASE,
    KUSTOMIZE,
    MANUAL,
    SETTINGS,
    Document,
    container,
    containers,
    environment,
    labels,
    mounts,
    of_kind,
    pod,
    secrets_of,
    selected,
    settings_of,
    workloads,
)

ROLES = {"frontier", "fetcher", "hasher", "notices", "shield"}
KAFKA = ROLES - {"shield"}
JOBS = {"migrate", "topics"}
NIGHTLY = {"retention", "audit"}
LISTS = "lists"
"""What asks the sources of known lists: it stays like a role and answers nobody."""
VERSIONS = ("1.31", "1.37")
"""The oldest that docs/deploy.md promises, and the newest whose schemas there are."""
UNITS = {"Mi": MIB, "Gi": 1024 * MIB}
INTERPRETER = 512 * MIB
"""What a role takes beside the buffers that settings bound."""
ENTRIES = 10_000_000
SHIELD_HAS = {"pisaura-postgres-shield", "pisaura-postgres-ca", "pisaura-shield-tls"}
"""No key that opens anything, and no login but its own."""
OPENED = 180
PEAK = 620
"""Bytes an entry of PDQ, MD5 and SHA-1: of a snapshot, and of all memory while the next but one is merged beside the opened one."""


def test_what_there_is(base: list[Document]) -> None:
    assert of_kind(base, "Deployment").keys() == ROLES - {"hasher"} | {LISTS}
    assert of_kind(base, "StatefulSet").keys() == {"hasher"}
    assert of_kind(base, "Job").keys() == JOBS and of_kind(base, "CronJob").keys() == NIGHTLY
    assert {path.stem for path in BASE.glob("*.yaml")} > ROLES | JOBS | NIGHTLY | {LISTS}, "one file per workload"
    namespaced = [each for each in base if each["kind"] not in ("Namespace", "PriorityClass")]
    assert {each["metadata"]["namespace"] for each in namespaced} == {"pisaura"}
    assert not of_kind(base, "Secret"), "secrets are made elsewhere"


@pytest.mark.parametrize("version", VERSIONS)
def test_valid_by_kubernetes_schemas(overlay: list[Document], tmp_path: Path, version: str) -> None:
    said = validated(overlay, tmp_path, version)
    assert said.returncode == 0, said.stdout + said.stderr
    assert said.stdout.count(" passed for resource ") == len(overlay)


def test_the_validator_sees_faults(overlay: list[Document], tmp_path: Path) -> None:
    said = validated([{**overlay[0], "specs": {}}], tmp_path, VERSIONS[0])
    assert said.returncode != 0 and "specs" in said.stdout + said.stderr


def validated(documents: list[Document], folder: Path, version: str) -> subprocess.CompletedProcess[str]:
    """What `kubernetes-validate --strict` says."""
    files = []
    for number, document in enumerate(documents):
        files.append(folder / f"{number}.json")
        files[-1].write_bytes(msgspec.json.encode(document))
    command = [
        sys.executable,
        "-m",
        "kubernetes_validate",
        "--strict",
        "--kubernetes-version",
        version,
        *map(str, files),
    ]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def test_recommended_labels(base: list[Document]) -> None:
    for name, workload in workloads(base).items():
        for each in (workload["metadata"]["labels"], labels(workload)):
            assert each["app.kubernetes.io/name"] == each["app.kubernetes.io/part-of"] == "pisaura"
            assert each["app.kubernetes.io/component"] == name


def test_arguments_are_those_of_the_command_line(base: list[Document]) -> None:
    for name, workload in workloads(base).items():
        assert "command" not in container(workload), "the image's entry point is the program"
        arguments = container(workload)["args"]
        verb = BY_NAME[arguments[0]]
        parsed = build(verb.name, import_module(verb.module)).parse_args(arguments)
        assert str(parsed.settings) == SETTINGS and verb.name == name


def test_settings_can_be_read(base: list[Document], tmp_path: Path) -> None:
    for workload in workloads(base).values():
        settings = settings_of(base, workload, tmp_path)
        assert settings.kafka.bootstrap and settings.kafka.tls and settings.kafka.sasl
        assert settings.kafka.min_insync < settings.kafka.replication
        files = [settings.cluster.keys, settings.notices.api_certificate, settings.notices.api_key]
        files += [settings.shield.certificate, settings.shield.key]
        if workload["metadata"]["name"] in KAFKA | {"topics"}:
            files.append(settings.kafka.ca)
        assert {str(Path(path).parent) for path in files if path} <= mounts(workload).keys()


def test_every_role_has_what_it_needs(base: list[Document], tmp_path: Path) -> None:
    for name in ROLES:
        settings = settings_of(base, workloads(base)[name], tmp_path)
        check(name, settings)
        files = {"fetcher": FETCHER_FILE, "hasher": HASHER_FILE, "notices": NOTICES_FILE}
        assert Path(settings.cluster.keys).name == files.get(name, "")


def test_no_secret_in_the_settings(base: list[Document]) -> None:
    (config,) = of_kind(base, "ConfigMap").values()
    (text,) = config["data"].values()
    assert not re.search(r"^\s*(password|username|key|crawl|vault)\s*=", text, re.MULTILINE)


def test_a_changed_setting_restarts_the_roles(overlay: list[Document]) -> None:
    (name,) = of_kind(overlay, "ConfigMap")
    assert re.fullmatch(r"pisaura-settings-[a-z0-9]{10}", name)
    for workload in workloads(overlay).values():
        assert mounts(workload)[str(Path(SETTINGS).parent)]["configMap"]["name"] == name


def test_who_has_which_secret(base: list[Document]) -> None:
    """Fetchers reach no database, hashers no location, and only the notices role opens places (design, sections 5 and 7)."""
    found = {name: set(secrets_of(each)) for name, each in workloads(base).items()}

    def has(secret: str) -> set[str]:
        return {name for name, secrets in found.items() if any(secret in each for each in secrets)}

    assert has("pisaura-notices-keys") == {"notices"}
    assert has("pisaura-lists-keys") == {LISTS} | NIGHTLY, "these open nothing"
    assert has("pisaura-fetcher-keys") == {"fetcher"}
    assert has("pisaura-hasher-keys") == {"hasher"}
    assert has("pisaura-lists-credentials") == {LISTS}
    assert has("pisaura-postgres-crawl") == {"frontier"}
    assert has("pisaura-postgres-vault") == {"hasher", LISTS}
    assert has("pisaura-postgres-notices") == {"notices"} | NIGHTLY
    assert has("pisaura-postgres-pages") == {"notices"}, "it reads which pages embed what"
    assert has("pisaura-postgres-shield") == {"shield"}
    assert has("pisaura-postgres-owner") == {"migrate"}
    assert (
        has("pisaura-notices-mail") == has("pisaura-notices-credentials") == has("pisaura-notices-tls") == {"notices"}
    )
    assert has("pisaura-shield-tls") == {"shield"} and has("pisaura-retention-key") == {"retention"}
    assert found["shield"] == {(name, key) for name, key in found["shield"] if name in SHIELD_HAS}
    assert has("pisaura-kafka-ca") == KAFKA | {"topics"}
    for name in KAFKA | {"topics"}:
        assert has(f"pisaura-kafka-{name}") == {name}
    assert not any("POSTGRES" in variable for variable in environment(workloads(base)["fetcher"]))


def test_secrets_are_those_of_the_manual(overlay: list[Document]) -> None:
    """The table in docs/deploy.md names each secret, each key and who needs it; nothing else is referred to."""
    table = re.findall(r"^\| `(pisaura-[\w-]+)` \| (.+?) \| (.+?) \|", MANUAL.read_text(), re.M)
    said = {secret: (set(re.findall(r"`([\w.]+)`", keys)), set(who.split(", "))) for secret, keys, who in table}
    used: dict[str, tuple[set[str], set[str]]] = {}
    for workload in workloads(overlay).values():
        for secret, key in secrets_of(workload):
            keys, who = used.setdefault(secret, (set(), set()))
            keys |= said[secret][0] if key == "*" else {key}
            who.add(labels(workload)["app.kubernetes.io/component"])
    assert used == said


def test_ports_and_probes(base: list[Document], tmp_path: Path) -> None:
    for name in ROLES:
        role = workloads(base)[name]
        address, number = endpoint(settings_of(base, role, tmp_path).cluster.listen, "cluster.listen")
        assert address == "0.0.0.0", "a pod's loopback cannot be probed"
        port, *_ = container(role)["ports"]
        assert port["containerPort"] == number
        for probe, path in (("startupProbe", LIVE), ("livenessProbe", LIVE), ("readinessProbe", READY)):
            assert container(role)[probe]["httpGet"] == {"path": path, "port": port["name"]}
        named = [each["name"] for each in container(role)["ports"]]
        ingress = of_kind(base, "NetworkPolicy")[name]["spec"]["ingress"]
        assert [[each["port"] for each in rule["ports"]] for rule in ingress] == [[each] for each in named]


def test_a_pod_has_time_to_stop(base: list[Document], tmp_path: Path) -> None:
    for name in ROLES:
        role = workloads(base)[name]
        settings = settings_of(base, role, tmp_path)
        before = container(role).get("lifecycle", {}).get("preStop", {}).get("sleep", {}).get("seconds", 0)
        assert pod(role)["terminationGracePeriodSeconds"] >= before + settings.workers.shutdown_grace + 30
        assert workloads(base)["frontier"]["spec"]["minReadySeconds"] > settings.cluster.lease


def test_memory_holds_what_settings_allow(base: list[Document], tmp_path: Path) -> None:
    for name in ROLES:
        role = workloads(base)[name]
        settings = settings_of(base, role, tmp_path)
        needed = INTERPRETER + settings.kafka.unsent + settings.kafka.ahead
        if name in ("fetcher", "shield"):
            workers = settings.workers
            needed += workers.buffers + workers.digest * workers.decode_memory
        if name in ("hasher", "shield"):
            needed += PEAK * ENTRIES
        assert size(container(role)["resources"]["limits"]["memory"]) >= needed


def size(text: str) -> int:
    """Bytes of a quantity."""
    return int(text[:-2]) * UNITS[text[-2:]]


def test_everything_is_limited(overlay: list[Document]) -> None:
    for workload in workloads(overlay).values():
        for each in containers(workload):
            resources = each["resources"]
            assert resources["requests"].keys() == resources["limits"].keys() == {"cpu", "memory"}
        empty = [volume["emptyDir"] for volume in mounts(workload).values() if "emptyDir" in volume]
        in_memory = sum(size(each["sizeLimit"]) for each in empty if each.get("medium") == "Memory")
        assert in_memory <= size(container(workload)["resources"]["limits"]["memory"]) / 3, (
            "it counts towards the limit"
        )
        assert all(each["sizeLimit"] for each in empty)


def test_a_hasher_has_room_for_its_snapshot(base: list[Document], tmp_path: Path) -> None:
    role = workloads(base)["hasher"]
    settings, paths = settings_of(base, role, tmp_path), mounts(role)
    assert settings.postgres.hasher_connections >= 3
    shared = paths[settings.matching.shared_memory]["emptyDir"]
    assert shared["medium"] == "Memory" and size(shared["sizeLimit"]) >= OPENED * ENTRIES
    assert size(container(role)["resources"]["requests"]["memory"]) >= INTERPRETER + 2 * OPENED * ENTRIES
    claim = paths[settings.matching.snapshots]["spec"]
    assert size(claim["resources"]["requests"]["storage"]) >= 2 * OPENED * ENTRIES
    assert claim["accessModes"] == ["ReadWriteOnce"], "each process its own"


def test_pods_are_locked_down(overlay: list[Document]) -> None:
    for workload in workloads(overlay).values():
        spec = pod(workload)
        assert spec["automountServiceAccountToken"] is spec["enableServiceLinks"] is False
        assert not {"hostNetwork", "hostPID", "hostIPC", "shareProcessNamespace"} & spec.keys()
        assert spec["securityContext"]["runAsNonRoot"] is True and spec["securityContext"]["runAsUser"] > 0
        assert spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
        for each in containers(workload):
            assert each["securityContext"] == {
                "allowPrivilegeEscalation": False,
                "readOnlyRootFilesystem": True,
                "capabilities": {"drop": ["ALL"]},
            }
        assert not any("hostPath" in volume for volume in spec["volumes"])
        own = of_kind(overlay, "ServiceAccount")[spec["serviceAccountName"]]
        assert own["automountServiceAccountToken"] is False
    assert not of_kind(overlay, "Role", "ClusterRole", "RoleBinding", "ClusterRoleBinding"), (
        "nothing talks to Kubernetes"
    )
    (namespace,) = of_kind(overlay, "Namespace").values()
    assert namespace["metadata"]["labels"]["pod-security.kubernetes.io/enforce"] == "restricted"


def test_selectors_find_their_own(base: list[Document], overlay: list[Document]) -> None:
    for name, role in of_kind(overlay, "Deployment", "StatefulSet").items():
        assert selected(role["spec"]["selector"], overlay) == {name}
        for constraint in pod(role).get("topologySpreadConstraints", []):
            assert selected(constraint["labelSelector"], overlay) == {name}
    budgets = of_kind(base, "PodDisruptionBudget")
    assert {name: selected(budget["spec"]["selector"], base) for name, budget in budgets.items()} == {
        name: {name} for name in ROLES
    }
    for name, role in of_kind(base, "Deployment", "StatefulSet").items():
        spread = {each["topologyKey"] for each in pod(role).get("topologySpreadConstraints", [])}
        assert len(spread) == (2 if role["spec"]["replicas"] > 1 else 0), name


def test_a_drain_is_never_blocked_for_good(base: list[Document]) -> None:
    for budget in of_kind(base, "PodDisruptionBudget").values():
        assert budget["spec"]["maxUnavailable"] not in (0, "0%") and "minAvailable" not in budget["spec"]
        assert budget["spec"]["unhealthyPodEvictionPolicy"] == "AlwaysAllow"


def test_fetchers_go_first_and_the_frontier_last(base: list[Document]) -> None:
    classes = of_kind(base, "PriorityClass")
    value = {name: classes[pod(each)["priorityClassName"]]["value"] for name, each in workloads(base).items()}
    assert value["fetcher"] < value["hasher"] == value["notices"] == value["shield"] < value["frontier"]
    assert all(value[name] == value["fetcher"] for name in NIGHTLY)
    assert {each["preemptionPolicy"] for each in classes.values()} == {"Never"}


def test_images_are_named_by_digest(overlay: list[Document]) -> None:
    images: set[Any] = {one["image"] for each in workloads(overlay).values() for one in containers(each)}
    assert len(images) == 1 and re.fullmatch(r"registry\.example/pisaura@sha256:[0-9a-f]{64}", images.pop())


def test_the_overlay_of_the_manual(overlay: list[Document]) -> None:
    (config,) = of_kind(overlay, "ConfigMap").values()
    assert "hotline.example" in config["data"]["pisaura.toml"]
    assert {name: workloads(overlay)[name]["spec"]["replicas"] for name in ("fetcher", "hasher")} == {
        "fetcher": 12,
        "hasher": 4,
    }


def test_without_kustomize_it_is_said_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "tools").mkdir()
    (tmp_path / "bin").mkdir()
    script = Path(shutil.copy2(KUSTOMIZE, tmp_path / "tools"))
    for tool in ("sh", "dirname", "sed", "tail"):
        (tmp_path / "bin" / tool).symlink_to(str(shutil.which(tool)))
    ended = subprocess.run(
        [str(tmp_path / "bin" / "sh"), script, BASE],
        capture_output=True,
        text=True,
        env={"PATH": str(tmp_path / "bin")},
        timeout=60,
        check=False,
    )
    assert ended.returncode == 1 and not ended.stdout
    assert "make check" in ended.stderr and "KUBECTL=" in ended.stderr
