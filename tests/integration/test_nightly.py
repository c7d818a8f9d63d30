"""What runs each night in a cluster, as the manifests have it: with their arguments and variables, and with the logins and keys that
their Secrets name, over a real vault."""

import asyncio
import json
from pathlib import Path

import asyncpg
import pytest

from backends.postgres.vault_audit import VaultAudit, anchor
from contracts.auditing import audit_key
from contracts.seal import Keys
from crawlctl.roles.needs import read_keys
from crawlctl.verbs.keys import make
from tests.postgres import Database
from tests.unit.crawlctl.conftest import Crawlctl
from tests.unit.crawlctl.conftest import crawlctl as crawlctl
from tests.unit.deploy.conftest import base as base
from tests.unit.deploy.rendered import Document, container, environment, workloads

PATHS = ("/etc/pisaura/keys", "/etc/pisaura/credentials", "/var/lib/pisaura/audit", "/etc/pisaura/settings")


class Cluster:
    """A vault, keys, an account of an operator, and the folders of a pod in `here`."""

    def __init__(self, run: Crawlctl, here: Path, vault: Database, monkeypatch: pytest.MonkeyPatch) -> None:
        self._run, self._here, self._patch = run, here, monkeypatch
        self.vault = vault
        for path in PATHS:
            (here / path[1:]).mkdir(parents=True)
        make(here / PATHS[0][1:])
        monkeypatch.setenv("PISAURA_POSTGRES_VAULT", vault.dsn("pisaura_notices"))
        settings = self.path(PATHS[3]) / "pisaura.toml"
        settings.write_text("")
        self._with("PISAURA_CLUSTER_KEYS", "/etc/pisaura/keys/notices.keys")
        made = run("keys", "add", "retention", "--role", "operator", "--settings", str(settings))
        assert made.code == 0, made.err
        self.account = self.path(PATHS[1]) / "retention.key"
        self.account.write_text(made.out)
        self.account.chmod(0o400)

    def path(self, path: str) -> Path:
        """A path of a pod, here."""
        return self._here / path[1:]

    def _with(self, name: str, value: str) -> None:
        self._patch.setenv(name, str(self.path(value)) if value.startswith("/") else value)

    def keys(self) -> Keys:
        """Those of the notices role."""
        found = read_keys(self.path("/etc/pisaura/keys/notices.keys"))
        assert isinstance(found, Keys)
        return found

    def job(self, workload: Document) -> tuple[int, list[dict[str, object]], str]:
        """Run a workload's command; exit code, answers, complaint."""
        for name, value in environment(workload).items():
            if name != "PISAURA_POSTGRES_VAULT":
                self._with(name, value)
        arguments = [str(self.path(word)) if word.startswith("/") else word for word in container(workload)["args"]]
        ran = self._run(*arguments)
        return ran.code, [json.loads(line) for line in ran.out.splitlines()], ran.err


@pytest.fixture
def cluster(crawlctl: Crawlctl, tmp_path: Path, vault_database: Database, monkeypatch: pytest.MonkeyPatch) -> Cluster:
    return Cluster(crawlctl, tmp_path, vault_database, monkeypatch)


async def _exported(dsn: str, keys: Keys, file: Path) -> None:
    pool = await asyncpg.create_pool(dsn, min_size=1, max_size=1)
    async with pool:
        assert await anchor(VaultAudit(pool, audit_key(keys.series_key)), file, 1.0) is not None


async def _changed(dsn: str, statement: str) -> None:
    connection = await asyncpg.connect(dsn)
    await connection.execute("ALTER TABLE audit DISABLE TRIGGER ALL")
    await connection.execute(statement)
    await connection.close()


def test_retention_runs_with_what_its_pod_has(base: list[Document], cluster: Cluster) -> None:
    code, rows, error = cluster.job(workloads(base)["retention"])
    assert code == 0, error
    assert {row["what"] for row in rows} >= {"cases", "sightings", "audit"} and not any(row["dry"] for row in rows)


# "audit 7 y"; "Audit: hash chain HMACed with a key kept outside the database, its head exported hourly; `audit verify --anchor`"
def test_the_audit_is_compared_with_its_anchor(base: list[Document], cluster: Cluster) -> None:
    audit = workloads(base)["audit"]
    anchored = cluster.path("/var/lib/pisaura/audit/audit.anchor")
    code, _, error = cluster.job(audit)
    assert code and "audit.anchor" in error, "without an anchor it does not say that all is well"
    asyncio.run(_exported(cluster.vault.dsn("pisaura_notices"), cluster.keys(), anchored))
    code, (report,), error = cluster.job(audit)
    assert code == 0 and report["whole"] and report["anchors"] == 1, error
    asyncio.run(_changed(cluster.vault.dsn(), "DELETE FROM audit WHERE seq = (SELECT max(seq) FROM audit)"))
    code, (report,), _ = cluster.job(audit)
    assert code == 1 and not report["whole"], "a Job that fails is the finding"


def test_what_they_have_opens_no_place(base: list[Document]) -> None:
    for name in ("retention", "audit"):
        assert environment(workloads(base)[name])["PISAURA_CLUSTER_KEYS"].endswith("/lists.keys")
