"""Key files: there, whole, and for nobody's eyes but their role's."""

import os
import stat
from pathlib import Path
from typing import Final

from backends import keystore
from contracts.errors import PisauraError
from contracts.seal import (
    FETCHER_FILE,
    HASHER_FILE,
    LISTS_FILE,
    NOTICES_FILE,
    AnyKeys,
    HasherKeys,
    Keys,
    ListsKeys,
    mark,
)
from crawlctl.doctor.findings import Finding, failed, ok, warning
from crawlctl.roles.needs import read_keys
from crawlctl.state import KEYS, load_keys

CHECK: Final = "keys"
MAKE: Final = f"cluster.keys must name {FETCHER_FILE}, {NOTICES_FILE}, {HASHER_FILE} or {LISTS_FILE}, made once by `crawlctl keys new DIR`"


def judge_mode(path: Path, mode: int, owner: int, user: int) -> Finding | None:
    """A key file's st_mode and owner, against the user who runs the roles; None if nobody else can read it."""
    if mode & (stat.S_IRWXG | stat.S_IRWXO):
        return failed(
            CHECK,
            f"{path} may be read by others (mode {stat.S_IMODE(mode):04o})",
            f"chmod 600 {path}; if strangers had access, places are no longer secret: make new keys",
        )
    if owner != user and user != 0:
        return failed(CHECK, f"{path} belongs to user {owner}, not to user {user}", f"chown {user} {path}")
    return None


def judge_fit(path: Path | str, keys: AnyKeys, role: str) -> Finding:
    """Whether a file's keys are those of a role; of any role if that is empty."""
    opens, snapshots = isinstance(keys, Keys), isinstance(keys, HasherKeys)
    if role == "fetcher" and opens:
        return failed(
            CHECK,
            f"{path} can open what fetchers seal: whoever breaks into a fetcher would learn where matches are",
            f"give fetchers {FETCHER_FILE}, and the notices role alone {NOTICES_FILE}",
        )
    if role == "fetcher" and (snapshots or isinstance(keys, ListsKeys)):
        return failed(CHECK, f"{path} cannot seal places", f"a fetcher needs {FETCHER_FILE}")
    if role == "notices" and not opens:
        return failed(CHECK, f"{path} cannot open places", f"the notices role needs {NOTICES_FILE}")
    if role in ("hasher", "shield") and not snapshots:
        return failed(
            CHECK, f"{path} is for another role", f"give a {role} {HASHER_FILE}, or empty cluster.keys for it"
        )
    if role == "frontier":
        return warning(
            CHECK, f"a {role} needs no keys, but cluster.keys names {path}", "empty cluster.keys for this role"
        )
    if snapshots:
        return ok(CHECK, f"{path}: whole, of hashers: it reads and writes snapshots of the index")
    if isinstance(keys, ListsKeys):
        return ok(CHECK, f"{path}: whole, of who imports lists: it seals, and opens nothing; pair {mark(keys)}")
    whose = "of the notices role: no other may have it" if opens else "of fetchers: it seals, and opens nothing"
    return ok(CHECK, f"{path}: whole, {whose}; pair {mark(keys)}")


def look_at_cluster_keys(path: str, role: str) -> list[Finding]:
    """The file that `cluster.keys` names, for the role that these settings are for, if that is known."""
    if not keystore.given(path):
        if role in ("fetcher", "notices"):
            return [failed(CHECK, "cluster.keys is empty", MAKE)]
        if role in ("hasher", "shield"):
            return [ok(CHECK, f"none: without {HASHER_FILE} a {role} reads all entries from Postgres at each start")]
        return [ok(CHECK, "none: only fetchers and the notices role need them")]
    source = keystore.shown(path)
    try:
        keys = read_keys(path)
        if not keystore.is_file(path):
            return [judge_fit(source, keys, role)]
        status = Path(path).stat()
    except PisauraError as error:
        return [failed(CHECK, str(error), MAKE)]
    return [judge_mode(Path(path), status.st_mode, status.st_uid, os.geteuid()) or judge_fit(source, keys, role)]


def look_at_state_keys(folder: Path) -> list[Finding]:
    """The keys of a state on this machine: all of them, since one process plays all roles."""
    path = folder / KEYS
    try:
        load_keys(folder, create=False)
        status = path.stat()
    except PisauraError as error:
        return [
            failed(CHECK, str(error), "restore the file from a backup: without it no place in the vault can be opened")
        ]
    return [judge_mode(path, status.st_mode, status.st_uid, os.geteuid()) or ok(CHECK, f"{path}: whole, mode 0600")]
