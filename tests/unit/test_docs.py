"""What the documents say is held to the code where that can be done: links, modules, verbs, reasons, tables."""

import re
from pathlib import Path

import pytest

from contracts.refusals import Reason
from crawlctl.registry import BY_NAME
from tools.metrics_page import page

ROOT = Path(__file__).parents[2]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")])
PACKAGES = (
    "contracts",
    "frontier",
    "fetchers",
    "hasher",
    "notices",
    "backends",
    "crawlctl",
    "deploy",
    "tests",
    "tools",
)


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_links_lead_somewhere(document: Path) -> None:
    targets = re.findall(r"\]\(([^)#\s]+)\)", document.read_text())
    assert [
        target for target in targets if "://" not in target and not (document.parent / target).resolve().exists()
    ] == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_files_and_modules_that_are_named_exist(document: Path) -> None:
    """`frontier/machine`, `hasher/service.refresh`, `tests/fakeweb/faults.py`: folders, files, modules, attributes."""
    named = re.findall(rf"`((?:{'|'.join(PACKAGES)}|docs|tools|\.ci)/[\w./-]+)`", document.read_text())
    assert [name for name in named if not _exists(name)] == []


def _exists(name: str) -> bool:
    plain = name.rstrip("/")
    if (ROOT / plain).exists() or (ROOT / f"{plain}.py").is_file():
        return True
    path, _, attribute = plain.rpartition(".")
    module = ROOT / path / "__init__.py" if (ROOT / path).is_dir() else ROOT / f"{path}.py"
    return bool(attribute) and module.is_file() and re.search(rf"\b{attribute}\b", module.read_text()) is not None


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_commands_that_are_named_exist(document: Path) -> None:
    text = document.read_text()
    verbs = set(re.findall(r"^(?:\$ )?crawlctl ([a-z]+)", text, re.MULTILINE))
    assert verbs - set(BY_NAME) == set()
    targets = set(re.findall(r"^(?:make|`make) ([a-z]+)", text, re.MULTILINE))
    assert targets - set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE)) == set()


def test_every_reason_is_explained_to_operators() -> None:
    text = (ROOT / "docs" / "operations.md").read_text()
    assert [reason.value for reason in Reason if f"`{reason.value}`" not in text] == []


def test_the_page_of_metrics_is_up_to_date() -> None:
    assert (ROOT / "docs" / "metrics.md").read_text() == "\n".join(page()) + "\n", "run `make docs`"
