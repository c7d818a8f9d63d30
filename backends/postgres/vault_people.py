"""Acts that take two people: the first asks, the act is done when another one asks for the same."""

from typing import Any

from backends.postgres.rows import millis
from backends.postgres.vault_queries import QUERIES
from contracts.desk import WITHIN, Asked, Person
from contracts.people import ACCOUNT


def label(person: Person) -> str:
    """A person as history names them."""
    if person.machine == ACCOUNT:
        return f"{person.name} (account {person.uid})" if person.uid else f"{person.name} (by a token)"
    return f"{person.name} ({person.uid} on {person.machine})"


def another(person: Person, other: Person) -> bool:
    """Whether these are two people: neither one account, nor one name on two machines.

    Nobody knows who of an operating system's users has which account: the two never make up two people. Those whom an
    issuer's tokens vouch for share the account 0, and are told apart by their names alone.
    """
    if (person.machine == ACCOUNT) != (other.machine == ACCOUNT) or person.name == other.name:
        return False
    by_token = person.machine == ACCOUNT and person.uid == 0
    return by_token or (person.uid, person.machine) != (other.uid, other.machine)


async def ask(db: Any, act: str, subject: str, why: str, person: Person, now: float, within: float = WITHIN) -> Asked:
    """Ask for an act, in the caller's transaction: it may be done if another person asked for it `within` seconds. Nobody
    approves an act of their own. The caller says `done` after it."""
    await db.execute(QUERIES["lock_act"], act, subject)
    await db.execute(QUERIES["ask"], act, subject, why, person.name, person.uid, person.machine, millis(now))
    asked = [Person(*row) for row in await db.fetch(QUERIES["asked"], act, subject, millis(now - within))]
    names = list(dict.fromkeys(one.name for one in asked))
    return Asked(any(another(person, one) for one in asked), names)


async def done(db: Any, act: str, subject: str, now: float) -> None:
    """The act was done: who wants it again must ask again."""
    await db.execute(QUERIES["act_done"], act, subject, millis(now))
