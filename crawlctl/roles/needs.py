"""What a role must be given before it starts: settings, and a file of keys that can do what the role does and no more."""

from pathlib import Path
from typing import Final

from backends import keystore
from contracts import seal
from contracts.errors import Corrupt, UsageError
from contracts.settings import Settings
from crawlctl.schema import keys

BOOTSTRAP: Final = "kafka.bootstrap"
CRAWL: Final = "postgres.crawl"
VAULT: Final = "postgres.vault"
KEYS: Final = "cluster.keys"
NEEDS: Final = {
    "frontier": (BOOTSTRAP, CRAWL),
    "fetcher": (BOOTSTRAP, KEYS),
    "hasher": (BOOTSTRAP, VAULT),
    "notices": (BOOTSTRAP, VAULT, KEYS),
    "shield": (VAULT,),
}
"""Role -> settings without which it cannot work."""


def check(role: str, settings: Settings) -> None:
    """UsageError that names each setting that is missing, what it is, and how to give it."""
    missing = []
    for name in NEEDS[role]:
        group, _, field = name.partition(".")
        if not getattr(getattr(settings, group), field) and not (name == KEYS and keystore.given("")):
            missing.append(f"{name} ({keys()[name].doc}; or {keys()[name].variable} in the environment)")
    if missing:
        raise UsageError(f"a {role} process needs {' and '.join(missing)}")


def read_keys(source: Path | str) -> seal.AnyKeys:
    """The keys in a file, or wherever else a setting says (`backends.keystore`). UsageError if they cannot be read, or are none."""
    try:
        return seal.any_keys(keystore.read(str(source)))
    except Corrupt as error:
        raise UsageError(f"{keystore.shown(str(source))}: {error}") from error


def fetcher_keys(settings: Settings) -> seal.FetcherKeys:
    """The keys of a fetcher, which can seal and never open. UsageError for any others."""
    path = keystore.shown(settings.cluster.keys)
    found = read_keys(settings.cluster.keys)
    if isinstance(found, seal.Keys):
        raise UsageError(
            f"{path}: these keys can open what fetchers seal, and no fetcher may have them; give it {seal.FETCHER_FILE}"
        )
    if not isinstance(found, seal.FetcherKeys):
        raise UsageError(f"{path}: these keys name no places; a fetcher needs {seal.FETCHER_FILE}")
    return found


def hasher_keys(settings: Settings) -> seal.HasherKeys | None:
    """The key of a hasher's snapshots, None if it was given none. UsageError for any others."""
    if not keystore.given(settings.cluster.keys):
        return None
    path = keystore.shown(settings.cluster.keys)
    found = read_keys(settings.cluster.keys)
    if not isinstance(found, seal.HasherKeys):
        raise UsageError(f"{path}: no hasher may have these keys; give it {seal.HASHER_FILE}, or no file")
    return found


def notices_keys(settings: Settings) -> seal.Keys:
    """The keys of the notices role, which can open. UsageError for any others."""
    path = keystore.shown(settings.cluster.keys)
    found = read_keys(settings.cluster.keys)
    if not isinstance(found, seal.Keys):
        raise UsageError(f"{path}: these keys open nothing; {seal.NOTICES_FILE} is needed")
    return found


def lists_keys(settings: Settings) -> seal.ListsKeys:
    """The keys with which lists are imported. UsageError if there are none, or those in the file cannot do it."""
    if not keystore.given(settings.cluster.keys):
        raise UsageError(f"{KEYS} is not set, the path of {seal.LISTS_FILE}, which seals names of series and notes")
    path = keystore.shown(settings.cluster.keys)
    found = read_keys(settings.cluster.keys)
    if isinstance(found, seal.Keys):
        return seal.lists_keys(found)
    if not isinstance(found, seal.ListsKeys):
        raise UsageError(f"{path}: these keys blind no names of series; importing lists needs {seal.LISTS_FILE}")
    return found
