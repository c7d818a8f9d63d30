"""What `kubectl kustomize` makes of a folder, as plain dictionaries, and ways to find things in it."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from contracts.settings import Settings
from crawlctl.settings import load

ROOT = Path(__file__).parents[3]
K8S = ROOT / "deploy" / "k8s"
BASE = K8S / "base"
MANUAL = ROOT / "docs" / "deploy.md"
SETTINGS = "/etc/pisaura/settings/pisaura.toml"
KUSTOMIZE = ROOT / "tools" / "kustomize"

Document = dict[str, Any]

POD_NAME = {"fieldRef": {"fieldPath": "metadata.name"}}
"""The one thing that a variable takes from elsewhere than a Secret."""


def render(folder: Path) -> list[Document]:
    """All documents of a kustomization, in the order in which they would be applied."""
    own = Path(sys.executable).with_name("kubectl")
    environ = {**os.environ, "KUBECTL": str(own)} if own.exists() else dict(os.environ)
    ended = subprocess.run([KUSTOMIZE, folder], capture_output=True, text=True, env=environ, timeout=60, check=False)
    assert ended.returncode == 0, ended.stderr
    return [msgspec.yaml.decode(document) for document in ended.stdout.split("\n---\n")]


def manual(folder: Path) -> Path:
    """The overlay that docs/deploy.md shows, written beside copies of ours; a file for each block, which names it first. The block
    of one person is there for a second one too."""
    for each in K8S.iterdir():
        shutil.copytree(each, folder / each.name)
    own = folder / "overlay"
    blocks = re.findall(r"```yaml\n# ([\w/.]+)\n(.*?)```", MANUAL.read_text(), re.DOTALL)
    others = [[text.replace("alice", "bob") for text in block] for block in blocks if "alice" in block[0]]
    for name, text in (*blocks, *others):
        (own / name).parent.mkdir(parents=True, exist_ok=True)
        (own / name).write_text(text)
    (own / "pisaura.toml").write_text('user_agent = "Pisaura/1.0 (+https://hotline.example/bot)"\n')
    return own


def of_kind(documents: list[Document], *kinds: str) -> dict[str, Document]:
    """Documents of these kinds by name; a name must be there once."""
    found = [document for document in documents if document["kind"] in kinds]
    names = [document["metadata"]["name"] for document in found]
    assert len(set(names)) == len(names)
    return dict(zip(names, found, strict=True))


def workloads(documents: list[Document]) -> dict[str, Document]:
    """Deployments, StatefulSets, Jobs and CronJobs by name."""
    return of_kind(documents, "Deployment", "StatefulSet", "Job", "CronJob")


def template(workload: Document) -> Document:
    """What a workload's pods are made from."""
    spec = workload["spec"]
    found: Document = (spec["jobTemplate"]["spec"] if workload["kind"] == "CronJob" else spec)["template"]
    return found


def pod(workload: Document) -> Document:
    """The pod's spec of a workload."""
    spec: Document = template(workload)["spec"]
    return spec


def container(workload: Document) -> Document:
    """The one container of a workload that stays."""
    (found,) = pod(workload)["containers"]
    return dict(found)


def containers(workload: Document) -> list[Document]:
    """All of a workload, those that come before the one that stays too."""
    return [*pod(workload).get("initContainers", []), container(workload)]


def labels(workload: Document) -> dict[str, str]:
    """Labels of a workload's pods."""
    return dict(template(workload)["metadata"]["labels"])


def selected(selector: Document, documents: list[Document]) -> set[str]:
    """Names of the workloads whose pods a label selector finds."""
    assert set(selector) <= {"matchLabels"}, "only labels are used here"
    wanted = selector.get("matchLabels", {})
    return {name for name, each in workloads(documents).items() if wanted.items() <= labels(each).items()}


def secrets_of(workload: Document) -> Iterator[tuple[str, str]]:
    """(secret, key) of everything that a workload needs of Secrets; for a mounted one, each file that the settings name."""
    for variable in container(workload).get("env", []):
        source = variable.get("valueFrom", {})
        if reference := source.get("secretKeyRef"):
            assert not reference.get("optional")
            yield reference["name"], reference["key"]
        else:
            assert source in ({}, POD_NAME)
    for volume in pod(workload)["volumes"]:
        if secret := volume.get("secret"):
            assert not secret.get("optional")
            yield secret["secretName"], "*"


def mounts(workload: Document) -> dict[str, Document]:
    """Volumes by the path at which they are mounted; every volume is, and every mount has its volume. A claim of each pod's own
    is there as its template."""
    volumes = {volume["name"]: volume for volume in pod(workload)["volumes"]}
    for template in workload["spec"].get("volumeClaimTemplates", []):
        volumes[template["metadata"]["name"]] = template
    names = {mount["mountPath"]: mount["name"] for one in containers(workload) for mount in one["volumeMounts"]}
    assert set(names.values()) == volumes.keys()
    return {path: volumes[name] for path, name in names.items()}


def environment(workload: Document) -> dict[str, str]:
    """Variables as the program would see them, secrets as something that fits."""
    fitting = {
        "PISAURA_POSTGRES_CRAWL": "postgresql://somebody:secret@crawl.example/crawl",
        "PISAURA_POSTGRES_VAULT": "postgresql://somebody:secret@vault.example/vault",
    }
    return {
        variable["name"]: variable.get("value", fitting.get(variable["name"], "secret"))
        for variable in container(workload).get("env", [])
    }


def settings_of(base: list[Document], role: Document, folder: Path) -> Settings:
    """What a workload's process would read: the file of the ConfigMap that it mounts, and its environment."""
    volume = mounts(role)[str(Path(SETTINGS).parent)]
    data = of_kind(base, "ConfigMap")[volume["configMap"]["name"]]["data"]
    file = folder / "pisaura.toml"
    file.write_text(data[Path(SETTINGS).name])
    return load(file, environment(role)).settings
