"""Who may do what: accounts of people and providers, by role (docs/domain.md, sections 2 and 4).

A person is known by an account of the keys file that `crawlctl keys add` gave them, or by a token of an OIDC issuer; never by the
operating system's user name. Nobody approves an act of their own.
"""

from typing import Final

from msgspec import Struct

ROLES: Final = ("viewer", "analyst", "supervisor", "operator", "auditor", "provider")
"""Viewers see counts and states, analysts review, supervisors release and see teams, operators run the system and see no place,
auditors read the audit, providers ask Shield and nothing else."""
PEOPLE: Final = ROLES[:-1]
"""Roles of people: an account of one of them takes two people to make."""
ACCOUNT: Final = "account"
"""What a `contracts.desk.Person` that an account vouches for has as its machine."""


class Identity(Struct, frozen=True):
    """Who asks. `account` is the number of the account, or 0 for one that an OIDC issuer vouches for; `grants` are extra rights."""

    name: str
    role: str
    account: int = 0
    grants: tuple[str, ...] = ()
    how: str = "key"


class Account(Struct, frozen=True):
    """An account, for people: never its password. Times are unix seconds, `revoked_at` is 0.0 while it serves."""

    account_id: int
    name: str
    role: str
    user: str
    grants: tuple[str, ...]
    created_at: float
    created_by: str
    revoked_at: float = 0.0
    revoked_by: str = ""


PERMISSIONS: Final[dict[str, tuple[str, ...]]] = {
    "cases.ls": ("viewer", "analyst", "supervisor", "auditor"),
    "cases.show": ("analyst", "supervisor"),
    "cases.reveal": ("analyst", "supervisor"),
    "cases.close": ("supervisor",),
    "cases.hold": ("supervisor", "auditor"),
    "review.next": ("analyst", "supervisor"),
    "review.show": ("analyst", "supervisor"),
    "review.decide": ("analyst", "supervisor"),
    "review.handoff": ("analyst", "supervisor"),
    "review.release": ("supervisor",),
    "review.stats": ("viewer", "analyst", "supervisor", "operator"),
    "notices.ls": ("viewer", "analyst", "supervisor", "operator", "auditor"),
    "notices.preview": ("analyst", "supervisor"),
    "notices.retry": ("supervisor", "operator"),
    "notices.send": ("supervisor", "operator"),
    "notices.appeal": ("analyst", "supervisor"),
    "recipients.lookup": ("analyst", "supervisor"),
    "recipients.stop": ("supervisor",),
    "partners.add": ("supervisor",),
    "partners.ls": ("viewer", "analyst", "supervisor", "operator", "auditor"),
    "keys.add": ("operator",),
    "keys.revoke": ("operator",),
    "keys.rotate": ("operator",),
    "keys.ls": ("operator", "auditor"),
    "lists.add": ("supervisor", "operator"),
    "lists.opinion": ("analyst", "supervisor"),
    "lists.release": ("supervisor",),
    "lists.withdraw": ("supervisor",),
    "lists.export": ("supervisor", "operator"),
    "audit.show": ("auditor", "supervisor"),
    "audit.verify": ("auditor", "supervisor", "operator"),
    "retention.run": ("operator",),
    "report": ("viewer", "analyst", "supervisor", "operator", "auditor"),
    "tips.add": ("analyst", "supervisor", "operator"),
    "shield": ("provider",),
    "shield.metrics": ("viewer", "operator"),
    "shield.suspensions": ("supervisor", "operator", "auditor"),
    "shield.lift": ("supervisor",),
}
"""Act -> roles that may do it."""


def may(identity: Identity, act: str) -> bool:
    """Whether this role may do that; nobody may do what is in no row."""
    return identity.role in PERMISSIONS.get(act, ())
