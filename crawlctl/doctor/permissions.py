"""Who may do what in the databases, against the table of roles: what one user cannot do, nobody who steals it can."""

from collections.abc import Collection
from typing import Final

from backends.postgres.databases import ROLES
from backends.postgres.inspection import About, Grant
from crawlctl.doctor.findings import Finding, failed, ok

SHOWN: Final = 5
"""Differences named one by one."""


def judge_user(check: str, about: About, database: str) -> Finding:
    """Whether a DSN's user is one of those that may use `database` (crawl or vault), and no more than that."""
    roles = ROLES[database]
    todo = f"log in as one of {', '.join(roles)}"
    if about.role not in roles:
        return failed(check, f"postgres.{database} logs in as {about.role}, which is none of its roles", todo)
    can = []
    if about.mighty:
        can.append("is a superuser, or may make roles or databases, or passes all rights")
    if about.member_of:
        can.append(f"is a member of {', '.join(about.member_of)}")
    if about.owns:
        can.append(f"owns {about.owns} tables or indexes")
    if about.creates:
        can.append("may create tables")
    if can:
        return failed(
            check,
            f"{about.role} {' and '.join(can)}",
            f"as superuser: ALTER ROLE {about.role} NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS, "
            f"REVOKE its memberships, and let the owner of the database own all tables",
        )
    return ok(check, f"{about.role}, with no right but those of its role")


def judge_grants(check: str, found: Collection[Grant], wanted: Collection[Grant], database: str) -> Finding:
    """Rights on tables and sequences, against those that the migrations grant."""
    more, less = sorted(set(found) - set(wanted)), sorted(set(wanted) - set(found))
    if not more and not less:
        return ok(check, f"{len(wanted)} rights of {', '.join(ROLES[database])}, exactly as granted by the migrations")
    said = []
    if more:
        said.append(f"{len(more)} too many ({_few(more)})")
    if less:
        said.append(f"{len(less)} missing ({_few(less)})")
    statements = [f"REVOKE {_right(one)} FROM {one.role}" for one in more] + [
        f"GRANT {_right(one)} TO {one.role}" for one in less
    ]
    shown = "; ".join(statements[:SHOWN]) + ("; and so on" if len(statements) > SHOWN else "")
    return failed(check, " and ".join(said), f"as the owner of the database {database}: {shown}")


def judge_doors(check: str, found: Collection[str], database: str) -> Finding:
    """Who may connect to a database, besides its owner."""
    more, less = sorted(set(found) - set(ROLES[database])), sorted(set(ROLES[database]) - set(found))
    if not more and not less:
        return ok(check, f"only {', '.join(ROLES[database])} and the owner may enter")
    said = [f"{', '.join(more)} may enter"] * bool(more) + [f"{', '.join(less)} may not enter"] * bool(less)
    statements = [f"REVOKE CONNECT ON DATABASE {database} FROM {role}" for role in more]
    statements += [f"GRANT CONNECT ON DATABASE {database} TO {role}" for role in less]
    return failed(check, " and ".join(said), f"as the owner of the database: {'; '.join(statements)}")


def judge_shut(check: str, user: str, database: str, said: str | None) -> Finding:
    """What came of trying the door of `database` as the user of the other one; None: it opened."""
    if said is None:
        return failed(
            check,
            f"the user of postgres.{user} can open the database {database}",
            f"REVOKE CONNECT ON DATABASE {database} FROM PUBLIC and from that user; separate users are what keeps lists and "
            "matches from whoever breaks into a frontier, and URLs from whoever breaks into a hasher",
        )
    return ok(check, f"the user of postgres.{user} cannot open the database {database}: it was tried")


def _right(grant: Grant) -> str:
    sequence = "SEQUENCE " if grant.privilege == "USAGE" else ""
    column = f" ({grant.column})" if grant.column else ""
    return f"{grant.privilege}{column} ON {sequence}{grant.name}"


def _few(grants: list[Grant]) -> str:
    shown = ", ".join(f"{one.role}: {_right(one)}" for one in grants[:SHOWN])
    return shown + (", ..." if len(grants) > SHOWN else "")
