"""Media bytes reach nothing but the memory of who digests them; list data reaches no log. Budget: 40 s on 2 cores.

Pictures carry a random mark many times over, in a comment and behind their end, and crashes are provoked while they are
handled. Afterwards nothing below the state folder, in the temporary folder, on standard output or in a log holds the mark or any
stretch of the pictures' own bytes.
"""

import base64
import random
import signal
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from tests import pictures
from tests.fakeweb.media import Gallery, Item
from tests.fakeweb.model import Answer, World
from tests.fakeweb.pages import img, page
from tests.fakeweb.truth import Known
from tests.fakeweb.web import free_ports
from tests.integration.crawls import Ended, Scene, until

pytestmark = pytest.mark.timeout(300)
MARK = random.Random("canary").randbytes(32)
SLICE = 64
SLICES = 24
"""Stretches of each picture that are looked for."""
UNLIMITED_CORES = ["/bin/sh", "-c", 'ulimit -c unlimited 2>/dev/null; exec "$@"', "sh"]


def marked(jpeg: bytes, chance: random.Random) -> bytes:
    """A JPEG with a comment (COM, ITU T.81 B.2.4.5) right after its start and trailing bytes, both full of marks."""
    noise = b"".join(MARK + chance.randbytes(16) for _ in range(400))
    return jpeg[:2] + b"\xff\xfe" + (len(noise) + 2).to_bytes(2, "big") + noise + jpeg[2:] + noise


def canary_world() -> tuple[World, list[bytes], list[str]]:
    """A world of marked pictures, their bytes, and strings of the known list that no log may hold."""
    world = World(7, free_ports())
    gallery, chance = Gallery(world), random.Random(7)
    host = world.host("canary.test")
    bodies, shown = [], []
    for number in range(60):
        whole = marked(pictures.encode(pictures.picture(900 + number, 320, 240), "JPEG"), chance)
        data = whole[: len(whole) // 2] if number % 10 == 9 else whole  # some cannot be decoded
        bodies.append(data)
        path = f"/picture{number}.jpg"
        gallery.put(host, path, Item(data, "image/jpeg", "jpg"))
        shown.append(img(path))
    for number in range(0, 60, 10):
        host.put(f"/page{number}.html", Answer(page(f"Page {number}", "".join(shown[number : number + 10]))))
        world.truth.seeds.append(host.url(f"/page{number}.html"))
    planted = [gallery.planted() for _ in range(6)]
    for number, item in enumerate(planted):
        gallery.put(host, f"/planted{number}.jpg", item)
        world.truth.seeds.append(host.url(f"/planted{number}.jpg"))
    world.truth.known = [
        Known(known.algorithm, known.digest, known.category, f"unheard-series-{number}", f"unheard-note-{number}")
        for number, known in enumerate(world.truth.known)
    ]
    secrets = [text for known in world.truth.known for text in (known.digest, known.series, known.note)]
    return world, bodies, secrets


def files(*folders: Path) -> Iterator[tuple[Path, bytes]]:
    """All regular files below some folders, with what is in them."""
    for folder in folders:
        for path in sorted(folder.rglob("*")):
            if path.is_file() and not path.is_symlink():
                yield path, path.read_bytes()


def needles(bodies: list[bytes]) -> list[bytes]:
    """The mark, plainly and as text, and stretches of the pictures that are no tables that all JPEG files share."""
    chance = random.Random(3)
    found = [MARK, MARK.hex().encode(), MARK.hex().upper().encode(), repr(MARK)[2:-1].encode()]
    found += [base64.b64encode(MARK[shift:])[:36] for shift in range(3)]
    for body in bodies[:8]:
        middle = body[len(body) // 4 : len(body) * 3 // 4]
        places = [chance.randrange(len(middle) - SLICE) for _ in range(SLICES // 8)]
        found += [middle[place : place + SLICE] for place in places]
    return found


def core_limit(pid: int) -> str:
    """The soft and hard limit of core dumps of a process."""
    lines = Path(f"/proc/{pid}/limits").read_text().splitlines()
    return " ".join(next(line for line in lines if line.startswith("Max core")).split()[4:6])


def crash(running_pid: int, number: signal.Signals) -> int:
    """Send a signal that dumps core to every digest worker; how many there were."""
    count = 0
    for child in psutil.Process(running_pid).children():
        try:
            if "hasher.worker" in child.cmdline():
                child.send_signal(number)
                count += 1
        except psutil.NoSuchProcess:
            continue
    return count


async def test_media_bytes_and_list_data_reach_nothing(tmp_path: Path) -> None:
    world, bodies, secrets = canary_world()
    (tmp_path / "scene").mkdir()
    (tmp_path / "temporary").mkdir()
    cores = {path for folder in (Path("/"), Path.cwd()) for path in folder.glob("core*")}
    environ = {"TMPDIR": str(tmp_path / "temporary")}
    async with Scene(tmp_path / "scene", world, prefix=UNLIMITED_CORES, environ=environ) as scene:
        # A line that cannot be used is told by its number, not by what it holds.
        scene.known.write_text(
            scene.known.read_text() + f"sha256,{'ab' * 31},A,fakeweb,unheard-series-bad,unheard-note-bad\n"
        )
        secrets += ["ab" * 31, "unheard-series", "unheard-note"]
        ended = [await crashing_run(scene)]
        ended.append(await scene.crawl("-v", "-v"))
        ended.append(await scene.verb("status"))
        assert [each.code for each in ended[1:]] == [0, 0]
        assert scene.missing() == set()
        assert set(await scene.matches()) >= {(u, how) for u, how in world.expected_matches() if how != "pdq"}

        wanted = needles(bodies)
        assert all(any(needle in body for body in bodies) for needle in [MARK, *wanted[7:]])  # they can be found
        kept = list(files(scene.state, tmp_path / "temporary"))
        assert any(b"/planted0.jpg" in data for _, data in kept)  # what the database holds is looked at
        texts = [(Path(f"output {number}"), (each.out + each.err).encode()) for number, each in enumerate(ended)]
        leaks = [(path.name, needle[:8]) for path, data in [*kept, *texts] for needle in wanted if needle in data]
        assert leaks == []

        logs = "".join(each.err for each in ended)
        logs += "".join(path.read_text(errors="replace") for path in (scene.state / "postgres" / "log").iterdir())
        assert [secret for secret in secrets if secret.lower() in logs.lower()] == []
    assert {path for folder in (Path("/"), Path.cwd()) for path in folder.glob("core*")} == cores


async def crashing_run(scene: Scene) -> Ended:
    """A run whose workers and whose Postgres crash, and which is aborted in the end."""
    running = await scene.run("--until-idle", "-v", "-v")
    await until(lambda: len(scene.requests()) > 8, "pictures")
    family = [running.process.pid, *(child.pid for child in psutil.Process(running.process.pid).children())]
    ours = [pid for pid in family if psutil.pid_exists(pid) and "postgres" not in psutil.Process(pid).name()]
    assert core_limit(running.process.pid) == "1 1"
    assert {core_limit(pid) for pid in ours} <= {
        "1 1",
        "0 0",
    }  # 0 in the sandbox, whose processes are not dumpable besides
    for number in (signal.SIGSEGV, signal.SIGABRT, signal.SIGBUS):
        await until(lambda number=number: crash(running.process.pid, number) > 0, "workers to crash")  # type: ignore[misc]
        before = len(scene.requests())
        await until(lambda before=before: len(scene.requests()) > before, "the crawl to go on")  # type: ignore[misc]
    server = scene.postmaster()
    assert server is not None
    psutil.Process(server).kill()
    await until(lambda: scene.postmaster() not in (server, None), "Postgres to be back")
    running.send(signal.SIGABRT)
    return await running.ended()
