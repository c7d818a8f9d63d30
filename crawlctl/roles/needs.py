"""What a role must be given before it starts: settings, and a file of keys that can do what the role does and no more."""

from pathlib import Path
from typing import Final

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
}
"""Role -> settings without which it cannot work."""


def check(role: str, settings: Settings) -> None:
    """UsageError that names each setting that is missing, what it is, and how to give it."""
    missing = []
    for name in NEEDS[role]:
        group, _, field = name.partition(".")
        if not getattr(getattr(settings, group), field):
            missing.append(f"{name} ({keys()[name].doc}; or {keys()[name].variable} in the environment)")
    if missing:
        raise UsageError(f"a {role} process needs {' and '.join(missing)}")


def read_keys(path: Path) -> seal.AnyKeys:
    """The keys in a file. UsageError if it cannot be read or holds none."""
    try:
        return seal.any_keys(path.read_bytes())
    except OSError as error:
        raise UsageError(
            f"{path}: cannot be read: {error.strerror}; `crawlctl keys new DIR` makes key files"
        ) from error
    except Corrupt as error:
        raise UsageError(f"{path}: {error}") from error


def fetcher_keys(settings: Settings) -> seal.FetcherKeys:
    """The keys of a fetcher, which can seal and never open. UsageError for any others."""
    path = Path(settings.cluster.keys)
    found = read_keys(path)
    if isinstance(found, seal.Keys):
        raise UsageError(
            f"{path}: these keys can open what fetchers seal, and no fetcher may have them; give it {seal.FETCHER_FILE}"
        )
    if isinstance(found, seal.HasherKeys):
        raise UsageError(f"{path}: a hasher's key seals nothing; a fetcher needs {seal.FETCHER_FILE}")
    return found


def hasher_keys(settings: Settings) -> seal.HasherKeys | None:
    """The key of a hasher's snapshots, None if it was given none. UsageError for any others."""
    if not settings.cluster.keys:
        return None
    path = Path(settings.cluster.keys)
    found = read_keys(path)
    if not isinstance(found, seal.HasherKeys):
        raise UsageError(f"{path}: no hasher may have these keys; give it {seal.HASHER_FILE}, or no file")
    return found


def notices_keys(settings: Settings) -> seal.Keys:
    """The keys of the notices role, which can open. UsageError for any others."""
    path = Path(settings.cluster.keys)
    found = read_keys(path)
    if not isinstance(found, seal.Keys):
        whose = "fetcher" if isinstance(found, seal.FetcherKeys) else "hasher"
        raise UsageError(f"{path}: a {whose}'s keys open nothing; the notices role needs {seal.NOTICES_FILE}")
    return found
