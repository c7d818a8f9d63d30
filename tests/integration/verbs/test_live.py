"""Verbs and metrics beside a crawl that runs: every word is heard within moments, every answer shows the crawl."""

import asyncio
import json
import signal
from pathlib import Path
from typing import Any

from prometheus_client.parser import text_string_to_metric_families

from contracts.metrics import METRICS
from tests.fakeweb.bench import build_bench
from tests.fakeweb.web import free_ports
from tests.integration.crawls import Scene, until

HOSTS = 6


async def answer(scene: Scene, verb: str, *arguments: str) -> dict[str, Any]:
    """The one answer of a verb with --json, run as a process of its own."""
    ended = await scene.verb(verb, *arguments, "--json")
    assert ended.code == 0, ended.err
    return ended.json()[0]


async def scraped(port: int) -> dict[str, dict[tuple[str, ...], float]]:
    """Samples by name and label values."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n")
    head, _, body = (await reader.read()).decode().partition("\r\n\r\n")
    writer.close()
    await writer.wait_closed()
    assert head.startswith("HTTP/1.1 200 ")
    found: dict[str, dict[tuple[str, ...], float]] = {}
    for family in text_string_to_metric_families(body):
        for sample in family.samples:
            found.setdefault(sample.name, {})[tuple(sample.labels.values())] = sample.value
    return found


class Watch:
    """Requests by host as the web sees them."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene

    def of(self, host: str, since: int = 0) -> int:
        """Requests to a host after the first `since` of all."""
        return sum(1 for entry in self._scene.requests()[since:] if entry.host == host)

    async def quiet(self, host: str, others: str) -> None:
        """Wait until a host has had no request while another one had fifty: within moments, or the test fails."""
        for _ in range(4):
            since = len(self._scene.requests())
            await until(lambda since=since: self.of(others, since) >= 50, "requests to other hosts")  # type: ignore[misc]
            if not self.of(host, since):
                return
        raise AssertionError(f"requests to {host} go on")


async def test_beside_a_running_crawl(tmp_path: Path) -> None:
    world = build_bench(1, hosts=HOSTS, pages=100_000, size=4_000, ports=free_ports())
    hosts = sorted({netloc for _, netloc in world.hosts})
    port = free_ports().http
    settings: dict[str, dict[str, Any]] = {
        "politeness": {"delay": "20ms"},
        "traps": {"near_duplicates": 1_000_000, "unproductive_pages": 1_000_000},
    }
    async with Scene(tmp_path, world, settings) as scene:
        running = await scene.run("--quiet", "--metrics", f"127.0.0.1:{port}")
        watch = Watch(scene)
        await until(lambda: all(watch.of(host) > 5 for host in hosts), "requests to every host")

        status = await answer(scene, "status")
        assert status["running"] and status["process"] == running.process.pid
        while not status["rates"]["pages"]:
            status = await answer(scene, "status")
        assert status["live"]["hosts_loaded"] >= HOSTS and status["live"]["queue"] > 0
        assert "process" in (await scene.verb("status")).out

        # an opted-out host, a network, a paused host, a delay: each is heard while the others go on
        await answer(scene, "optout", "add", hosts[0], "--why", "asked")
        await watch.quiet(hosts[0], hosts[1])
        network = world.truth.hosts[hosts[2]].addresses[0] + "/32"
        await answer(scene, "optout", "add", network, "--why", "asked")
        await watch.quiet(hosts[2], hosts[1])
        await answer(scene, "hosts", "pause", hosts[3].partition(":")[0], "--why", "too much")
        await watch.quiet(hosts[3], hosts[1])
        await answer(scene, "hosts", "delay", hosts[4], "1h")
        await watch.quiet(hosts[4], hosts[1])
        status = await answer(scene, "status")
        assert (status["hosts"]["opted_out"], status["hosts"]["paused"]) == (2, 1)
        explained = await answer(scene, "explain", world.seeds()[0])
        assert explained["host_state"]["state"] == "opted_out" and explained["next"]["at"] is None

        # taken back, they go on
        await answer(scene, "optout", "rm", hosts[0])
        await answer(scene, "optout", "rm", network)
        await answer(scene, "hosts", "resume", hosts[3].partition(":")[0])
        since = len(scene.requests())
        await until(
            lambda: all(watch.of(host, since) > 3 for host in (hosts[0], hosts[2], hosts[3])), "hosts that may go on"
        )

        # a new seed is taken
        await answer(scene, "seeds", "add", f"http://{hosts[1]}/given-later")
        await until(lambda: scene.counts()[f"http://{hosts[1]}/given-later"] > 0, "a seed given meanwhile")

        metrics = await scraped(port)
        missing = {metric.name for metric in METRICS if metric.name not in metrics}
        assert {name for name in missing if not name.startswith("pisaura_shield_")} <= {
            "pisaura_errors_total", "pisaura_digests_total",
            # of a cluster's processes
            "pisaura_ready", "pisaura_clock_skew_seconds", "pisaura_heartbeat_age_seconds", "pisaura_unsent_bytes",
            "pisaura_dead_letters_total", "pisaura_records_missed_total",
        }  # fmt: skip
        assert metrics["pisaura_requests_total"][()] > 100
        assert metrics["pisaura_urls"][("fetched",)] > 100
        assert metrics["pisaura_frontier_ready"][()] == 1 and metrics["pisaura_hosts_loaded"][()] >= HOSTS
        assert "process_cpu_seconds_total" in metrics
        assert not any("test" in label for samples in metrics.values() for labels in samples for label in labels)

        running.send(signal.SIGINT)
        ended = await running.ended()
        assert ended.code == 0, ended.err
        status = await answer(scene, "status")
        assert (status["running"], status["live"], status["rates"]["pages"]) == (False, None, 0.0)
        assert status["totals"]["requests"] == len(scene.requests())
        assert scene.complaints(0.02) == []
        assert (
            json.loads((await scene.query("SELECT value FROM facts WHERE name = 'live'"))[0]["value"])["running"]
            is False
        )
