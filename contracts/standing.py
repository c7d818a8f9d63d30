"""An entry's standing, from what organisations say of it, the lists that carry it, and why it is held (domain, section 1).

`TABLE` is read from above; its first row that applies decides. One opinion per organisation counts, however many lists hand it
on: where its copies differ, the lowest. So nothing that anybody says besides can raise a standing, and the order in which
things were said does not matter.

A withdrawal in the originating member's name through a list that is not trusted is a dispute while a trusted list carries
the entry: otherwise whoever writes an unverified list could silence the others.
"""

from collections.abc import Callable
from typing import Final

from msgspec import Struct

from contracts.lists import DELETING, KINDS, MASS_DELETION

CARRIED: Final = 0
GOING: Final = 1
"""Deleted by a sync that has not ended."""
GOING_IN_MASS: Final = 2
"""Deleted by a sync that deletes too much: waits for two people."""
GONE: Final = 3
US: Final = ""
"""The organisation that runs this installation, in opinions: its withdrawal is final here."""


class Carrier(Struct, frozen=True, array_like=True, gc=False):
    """A list's word on an entry. `own`: it is the list of the entry's own member. `state`: CARRIED to GONE."""

    kind: str
    trusted: bool
    own: bool
    state: int = CARRIED


class Said(Struct, frozen=True, array_like=True, gc=False):
    """An organisation's verdict on an entry, through a list; `trusted`: that list is, or a person wrote it down here."""

    organisation: str
    verdict: str
    trusted: bool = True


class Known(Struct, frozen=True, gc=False):
    """All that decides an entry's standing. `holds` are the reasons that nobody has released. `mixed`: it has digests that only
    lists of no trust gave; a verified list that carries the entry does not speak for those."""

    member: str
    carriers: tuple[Carrier, ...]
    said: tuple[Said, ...] = ()
    holds: tuple[str, ...] = ()
    mixed: bool = False


def _withdrawn_by_us(known: Known) -> bool:
    return any(one.organisation == US and one.verdict == "withdraw" for one in known.said)


def _withdrawn_by_member(known: Known) -> bool:
    return any(
        one.organisation.casefold() == known.member.casefold()
        and one.verdict == "withdraw"
        and (one.trusted or not _trusted(known))
        for one in known.said
    )


def _gone_from_members_list(known: Known) -> bool:
    return any(carrier.own and carrier.state == GONE for carrier in known.carriers)


def _gone_from_all(known: Known) -> bool:
    return all(carrier.state == GONE for carrier in known.carriers)


def _held(known: Known) -> bool:
    return bool(known.holds) or any(carrier.state in (GOING, GOING_IN_MASS) for carrier in known.carriers)


def _disputed(known: Known) -> bool:
    return (known.mixed and _trusted(known)) or any(one.verdict in ("dispute", "withdraw") for one in known.said)


def _trusted(known: Known) -> bool:
    """A verified list says so of the gravest kind that any list claims: one of adults' pictures makes no other claim true."""
    carried = [carrier for carrier in known.carriers if carrier.state != GONE]
    gravest = min((KINDS.index(carrier.kind) for carrier in carried), default=0)
    return any(carrier.trusted and KINDS.index(carrier.kind) == gravest for carrier in carried)


def _always(_known: Known) -> bool:
    return True


TABLE: Final[tuple[tuple[str, Callable[[Known], bool], str], ...]] = (
    ("we have withdrawn it", _withdrawn_by_us, "withdrawn"),
    ("its originating member has withdrawn it", _withdrawn_by_member, "withdrawn"),
    ("its originating member's list has deleted it", _gone_from_members_list, "withdrawn"),
    ("every list that had it has deleted it", _gone_from_all, "withdrawn"),
    ("it is held, or a deletion of it waits", _held, "held"),
    (
        "it is disputed, withdrawn by another than its member, or has digests that its verified list does not",
        _disputed,
        "disputed",
    ),
    ("a verified list carries it", _trusted, "verified"),
    ("no verified list carries it", _always, "unverified"),
)
"""(condition in words, condition, standing): the first row that applies decides."""


def standing(known: Known) -> str:
    """One of `contracts.lists.STANDINGS`."""
    return next(result for _, applies, result in TABLE if applies(known))


def reasons(known: Known) -> list[str]:
    """Why it is held, the leading reason first: deletions that wait, then other holds by name."""
    states = {carrier.state for carrier in known.carriers}
    waiting = [name for state, name in ((GOING_IN_MASS, MASS_DELETION), (GOING, DELETING)) if state in states]
    return [*waiting, *sorted(known.holds)]
