"""Accounts, made, listed and revoked by hand (`crawlctl keys add|ls|revoke`)."""

import argparse
import asyncio
import sys
import time
from contextlib import nullcontext, redirect_stdout
from typing import Any, Final

from contracts.errors import UsageError
from contracts.people import PEOPLE, Account, Identity
from contracts.seal import AnyKeys
from contracts.settings import Settings
from contracts.shielding import PDQ_GRANT, URL_GRANT
from crawlctl.access import Access, opened
from crawlctl.audit import act_by, user_name
from crawlctl.identity import HOW, given, identity, person_of, require
from crawlctl.lists.people import tell
from crawlctl.output import one_line, write_json, write_table
from crawlctl.times import iso

ACTS: Final = ("add", "revoke", "ls")
GRANT_CHARS: Final = 40
GRANTS: Final = 20
PROVIDER: Final = "provider"
ENOUGH: Final = 2
"""Accounts that may add others, from which on nobody adds a person's alone."""
ADD: Final = f"""\
What is printed is a keys file: keep it with mode 0600, and give it to its owner by a way that nobody else reads. It cannot be
printed again.

Accounts of people ({", ".join(PEOPLE)}) take two people, as soon as there are {ENOUGH} accounts of operators: the first asks, and
the account is made when another asks for the same within 7 days. Accounts of providers take one operator. Before that, whoever owns
the state (in a cluster: who has the keys of the notices role) makes accounts alone; so make those of two operators first, and give
them to two people."""
REVOKE: Final = """\
An operator's act; before there are two operators, that of whoever owns the state. It counts everywhere within a minute."""


def run(arguments: argparse.Namespace, settings: Settings) -> int:
    """Run the sub-command."""
    asyncio.run({"add": _add, "revoke": _revoke, "ls": _ls}[arguments.what](arguments, settings))
    return 0


async def _add(arguments: argparse.Namespace, settings: Settings) -> None:
    grants = sorted(set(arguments.grant))
    if len(grants) > GRANTS or any(not 0 < len(one) <= GRANT_CHARS or not one.isprintable() for one in grants):
        raise UsageError(f"--grant: at most {GRANTS}, of 1 to {GRANT_CHARS} characters each")
    known = [one for one in grants if one == PDQ_GRANT or (one.startswith(URL_GRANT) and one != URL_GRANT)]
    if grants and (arguments.role != PROVIDER or known != grants):
        raise UsageError(
            f"--grant: providers may be given {PDQ_GRANT} (asking by PDQ) and {URL_GRANT}HOST (having media fetched from there), nothing else"
        )
    async with opened(arguments.state, settings, crawl=False) as access:
        accounts = await access.accounts()
        who = await asker(arguments, access, "keys.add")
        now = time.time()
        if who is not None and arguments.role in PEOPLE and await accounts.adders() >= ENOUGH:
            subject = f"{arguments.role} {' '.join(arguments.name.split())} {' '.join(grants)}".rstrip()
            asked = await accounts.ask("keys.add", subject, "", person_of(who), now)
            if not asked.done:
                await (await access.chain()).add(act_by(who, "keys.add", purpose=f"asked for: {subject}"))
                facts = {"name": arguments.name, "role": arguments.role}
                with nullcontext() if arguments.json else redirect_stdout(sys.stderr):  # what is printed is a keys file
                    tell(asked, f"the account {arguments.name!r} is not made yet", "", facts, as_json=arguments.json)
                return
        made, password = await accounts.add(arguments.name, arguments.role, _name(who), now, grants)
        await _written(access, who, "keys.add", made)
    write_json({"user": made.user, "password": password, "name": made.name, "role": made.role})


async def _revoke(arguments: argparse.Namespace, settings: Settings) -> None:
    async with opened(arguments.state, settings, crawl=False) as access:
        accounts = await access.accounts()
        who = await asker(arguments, access, "keys.revoke")
        gone = await accounts.revoke(arguments.account, _name(who), time.time())
        await _written(access, who, "keys.revoke", gone)
    _tell([gone], as_json=arguments.json)


async def _ls(arguments: argparse.Namespace, settings: Settings) -> None:
    async with opened(arguments.state, settings, crawl=False) as access:
        accounts = await access.accounts()
        await asker(arguments, access, "keys.ls")
        _tell(await accounts.all(), as_json=arguments.json)


async def asker(
    arguments: argparse.Namespace, access: Access, act: str, keys: AnyKeys | None = None
) -> Identity | None:
    """Who asks for an operator's act, if they may; None for the owner of the state before there are two operators. Else UsageError.

    `keys` are those that make an owner, if they are not those of `access`."""
    if given(arguments) is not None:
        who = await identity(arguments, access)
        require(who, act)
        return who
    if await (await access.accounts()).adders() >= ENOUGH:
        raise UsageError(f"there are operators with accounts here: which of them asks? {HOW}")
    _ = keys or access.keys  # whoever has them owns all that an account could be kept from
    return None


async def _written(access: Access, who: Identity | None, act: str, account: Account) -> None:
    await (await access.chain()).add(act_by(who, act, purpose=f"{account.role} {account.name}", subject=account.user))


def _name(who: Identity | None) -> str:
    return who.name if who is not None else f"{user_name()}, owner of the state"


def _tell(accounts: list[Account], *, as_json: bool) -> None:
    rows: list[dict[str, Any]] = [
        {
            "account": one.account_id,
            "name": one.name,
            "role": one.role,
            "user": one.user,
            "grants": list(one.grants),
            "created_at": iso(one.created_at),
            "created_by": one.created_by,
            "revoked_at": iso(one.revoked_at) if one.revoked_at else None,
            "revoked_by": one.revoked_by,
        }
        for one in accounts
    ]
    if as_json:
        for row in rows:
            write_json(row)
        return
    shown = [
        (
            one_line(row["name"]),
            row["role"],
            row["user"],
            " ".join(row["grants"]),
            row["created_at"][:10],
            (row["revoked_at"] or "")[:10],
        )
        for row in rows
    ]
    write_table(("name", "role", "user", "grants", "made", "revoked"), shown)
