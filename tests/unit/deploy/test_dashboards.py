"""Dashboards: JSON as Grafana imports it, over metrics that there are, with labels that these have."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from contracts.metrics import BY_NAME, Kind
from tests.unit.deploy.rendered import ROOT

FILES = sorted((ROOT / "deploy" / "grafana").glob("*.json"))
NAME = re.compile(r"\bpisaura_\w+")
BOARDS = pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)


def panels(file: Path) -> list[Any]:
    found: list[Any] = json.loads(file.read_text())["panels"]
    return found


def test_there_are_some_and_each_is_another() -> None:
    boards = [json.loads(file.read_text()) for file in FILES]
    assert {file.stem for file in FILES} == {"removal", "shield"}
    assert len({board["uid"] for board in boards}) == len({board["title"] for board in boards}) == len(boards)


@BOARDS
def test_a_board_asks_whichever_prometheus_is_chosen(file: Path) -> None:
    (variable,) = json.loads(file.read_text())["templating"]["list"]
    assert variable["type"] == "datasource" and variable["query"] == "prometheus"
    assert all(panel["datasource"]["uid"] == f"${{{variable['name']}}}" for panel in panels(file))


@BOARDS
def test_every_metric_is_there_with_its_labels(file: Path) -> None:
    for panel in panels(file):
        assert panel["title"] and panel["targets"]
        for target in panel["targets"]:
            names = NAME.findall(target["expr"])
            assert names, panel["title"]
            for name in names:
                counts = BY_NAME[name].kind is Kind.COUNTER
                assert counts == bool(re.search(rf"(increase|rate)\({name}\[", target["expr"])), name
            labels = {label for name in names for label in BY_NAME[name].labels}
            by = {label.strip() for said in re.findall(r"by \(([^)]*)\)", target["expr"]) for label in said.split(",")}
            assert set(re.findall(r"{{(\w+)}}", target["legendFormat"])) == by and by <= labels


@BOARDS
def test_panels_lie_beside_each_other(file: Path) -> None:
    taken = [(panel["gridPos"]["x"], panel["gridPos"]["y"]) for panel in panels(file)]
    assert len(set(taken)) == len(taken) and len({panel["id"] for panel in panels(file)}) == len(taken)
    assert all(x + panel["gridPos"]["w"] <= 24 for (x, _), panel in zip(taken, panels(file), strict=True))
