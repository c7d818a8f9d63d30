"""Alerts: rules as Prometheus reads them, metrics that there are, and for each a page of what to do."""

import re
from pathlib import Path
from typing import Any

import msgspec
import pytest

from contracts.caserows import NOTICE_STATES
from contracts.cases import CaseState
from contracts.metrics import BY_NAME, Kind
from contracts.settings import Settings
from crawlctl.roles import watch
from crawlctl.roles.frontier import WAITING
from crawlctl.roles.measures import HELD_FOR
from fetchers.service.rechecks import LONGER, WITHIN
from notices.service import ALERTS as ALARMS
from tests.unit.deploy.rendered import ROOT

FILES = sorted((ROOT / "deploy" / "prometheus" / "alerts").glob("*.yaml"))
PAGES = {
    "cases": ("docs/operations.md", "Alerts of cases"),
    "lists": ("docs/operations.md", "Alerts of lists"),
    "shield": ("docs/shield.md", "Alerts of Shield"),
}
"""File of rules -> page and section that say what to do."""
RULE = {"alert", "expr", "for", "labels", "annotations"}
DURATION = re.compile(r"\d+[smhd]")
SELECTOR = re.compile(r"(pisaura_\w+)(?:\{([^}]*)\})?(\[\w+\])?")
GROUPING = re.compile(r"\b(?:by|without) \(([^)]*)\)")
VALUES: dict[tuple[str, str], set[str]] = {
    ("pisaura_matches_total", "strength"): {"exact", "near", "held"},
    ("pisaura_log_messages", "topic"): set(WAITING),
    ("pisaura_entries_held_total", "reason"): set(HELD_FOR),
    ("pisaura_shield_refusals_total", "status"): {"429", "500", "503"},
    ("pisaura_cases", "state"): set(CaseState),
    ("pisaura_case_age_seconds", "state"): set(watch.WAITING),
    ("pisaura_case_alerts_total", "reason"): set(ALARMS),
    ("pisaura_case_rechecks", "state"): {"due", "asked", "waiting", "late"},
    ("pisaura_notices", "state"): set(NOTICE_STATES),
    ("pisaura_rechecks_started_total", "lateness"): {*(name for name, _ in WITHIN), LONGER},
}
"""What a label may be."""


def rules_of(file: Path) -> list[Any]:
    return [rule for group in msgspec.yaml.decode(file.read_bytes())["groups"] for rule in group["rules"]]


def rules() -> list[Any]:
    return [rule for file in FILES for rule in rules_of(file)]


ALERTS = pytest.mark.parametrize("rule", rules(), ids=lambda rule: rule["alert"])


def test_files_are_rule_files() -> None:
    assert FILES
    for file in FILES:
        groups = msgspec.yaml.decode(file.read_bytes())
        assert groups.keys() == {"groups"}
        for group in groups["groups"]:
            assert group.keys() == {"name", "rules"}
    names = [rule["alert"] for rule in rules()]
    assert len(set(names)) == len(names)


@ALERTS
def test_a_rule_is_whole(rule: Any) -> None:
    assert rule.keys() >= RULE - {"for"} and rule.keys() <= RULE
    assert re.fullmatch(r"Pisaura[A-Z][A-Za-z]+", rule["alert"])
    assert DURATION.fullmatch(rule.get("for", "1m"))
    assert rule["labels"].keys() == {"severity"} and rule["labels"]["severity"] in ("page", "ticket")
    assert rule["annotations"].keys() == {"summary", "runbook"}
    for one, other in ("()", "{}", "[]"):
        assert rule["expr"].count(one) == rule["expr"].count(other)


@ALERTS
def test_metrics_are_those_of_the_contract(rule: Any) -> None:
    found = SELECTOR.findall(rule["expr"])
    assert found
    known: set[str] = set()
    for name, labels, span in found:
        metric = BY_NAME[name]
        known |= set(metric.labels)
        assert (metric.kind is Kind.COUNTER) == bool(re.search(rf"(increase|rate)\({name}\b", rule["expr"]))
        assert metric.kind is Kind.GAUGE or span, "a counter alone says how long ago a process began"
        for label, values in re.findall(r'(\w+)=~?"([^"]*)"', labels):
            assert label in metric.labels
            assert set(values.split("|")) <= VALUES[name, label]
    grouped = {label.strip() for labels in GROUPING.findall(rule["expr"]) for label in labels.split(",")}
    shown = set(re.findall(r"\$labels\.(\w+)", rule["annotations"]["summary"]))
    assert grouped <= known and shown <= grouped


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_each_has_a_page_of_what_to_do_and_no_page_is_without(file: Path) -> None:
    page, name = PAGES[file.stem]
    for rule in rules_of(file):
        assert rule["annotations"]["runbook"] == f"{page}#{rule['alert'].lower()}"
    assert re.findall(r"^### (\w+)$", section(page, name), re.M) == [rule["alert"] for rule in rules_of(file)]


def test_waiting_is_told_before_orders_stop() -> None:
    (rule,) = (rule for rule in rules() if rule["alert"] == "PisauraSightingsWait")
    assert float(rule["expr"].rpartition(">")[2]) < Settings().kafka.digests_behind


def test_every_alarm_of_cases_is_in_a_rule() -> None:
    """What the rules of cases alert people of reaches somebody."""
    (file,) = (file for file in FILES if file.stem == "cases")
    said = re.findall(r'reason=~?"([^"]*)"', " ".join(rule["expr"] for rule in rules_of(file)))
    failed = {"notice_failed"}  # by its state, which stays
    assert {reason for group in said for reason in group.split("|")} | failed == set(ALARMS)


def test_thresholds_are_what_settings_and_rules_say() -> None:
    """ "A retraction to each recipient within 24 h"; lateness of re-checks below 60 s; a process of Shield is busy before it refuses."""
    by_name = {rule["alert"]: rule["expr"] for rule in rules()}
    assert float(by_name["PisauraShieldBusy"].rpartition(">")[2]) < Settings().shield.connections
    late = {name for name, seconds in WITHIN if seconds > 60} | {LONGER}
    assert set(re.findall(r'lateness=~"([^"]*)"', by_name["PisauraRechecksLate"])[0].split("|")) == late
    assert float(by_name["PisauraNoticesLate"].rpartition(">")[2]) > Settings().notices.recipient_every
    assert float(by_name["PisauraAuditAnchorOld"].rpartition(">")[2]) > 2 * watch.HOUR


def section(page: str, name: str) -> str:
    """The runbook's section, up to the next one of its level."""
    _, _, rest = (ROOT / page).read_text().partition(f"\n## {name}\n")
    assert rest
    return "\n" + rest.partition("\n## ")[0]
