"""This machine's limits: core dumps, open files, disk, and whether the index's inner loops were compiled."""

import resource
import shutil
from pathlib import Path
from typing import Final

from backends.cores import no_core_dumps
from contracts.errors import Unavailable
from contracts.options import MIB
from crawlctl.doctor.findings import Finding, failed, ok, warning
from crawlctl.units import write_size

CORES: Final = "core dumps"
FILES: Final = "open files"
DISK: Final = "disk"
INDEX: Final = "index"

OBEYS: Final = "systemd-coredump"
"""A program that takes core dumps and keeps none where the limit is 0 (systemd-coredump(8))."""
OTHERS: Final = 256
"""Descriptors that a role needs besides its connections to web servers."""
LEAST_FREE: Final = 1024 * MIB
SCARCE: Final = 0.1
"""Below this share of the disk somebody should know."""


def judge_cores(limit: int, pattern: str) -> Finding:
    """`limit` is RLIMIT_CORE as a role sets it (1 unless it may not), `pattern` the kernel's core_pattern, empty if not known."""
    if limit == 1:
        return ok(CORES, "off")
    if limit != 0:
        return failed(
            CORES, f"the limit is {limit}, not 1: a crash would write media and keys to the disk", "LimitCORE=1"
        )
    program = pattern.removeprefix("|").strip().partition(" ")[0]
    if pattern.startswith("|") and not program.endswith(OBEYS):
        return warning(
            CORES,
            f"off by limit, but the kernel hands them to {program}, and does not tell it to obey the limit",
            "allow a limit of 1 byte (LimitCORE=1), which the kernel obeys, or sysctl -w kernel.core_pattern=core",
        )
    return ok(CORES, "off")


def judge_files(soft: int, connections: int) -> Finding:
    """`soft` is RLIMIT_NOFILE, `connections` what `caps.connections` allows."""
    needed = connections + OTHERS
    if soft == resource.RLIM_INFINITY:
        return ok(FILES, f"no limit; {needed} are needed")
    if soft < needed:
        return failed(
            FILES,
            f"at most {soft} open files, but caps.connections = {connections} needs {needed}",
            f"ulimit -n {needed} or LimitNOFILE={needed} for the service, or lower caps.connections",
        )
    return ok(FILES, f"at most {soft}; {needed} are needed")


def judge_disk(free: int, total: int) -> Finding:
    """Bytes free and in all where the state lies."""
    found = f"{write_size(free // MIB * MIB)} of {write_size(total // MIB * MIB)} free"
    if free < LEAST_FREE:
        return failed(DISK, found, f"make room: below {write_size(LEAST_FREE)} the crawl soon stands still")
    if free < SCARCE * total:
        return warning(DISK, found, "make room, or move the state to a larger disk")
    return ok(DISK, found)


def judge_index(compiled: bool) -> Finding:
    """Whether searching known lists is done by compiled code or by numpy."""
    if compiled:
        return ok(INDEX, "searched by compiled code")
    return warning(
        INDEX,
        "searched by numpy: exact as well, and about a fifth as fast (docs/performance.md)",
        "install gcc and Python's headers (python3-dev), then install pisaura again",
    )


def look_at_index() -> list[Finding]:
    """What was installed here."""
    from hasher.index.kernel import KERNELS  # brings numpy, which no other check needs

    return [judge_index(len(KERNELS) > 1)]


def look_at_cores() -> list[Finding]:
    """As a role has it: it sets the limit itself when it starts."""
    no_core_dumps()
    try:
        pattern = Path("/proc/sys/kernel/core_pattern").read_text("utf-8", "replace").strip()
    except OSError:
        pattern = ""
    return [judge_cores(resource.getrlimit(resource.RLIMIT_CORE)[0], pattern)]


def look_at_files(connections: int) -> list[Finding]:
    """The limit of this process, which roles started the same way have too."""
    return [judge_files(resource.getrlimit(resource.RLIMIT_NOFILE)[0], connections)]


def look_at_disk(state: Path) -> list[Finding]:
    """Where the state lies. Raises Unavailable if that cannot be read."""
    try:
        usage = shutil.disk_usage(state)
    except OSError as error:
        raise Unavailable(f"{state}: {error.strerror}") from error
    return [judge_disk(usage.free, usage.total)]
