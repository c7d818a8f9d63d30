"""A role that was not given what it needs says so before it does anything."""

from dataclasses import replace
from pathlib import Path

import pytest

from contracts import seal
from contracts.cluster import Cluster, Kafka, Postgres
from contracts.errors import UsageError
from contracts.settings import Settings
from crawlctl.roles.needs import NEEDS, check, fetcher_keys, hasher_keys, lists_keys, notices_keys, read_keys
from crawlctl.verbs.keys import make

FULL = Settings(
    kafka=Kafka(bootstrap="127.0.0.1:9092"), postgres=Postgres(crawl="postgresql://c", vault="postgresql://v"),
    cluster=Cluster(keys="keys"),
)  # fmt: skip


@pytest.mark.parametrize("role", NEEDS)
def test_with_everything_a_role_may_start(role: str) -> None:
    check(role, FULL)


@pytest.mark.parametrize(("role", "name"), [(role, name) for role, names in NEEDS.items() for name in names])
def test_what_is_missing_is_named(role: str, name: str) -> None:
    group, _, field = name.partition(".")
    lacking = replace(FULL, **{group: replace(getattr(FULL, group), **{field: ""})})
    with pytest.raises(
        UsageError, match=rf"^a {role} process needs {name} \(.*; or PISAURA_[A-Z_]+ in the environment\)$"
    ):
        check(role, lacking)


def test_all_that_is_missing_is_named_at_once() -> None:
    with pytest.raises(UsageError, match=r"kafka\.bootstrap .* and postgres\.vault "):
        check("hasher", Settings())


def given(path: Path) -> Settings:
    return replace(FULL, cluster=Cluster(keys=str(path)))


def test_each_role_gets_its_own_keys_and_no_others(tmp_path: Path) -> None:
    fetcher, notices, hasher, lists = make(tmp_path / "keys")
    own, all_ = fetcher_keys(given(fetcher)), notices_keys(given(notices))
    assert (own.public, own.place_key) == (all_.public, all_.place_key)
    with pytest.raises(UsageError, match=r"no fetcher may have them; give it fetcher\.keys"):
        fetcher_keys(given(notices))
    with pytest.raises(UsageError, match=r"these keys open nothing; notices\.keys is needed"):
        notices_keys(given(fetcher))
    assert hasher_keys(given(hasher)) == seal.hasher_keys(all_)
    assert hasher_keys(replace(FULL, cluster=Cluster())) is None
    for path in (fetcher, notices, lists):
        with pytest.raises(UsageError, match=r"no hasher may have these keys; give it hasher\.keys, or no file"):
            hasher_keys(given(path))
    with pytest.raises(UsageError, match=r"these keys open nothing; notices\.keys is needed"):
        notices_keys(given(hasher))
    with pytest.raises(UsageError, match=r"these keys name no places; a fetcher needs fetcher\.keys"):
        fetcher_keys(given(hasher))


def test_lists_are_imported_with_keys_that_open_nothing(tmp_path: Path) -> None:
    fetcher, notices, hasher, lists = make(tmp_path / "keys")
    all_ = notices_keys(given(notices))
    assert lists_keys(given(lists)) == lists_keys(given(notices)) == seal.ListsKeys(all_.public, all_.series_key)
    for path in (fetcher, hasher):
        with pytest.raises(UsageError, match=r"importing lists needs lists\.keys"):
            lists_keys(given(path))
    with pytest.raises(UsageError, match=r"cluster\.keys is not set, the path of lists\.keys"):
        lists_keys(replace(FULL, cluster=Cluster()))
    for role in (fetcher_keys, notices_keys):
        with pytest.raises(UsageError):
            role(given(lists))
    with pytest.raises(ValueError, match="name no place"):
        seal.Sealer(all_.public).place(bytes(16))


def test_files_that_are_no_keys(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"cannot be read: .*crawlctl keys new"):
        read_keys(tmp_path / "none")
    cut = tmp_path / "cut"
    for data in (b"", b"hello", seal.to_bytes(seal.new_keys())[:-1]):
        cut.write_bytes(data)
        with pytest.raises(UsageError, match="cut: the key file"):
            read_keys(cut)
