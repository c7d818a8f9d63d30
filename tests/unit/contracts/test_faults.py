"""The closed tables of faults."""

from contracts.faults import NOT_REQUESTED, Cut, Fault, TlsFault
from contracts.refusals import Reason


def test_a_name_means_one_thing() -> None:
    """`Outcome.error` holds a Fault or a Reason, `Outcome.cut` a Cut or a Fault: none may be mistaken for the other."""
    faults, cuts, reasons = ({str(name) for name in table} for table in (Fault, Cut, Reason))
    assert not faults & cuts
    assert not faults & reasons
    assert not cuts & reasons


def test_names_are_metric_labels() -> None:
    for table in (Fault, Cut, TlsFault):
        assert all(name.isascii() and name.replace("_", "").isalnum() and name.islower() for name in table)


def test_what_costs_no_try_is_a_fault() -> None:
    assert set(Fault) > NOT_REQUESTED
