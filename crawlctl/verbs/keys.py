"""`crawlctl keys`: accounts of people and providers; the key files of a cluster, made once; and what a file is good for, never
what is in it."""

import argparse
import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import Final

from contracts import seal
from contracts.errors import UsageError
from contracts.people import ROLES as ALL_ROLES
from contracts.settings import Settings
from crawlctl import accounts, rotation
from crawlctl.arguments import add_json, add_key, add_state, add_verb
from crawlctl.output import write_json
from crawlctl.roles.needs import read_keys

MODE: Final = 0o600
MORE: Final = f"""\
{seal.FETCHER_FILE} is for fetchers: it seals the places of media and can open none. {seal.NOTICES_FILE} is for the notices role
alone: it opens them. Who loses {seal.NOTICES_FILE} can never tell again where a match was found: keep a copy in a safe place.
{seal.HASHER_FILE} is for hashers: with it they keep their index on disk, encrypted, so that they start in seconds; they can do without.
{seal.LISTS_FILE} is for `crawlctl lists import` and `sync`: they seal names of series and notes with it, and open nothing.
Each role is told its file by the setting cluster.keys."""
CAN: Final = {
    "fetcher": ["seal places", "recognise a place again"],
    "hasher": ["read and write snapshots of the index"],
    "lists": ["seal names of series and notes", "blind names of series"],
    "notices": ["seal places", "recognise a place again", "open places", "blind names of series"],
}

ROLES: Final = {seal.FetcherKeys: "fetcher", seal.HasherKeys: "hasher", seal.Keys: "notices", seal.ListsKeys: "lists"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of all sub-commands."""
    verbs = parser.add_subparsers(title="sub-commands", metavar="WHAT", dest="what", required=True)
    new = add_verb(verbs, "new", "make the key files of a new cluster", MORE)
    new.add_argument("folder", type=Path, metavar="DIR", help="where to put them; made if missing")
    show = add_verb(verbs, "show", "what a key file can do, never the keys")
    show.add_argument("file", type=Path, metavar="FILE")
    add = add_verb(verbs, "add", "make an account; its user and password are printed once, as JSON", accounts.ADD)
    add.add_argument("name", metavar="NAME", help="the person's or provider's name")
    add.add_argument("--role", required=True, choices=ALL_ROLES, metavar="R", help=", ".join(ALL_ROLES))
    add.add_argument(
        "--grant", action="append", default=[], metavar="G", help="what a provider may do besides: pdq, or url:HOST"
    )
    revoke = add_verb(verbs, "revoke", "let an account serve no more", accounts.REVOKE)
    revoke.add_argument("account", metavar="USER|NAME")
    ls = add_verb(verbs, "ls", "list accounts, revoked ones too; never a password")
    turn = add_verb(verbs, "rotate", "make a new key pair, seal all anew, drop the old secret", rotation.ROTATE)
    turn.add_argument("folder", type=Path, metavar="FOLDER", nargs="?", help="a cluster's key files")
    turn.add_argument("--reseal", action="store_true", help="seal anew what is sealed to an older key")
    turn.add_argument("--drop", action="store_true", help="take the old secrets out")
    for each in (add, revoke, ls, turn):
        add_state(each)
        add_key(each)
    for each in (new, show, add, revoke, ls, turn):
        add_json(each)


def run(arguments: argparse.Namespace, settings: Settings) -> int:
    """Run the sub-command."""
    if arguments.what in accounts.ACTS:
        return accounts.run(arguments, settings)
    if arguments.what == "rotate":
        return rotation.run(arguments, settings)
    if arguments.what == "new":
        paths = make(arguments.folder)
        _tell([_about(path) for path in paths], arguments.json)
    else:
        _tell([_about(arguments.file)], arguments.json)
    return 0


def make(folder: Path) -> list[Path]:
    """All files, readable by the owner only. UsageError if one is there already, or cannot be written."""
    keys = seal.new_keys()
    files = {
        folder / seal.FETCHER_FILE: seal.fetcher_to_bytes(seal.FetcherKeys(keys.public, keys.place_key)),
        folder / seal.NOTICES_FILE: seal.to_bytes(keys),
        folder / seal.HASHER_FILE: seal.hasher_to_bytes(seal.hasher_keys(keys)),
        folder / seal.LISTS_FILE: seal.lists_to_bytes(seal.lists_keys(keys)),
    }
    made: list[Path] = []
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for path, data in files.items():
            _write(path, data)
            made.append(path)
    except OSError as error:
        for path in made:
            with suppress(OSError):
                path.unlink()
        if isinstance(error, FileExistsError):
            raise UsageError(
                f"{error.filename}: is there already, and keys are never overwritten: what was sealed to them could not be "
                "opened any more; name another folder"
            ) from error
        raise UsageError(f"{error.filename or folder}: cannot be written: {error.strerror}") from error
    return list(files)


def _write(path: Path, data: bytes) -> None:
    """A file that was not there, whole or not at all."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, MODE)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
    except OSError:
        path.unlink()
        raise


def _about(path: Path) -> dict[str, object]:
    found = read_keys(path)
    role = ROLES[type(found)]
    open_to_others = bool(path.stat().st_mode & 0o077)
    return {
        "file": str(path),
        "for": role,
        "can": CAN[role],
        "pair": seal.mark(found),
        "open_to_others": open_to_others,
    }


def _tell(rows: list[dict[str, object]], as_json: bool) -> None:
    for row in rows:
        if as_json:
            write_json(row)
            continue
        can = row["can"]
        assert isinstance(can, list)
        warning = "; OTHERS MAY READ IT: chmod 600" if row["open_to_others"] else ""
        sys.stdout.write(f"{row['file']}: for {row['for']}, pair {row['pair']}: can {', '.join(can)}{warning}\n")
