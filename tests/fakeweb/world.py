"""Whole worlds from a seed and a size."""

from tests.fakeweb import faulty, robots
from tests.fakeweb.faulty import build_faults
from tests.fakeweb.formsites import build_forms
from tests.fakeweb.media import Gallery, build_gallery
from tests.fakeweb.model import Ports, World
from tests.fakeweb.names import build_names
from tests.fakeweb.redirects import build_redirects
from tests.fakeweb.removal import build_removal
from tests.fakeweb.robots import build_robots
from tests.fakeweb.sites import build_odd_hosts, build_sites
from tests.fakeweb.traps import build_traps

PARTS = ("sites", "odd", "gallery", "forms", "robots", "redirects", "names", "traps", "faults")
"""The parts of a world, for tests that want some of them only."""


def build_world(
    seed: int = 1,
    *,
    parts: tuple[str, ...] = PARTS,
    sites: int = 8,
    pages: int = 6,
    faults: tuple[str, ...] = (),
    slow: bool = False,
    ports: Ports | None = None,
) -> World:
    """A world of these `parts`: `sites` ordinary sites of about `pages` pages each, and hosts for everything special.

    `faults` names some of `faulty.plans` (default: all quick ones). `slow` adds what keeps a patient crawler waiting for
    a minute and more: stalls, drips, 10 GB bodies, silent name servers.
    """
    world = World(seed, ports)
    gallery = Gallery(world)
    if "sites" in parts:
        build_sites(world, gallery, sites, pages)
    if "odd" in parts:
        build_odd_hosts(world, gallery)
    if "gallery" in parts:
        build_gallery(world, gallery)
    if "forms" in parts:
        build_forms(world, gallery)
    if "robots" in parts:
        build_robots(world, slow=slow)
    if "redirects" in parts:
        build_redirects(world, gallery)
    if "names" in parts:
        build_names(world, slow=slow)
    if "traps" in parts:
        build_traps(world, gallery)
    if "faults" in parts:
        build_faults(world, names=faults, slow=slow)
    return world


def build_demo(seed: int = 1, *, ports: Ports | None = None) -> World:
    """Small sites for `make run`: every kind of thing once, nothing that keeps a crawler waiting."""
    world = World(seed, ports)
    gallery = Gallery(world)
    build_sites(world, gallery, 8, 5)
    build_odd_hosts(world, gallery, full=False)
    build_gallery(world, gallery, full=False)
    build_forms(world, gallery)
    build_robots(world, names=robots.DEMO)
    build_redirects(world, gallery)
    build_names(world)
    build_traps(world, gallery, names=("calendar", "growth"))
    build_faults(world, names=faulty.DEMO)
    build_removal(world, gallery)
    return world
