"""What the notices role and Shield are given besides keys: files of the operator, senders, folders, certificates. What is wrong here
is seen when a notice is due, at night; so it is looked for before."""

import os
from collections.abc import Callable, Mapping
from ipaddress import ip_address
from pathlib import Path
from typing import Final, cast

from backends.countries import country_file
from contracts.errors import PisauraError, UsageError
from contracts.notices import Replies
from contracts.removal import Notices, Operator, Shield
from contracts.settings import Settings
from crawlctl.desk.local import table_of
from crawlctl.desk.offices import read_tool
from crawlctl.doctor.certificates import look_at_certificate
from crawlctl.doctor.findings import Finding, failed, ok, warning
from crawlctl.recipient_files import Sources
from crawlctl.senders import sender_for
from crawlctl.tokens import Tokens
from notices import api
from notices.compose.fit import missing
from notices.senders.mailbox import Mailbox
from notices.senders.providers import read_providers
from shield.api import connections

RECIPIENTS: Final = "recipients"
SENDERS: Final = "senders"
MAILBOX: Final = "mailbox"
ANCHOR: Final = "audit anchor"
PEOPLE: Final = "people"
API: Final = "api"
SHIELD: Final = "shield"
CASES: Final = "cases"
HALF_A_WEEK: Final = 3.5 * 86_400


def concern(settings: Settings, role: str) -> list[str]:
    """Which of notices and shield these settings are for."""
    about = settings.notices != Notices() or settings.operator != Operator()
    found = ["notices"] * (role == "notices" or (not role and about))
    return found + ["shield"] * (role == "shield" or (not role and settings.shield != Shield()))


def look_at_recipients(settings: Settings) -> list[Finding]:
    """The operator's files about who is told, and by which way."""
    try:
        Sources.load(settings.notices)
        table_of(settings.notices.routes)
        countries = country_file(settings.lists.countries)
    except PisauraError as error:
        return [failed(RECIPIENTS, str(error), "correct the file; the role does not start with it")]
    if countries is None:
        return [
            warning(
                RECIPIENTS, "lists.countries names no file: the country of most servers is known by one method only, so their cases are held",
                "name a MaxMind DB file of countries",
            )
        ]  # fmt: skip
    countries.close()
    return [ok(RECIPIENTS, "files of overrides, proxies, registries, routes and countries can be read")]


def look_at_senders(settings: Settings, folder: Path) -> list[Finding]:
    """Whether notices could go out as it is set; `folder` is that of a dry run without notices.folder."""
    wanted = settings.notices
    lacks = missing(settings.operator)
    todo = "set what is missing"
    try:
        read_providers(wanted.webhooks)
        sender_for(settings, folder, lambda: 0.0, _never)
    except UsageError as error:
        return [failed(SENDERS, str(error), todo)]
    if wanted.sender != "folder":
        return [ok(SENDERS, "all is set; they send once two people have switched it on (`crawlctl notices send`)")]
    path = Path(wanted.folder) if wanted.folder else folder
    if not writable(path):
        return [
            failed(SENDERS, f"a dry run cannot write to {path}", "make the folder, or name another: notices.folder")
        ]
    if lacks:
        return [warning(SENDERS, f"a dry run; {', '.join(lacks)} must be set before anything is sent", todo)]
    return [ok(SENDERS, f"a dry run into {path}: nothing leaves")]


def look_at_mailbox(settings: Settings) -> list[Finding]:
    """The Maildir of answers, if there is one."""
    named = settings.notices.mailbox
    if not named:
        return []
    try:
        Mailbox(Path(named), cast(Replies, None), lambda: 0.0)
    except UsageError as error:
        return [failed(MAILBOX, str(error), "name the folder that the mail server delivers to")]
    shut = [one for one in ("new", "cur") if not os.access(Path(named) / one, os.R_OK | os.W_OK | os.X_OK)]
    if shut:
        return [
            failed(
                MAILBOX,
                f"{named}: files in {' and '.join(shut)} cannot be read and moved",
                "give this user both folders",
            )
        ]
    return [ok(MAILBOX, f"{named}: answers are read there")]


def look_at_anchor(settings: Settings, folder: Path | None) -> list[Finding]:
    """Where the end of the audit is exported; `folder` is the state's."""
    path = Path(settings.notices.anchor) if settings.notices.anchor else folder and folder / "audit.anchor"
    if path is None:
        return [
            warning(
                ANCHOR,
                "notices.anchor is empty: what is cut off at the end of the audit would not be missed",
                "name a file",
            )
        ]
    if (path.exists() and not os.access(path, os.W_OK)) or not writable(path.parent):
        return [failed(ANCHOR, f"{path} cannot be written", "give this user the folder, or name another")]
    return [ok(ANCHOR, f"{path}: copy it to where nobody writes who can write the database")]


def look_at_people(settings: Settings) -> list[Finding]:
    """Tokens of an issuer, and the assessment tool, if there are any."""
    try:
        Tokens.from_settings(settings)
        tool = read_tool(settings.review.handoff)
    except UsageError as error:
        return [failed(PEOPLE, str(error), "correct the group [review]; nobody could log in or hand over")]
    tokens = "accounts and tokens" if settings.review.oidc_issuer else "accounts"
    return [ok(PEOPLE, f"known by {tokens}; {'with' if tool else 'without'} an assessment tool")]


def look_at_api(settings: Settings, now: float) -> list[Finding]:
    """Where desks are served, if anywhere."""
    wanted = settings.notices
    if not wanted.api_listen:
        return []
    host = wanted.api_listen.rpartition(":")[0].strip("[]")

    def usable() -> None:
        if api.tls(wanted.api_certificate, wanted.api_key) is None and not ip_address(host).is_loopback:
            raise UsageError("off loopback notices.api_certificate and notices.api_key are needed")

    return [_served(API, usable, wanted.api_certificate, now)]


def look_at_shield(settings: Settings, now: float) -> list[Finding]:
    """Where providers are served."""
    wanted = settings.shield
    host = wanted.listen.rpartition(":")[0].strip("[]")
    return [_served(SHIELD, lambda: connections.tls(wanted.certificate, wanted.key, host), wanted.certificate, now)]


def judge_vault(figures: Mapping[str, float], *, live: bool, now: float) -> list[Finding]:
    """What the vault says of cases (`backends.postgres.vault_watch`)."""
    found = []
    if lost := figures["keys_missing"]:
        found.append(
            failed(CASES, f"{lost:.0f} open cases have no key: their places cannot be read", "restore case_keys: docs/operations.md, PisauraCaseKeysMissing")
        )  # fmt: skip
    if late := figures["retractions_late"]:
        found.append(failed(CASES, f"{late:.0f} retractions are late", "`crawlctl notices ls`"))
    if live and not figures["sending"]:
        found.append(warning(CASES, "sending is switched off", "`crawlctl notices send --confirm`, by two people"))
    if now - figures["retention_at"] > HALF_A_WEEK:
        found.append(warning(CASES, "retention was not run in the last days", "run `crawlctl retention run` daily"))
    return found or [ok(CASES, "keys are there, nothing is late, retention was run")]


def writable(folder: Path) -> bool:
    """Whether files can be made in a folder, or the folder itself in the nearest one above it."""
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    return folder.is_dir() and os.access(folder, os.W_OK | os.X_OK)


def _served(check: str, usable: Callable[[], object], certificate: str, now: float) -> Finding:
    try:
        usable()
        if not certificate:
            return ok(check, "served without TLS, on this machine only")
        return look_at_certificate(check, certificate, now)
    except UsageError as error:
        return failed(check, str(error), "give it a certificate and its key that this user can read")


async def _never() -> bool:
    return False
