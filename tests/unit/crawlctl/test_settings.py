"""Issue: "Settings are one TOML file; every key ... can be overridden by an environment variable; unknown keys are errors"."""

from pathlib import Path
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.errors import UsageError
from contracts.settings import Settings
from crawlctl.schema import HIDDEN, keys, read
from crawlctl.settings import load

# Word for word from the issue: "The file that our acceptance runs use starts like this and must work as it is".
ACCEPTANCE: Final = """\
user_agent = "Pisaura/1.0 (+https://hotline.example/bot)"
[politeness]
delay = "1s"          # between the end of one request to a host and the start of the next
parallel = 1          # requests at a time to one host
[addresses]
allow = ["127.0.0.0/8"]
deny = ["127.66.0.0/16"]             # deny wins over allow
nameservers = ["127.0.0.1:5353"]     # optional; the system's otherwise
"""


def written(folder: Path, text: str | bytes) -> Path:
    path = folder / "pisaura.toml"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def complaint(folder: Path, text: str | bytes, **environ: str) -> str:
    path = written(folder, text)
    with pytest.raises(UsageError) as caught:
        load(path, environ)
    return str(caught.value).replace(str(path), "pisaura.toml")


def test_without_anything_all_are_defaults() -> None:
    loaded = load(None, {"PATH": "/bin"})
    assert loaded.settings == Settings()
    assert set(loaded.sources.values()) == {"default"}


@pytest.mark.parametrize(
    "change", [lambda text: text, lambda text: text.replace("\n", "\r\n"), lambda text: "\ufeff" + text]
)
def test_the_file_of_the_acceptance_runs(tmp_path: Path, change: "object") -> None:
    path = written(tmp_path, change(ACCEPTANCE))  # type: ignore[operator]
    settings, sources = load(path, {})
    assert settings.user_agent == "Pisaura/1.0 (+https://hotline.example/bot)"
    assert (settings.politeness.delay, settings.politeness.parallel) == (1.0, 1)
    assert settings.addresses.allow == ["127.0.0.0/8"]
    assert settings.addresses.deny == ["127.66.0.0/16"]
    assert settings.addresses.nameservers == ["127.0.0.1:5353"]
    assert sources["politeness.delay"] == f"{path}:3"
    assert sources["addresses.nameservers"] == f"{path}:8"
    assert sources["politeness.max_delay"] == "default"


def test_the_environment_wins_over_the_file(tmp_path: Path) -> None:
    path = written(tmp_path, ACCEPTANCE)
    settings, sources = load(path, {"PISAURA_POLITENESS_DELAY": "2s", "PISAURA_DEBUG": "1"})
    assert settings.politeness.delay == 2.0
    assert sources["politeness.delay"] == "environment variable PISAURA_POLITENESS_DELAY"
    assert settings.politeness.parallel == 1


def test_other_ways_to_write_tables(tmp_path: Path) -> None:
    path = written(tmp_path, 'politeness.delay = "5s"\nlimits = {depth = 3, total = 7}\n')
    settings, sources = load(path, {})
    assert (settings.politeness.delay, settings.limits.depth, settings.limits.total) == (5.0, 3, 7.0)
    assert sources["politeness.delay"] == f"{path}:1"
    assert sources["limits.total"] == f"{path}:2"


# Issue: "a wrong setting (naming the key, what it was, what it may be, the nearest real key)"
@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('[politeness]\ndely = "3s"\n', ["pisaura.toml:2:1", "politeness.dely", '"3s"', "nearest is politeness.delay", "a duration"]),
        ('delay = "3s"\n', ["pisaura.toml:1:1", "unknown setting delay", "nearest is politeness.delay"]),
        ("[limits]\ndelay = 3\n", ["limits.delay", "nearest is politeness.delay"]),
        ("useragent = 1\n", ["pisaura.toml:1:1", "nearest is user_agent", "was 1"]),
        ("\n[politness]\ndelay = 1\n", ["pisaura.toml:2:1", "[politness]", "nearest is [politeness]"]),
        ('[politeness]\n\ndelay = "1x"\n', ["pisaura.toml:3:1", "politeness.delay", '"1x"', "a duration like"]),
        ("[politeness]\n  parallel = 0\n", ["pisaura.toml:2:3", "politeness.parallel = 0", "whole number (at least 1)"]),
        ("[postgres]\nhasher_connections = 2\n", ["postgres.hasher_connections = 2", "(from 3 to 100)"]),
        ("[storage]\npartitions = 3\n", ["storage.partitions = 3", "a power of two (from 1 to 4096)"]),
        ("politeness = 3\n", ["pisaura.toml:1:1", "must be a table"]),
        ("[[politeness]]\ndelay = 1\n", ["pisaura.toml:1:1", "must be a table"]),
        ("[user_agent]\nx = 1\n", ["pisaura.toml:1:1", "user_agent"]),
        ("[politeness.delay]\nx = 1\n", ["pisaura.toml:1:1", "politeness.delay"]),
        ("[politeness]\ndelay = 1979-05-27\n", ["politeness.delay = 1979-05-27"]),
        ("[politeness\n", ["pisaura.toml:1:12", "not TOML"]),
        ("a = 1\na = 2\n", ["pisaura.toml:2:", "not TOML"]),
        (b"# x\n# \xff\n", ["pisaura.toml:2:3", "UTF-8"]),
        ("x = " + "[" * 5000, ["not TOML"]),
        ("x = " + "1" * 5000, ["not TOML"]),
        ("#" * (1 << 21), ["larger than"]),
        (f'[politeness]\n{"x" * 300} = "{"y" * 5000}"\n', ["unknown setting"]),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_with_its_place(tmp_path: Path, text: str | bytes, words: list[str]) -> None:
    said = complaint(tmp_path, text)
    assert all(word in said for word in words), said
    assert len(said) < 1200


def test_a_variable_that_names_no_setting(tmp_path: Path) -> None:
    said = complaint(tmp_path, "", PISAURA_POLITENESS_DELY="3s")
    assert "PISAURA_POLITENESS_DELY" in said
    assert "nearest is PISAURA_POLITENESS_DELAY" in said


def test_a_variable_with_a_wrong_value(tmp_path: Path) -> None:
    said = complaint(tmp_path, "", PISAURA_POLITENESS_DELAY="1x")
    assert said.startswith('environment variable PISAURA_POLITENESS_DELAY="1x" (politeness.delay) must be a duration')


@pytest.mark.parametrize("name", ["kafka.password", "postgres.crawl", "postgres.vault"])
def test_a_secret_that_is_wrong_is_not_quoted(tmp_path: Path, name: str) -> None:
    key = keys()[name]
    said = complaint(tmp_path, f'[{key.group}]\n{key.field} = "geheim\\n"\n')
    assert f"pisaura.toml:2:1: {name} = {HIDDEN} must be a line of text" in said and "geheim" not in said
    said = complaint(tmp_path, "", **{key.variable: "geheim\n"})
    assert said.startswith(f"environment variable {key.variable}={HIDDEN} ({name}) must be") and "geheim" not in said
    settings = load(None, {key.variable: "geheim"}).settings
    assert "geheim" not in repr(settings) and getattr(getattr(settings, key.group), key.field) == "geheim"


@pytest.mark.parametrize("name", ["missing.toml", ".", "nul\0"])
def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, name: str) -> None:
    with pytest.raises(UsageError, match="cannot be read"):
        load(tmp_path / name, {})


@given(st.text(alphabet="politeness.delay=\"'[]{}#\n 1s,ü") | st.binary())
def test_any_file_is_settings_or_a_complaint(tmp_path_factory: pytest.TempPathFactory, text: str | bytes) -> None:
    path = written(tmp_path_factory.getbasetemp(), text)
    try:
        load(path, {})
    except UsageError as error:
        assert str(path) in str(error)


@given(
    st.sampled_from(list(keys())),
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    ),
)
def test_any_value_is_taken_or_refused(name: str, value: object) -> None:
    for text in (False, True) if isinstance(value, str) else (False,):
        try:
            taken = read(keys()[name], value, text=text)
        except ValueError:
            continue
        assert read(keys()[name], taken) == taken
