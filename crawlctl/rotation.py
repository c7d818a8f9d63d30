"""A new key pair for places, and everything sealed to it (`crawlctl keys rotate`)."""

import argparse
import asyncio
import sys
import time
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any, Final

from backends.postgres.vault_reseal import VaultReseal, Walked
from backends.postgres.vault_store import open_pool
from contracts import seal
from contracts.errors import UsageError
from contracts.people import Identity
from contracts.settings import Settings
from crawlctl.access import Access, opened, runner
from crawlctl.accounts import ENOUGH, asker
from crawlctl.audit import act_by
from crawlctl.identity import person_of
from crawlctl.lists.people import tell
from crawlctl.output import ProgressLine, one_line, write_json
from crawlctl.roles.needs import read_keys
from crawlctl.state import KEYS, replace_file

ROTATE: Final = """\
In three steps, each of which may be stopped at any moment and begun again:
  rotate            a new pair: what is sealed from now on is sealed to it; the old secret stays in the ring and opens what is older
  rotate --reseal   everything in the vault that is sealed to an older key is sealed to the newest, in batches, with progress.
                    Where there is no old secret yet, it makes a new pair first
  rotate --drop     takes the old secrets out of the ring, after reading everything: not while anything is sealed to one

A new pair, and dropping old secrets, take two operators where there are two: the first asks, it is done when another asks for the
same within 7 days.

On one machine no crawl may run meanwhile. In a cluster name the FOLDER of the key files, and for --reseal and --drop the vault with
--settings; give the new notices.keys to the notices role (and to who opens places) first, then fetcher.keys and lists.keys to the
others, and --reseal when all have them. Drop the old secret after 14 days: messages in Kafka are sealed to it for so long. Old copies
of the key file open old backups: destroy them when those are gone.

The keys by which places and series are recognised (place_key, series_key) are never rotated: what has one name would get another,
and nothing would be found again. The audit's key and those of index snapshots come from them.

examples:
  crawlctl keys rotate --reseal --state ./state && crawlctl keys rotate --drop --state ./state
  crawlctl keys rotate ./keys && crawlctl keys rotate ./keys --reseal --settings operator.toml"""


def run(arguments: argparse.Namespace, settings: Settings) -> int:
    """`keys rotate`."""
    if arguments.reseal and arguments.drop:
        raise UsageError("--reseal and --drop are two steps: first the one, then the other")
    if (arguments.folder is None) == (arguments.state is None):
        raise UsageError("which keys? name a state with --state DIR, or the FOLDER of a cluster's key files")
    asyncio.run(_rotate(arguments, settings))
    return 0


async def _rotate(arguments: argparse.Namespace, settings: Settings) -> None:
    needs_vault = arguments.state is not None or arguments.reseal or arguments.drop or settings.postgres.vault
    if arguments.state is not None and (process := runner(arguments.state)) is not None:
        raise UsageError(
            f"{arguments.state}: a crawl runs on this state (process {process}) and has the old keys; stop it first"
        )
    async with AsyncExitStack() as stack:
        access = None
        if needs_vault:
            access = await stack.enter_async_context(opened(arguments.state, settings, crawl=False))
        ring = Ring.of_state(arguments.state) if arguments.state is not None else Ring.of_folder(arguments.folder)
        who = await asker(arguments, access, "keys.rotate", ring.keys) if access is not None else None
        facts: dict[str, Any] = {"files": [str(path) for path in ring.files]}
        if access is not None and who is not None and not await _agreed(access, who, ring, arguments):
            return
        if arguments.drop:
            assert access is not None
            facts["rows"] = await _drop(access, ring)
        else:
            fresh = not arguments.reseal or not ring.keys.old
            facts["new"] = ring.rotate() if fresh else ring.repair()
            if arguments.reseal:
                assert access is not None
                facts["rows"] = await _reseal(access, ring)
        if access is not None:
            step = "drop" if arguments.drop else "reseal" if arguments.reseal else "rotate"
            chain = await access.chain_by(ring.keys)
            await chain.add(act_by(who, "keys.rotate", purpose=step, subject=seal.mark(ring.keys)))
    facts |= {"pair": seal.mark(ring.keys), "old": len(ring.keys.old)}
    if arguments.json:
        write_json(facts)
        return
    was = "the old secrets are gone" if arguments.drop else f"the ring has {facts['old']} old secrets"
    sys.stdout.write(one_line(f"{', '.join(facts['files'])}: pair {facts['pair']}; {was}") + "\n")


async def _agreed(access: Access, who: Identity, ring: "Ring", arguments: argparse.Namespace) -> bool:
    """Whether two operators have asked for this step, where there are two: "keys take two people". Sealing anew under a pair that
    both wanted is repeated by either."""
    accounts = await access.accounts()
    if await accounts.adders() < ENOUGH or (arguments.reseal and ring.keys.old):
        return True
    step = "drop" if arguments.drop else "rotate"
    asked = await accounts.ask("keys.rotate", f"{step} {seal.mark(ring.keys)}", "", person_of(who), time.time())
    if not asked.done:
        await (await access.chain_by(ring.keys)).add(act_by(who, "keys.rotate", purpose=f"asked for: {step}"))
        tell(asked, f"keys rotate: the step `{step}` is not done yet", "", {"step": step}, as_json=arguments.json)
    return asked.done


class Ring:
    """The files that hold a ring, and what others get of it."""

    def __init__(self, keys: seal.Keys, whole: Path, others: list[Path]) -> None:
        self.keys = keys
        self._whole = whole
        self._others = others

    @classmethod
    def of_state(cls, folder: Path) -> "Ring":
        """Of a state. UsageError if its keys are not in its folder."""
        path = folder / KEYS
        if not path.exists():
            raise UsageError(f"{path}: there are no keys in this file; rotate them where they are kept")
        return cls(_notices(path), path, [])

    @classmethod
    def of_folder(cls, folder: Path) -> "Ring":
        """Of a cluster: notices.keys, and what of the other files lies beside it."""
        beside = [folder / name for name in (seal.FETCHER_FILE, seal.LISTS_FILE)]
        return cls(
            _notices(folder / seal.NOTICES_FILE), folder / seal.NOTICES_FILE, [path for path in beside if path.exists()]
        )

    @property
    def files(self) -> list[Path]:
        """All files, the one with the secrets first."""
        return [self._whole, *self._others]

    def rotate(self) -> bool:
        """A new pair: first to who opens, so that nothing is ever sealed that nobody opens. What was stopped between files is
        ended instead."""
        if not self.repair():
            try:
                self.keys = seal.rotated(self.keys)
            except ValueError as error:
                raise UsageError(
                    f"{self._whole}: {error}; run `keys rotate --reseal`, then `keys rotate --drop`"
                ) from None
            self._write()
        return True

    def repair(self) -> bool:
        """Whether a rotation was stopped before all files had the new pair; now they have it."""
        behind = [path for path in self._others if seal.mark(read_keys(path)) != seal.mark(self.keys)]
        if behind:
            self._write_others()
        return bool(behind)

    def drop(self) -> None:
        """Only the newest secret stays."""
        self.keys = seal.without_old(self.keys)
        self._write()

    def _write(self) -> None:
        replace_file(self._whole, seal.to_bytes(self.keys))
        self._write_others()

    def _write_others(self) -> None:
        for path in self._others:
            if path.name == seal.FETCHER_FILE:
                data = seal.fetcher_to_bytes(seal.FetcherKeys(self.keys.public, self.keys.place_key))
            else:
                data = seal.lists_to_bytes(seal.lists_keys(self.keys))
            replace_file(path, data)


def _notices(path: Path) -> seal.Keys:
    found = read_keys(path)
    if not isinstance(found, seal.Keys):
        raise UsageError(f"{path}: these keys open nothing, and have no secret to rotate")
    return found


async def _reseal(access: Access, ring: Ring) -> dict[str, dict[str, int]]:
    return await _walk(access, ring, write=True)


async def _drop(access: Access, ring: Ring) -> dict[str, dict[str, int]]:
    """Take the old secrets out, if nothing is sealed to one."""
    ring.repair()
    found = await _walk(access, ring, write=False)
    left = {name: counts["old"] for name, counts in found.items() if counts["old"]}
    if left:
        what = ", ".join(f"{count} of {name}" for name, count in left.items())
        raise UsageError(f"the old secrets stay: {what} are sealed to them; run `keys rotate --reseal` first")
    ring.drop()
    return found


async def _walk(access: Access, ring: Ring, *, write: bool) -> dict[str, dict[str, int]]:
    found: dict[str, Walked] = {}
    line = ProgressLine()
    pool = await open_pool(access.notices_dsn(), most=2, serving=False)
    try:
        async for step in VaultReseal(pool, seal.Resealer(ring.keys)).walk(write=write):
            found[step.column] = step
            line(f"{step.column}: {step.rows} read, {step.old} {'sealed anew' if write else 'to an old key'}")
    finally:
        await pool.close()
        line.done()
    unopened = {name: step.unopened for name, step in found.items() if step.unopened}
    if unopened:
        what = ", ".join(f"{count} of {name}" for name, count in unopened.items())
        sys.stderr.write(f"crawlctl: opened by no key of this ring, and left as they are: {what}\n")
    return {name: {"rows": s.rows, "old": s.old, "unopened": s.unopened} for name, s in found.items()}
