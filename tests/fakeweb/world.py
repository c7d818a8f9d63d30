"""Whole worlds from a seed and a size."""

from tests.fakeweb.media import Gallery, build_gallery
from tests.fakeweb.model import Ports, World
from tests.fakeweb.sites import build_odd_hosts, build_sites


def build_world(
    seed: int = 1, *, sites: int = 8, pages: int = 6, slow: bool = False, ports: Ports | None = None
) -> World:
    """Everything: `sites` ordinary sites of about `pages` pages, and all special hosts; `slow` ones only if asked for."""
    world = World(seed, ports)
    gallery = Gallery(world)
    build_sites(world, gallery, sites, pages)
    build_odd_hosts(world, gallery)
    build_gallery(world, gallery)
    return world


def build_demo(seed: int = 1, *, ports: Ports | None = None) -> World:
    """About 30 small sites for `make run`: every kind of thing once, nothing slow."""
    world = World(seed, ports)
    gallery = Gallery(world)
    build_sites(world, gallery, 8, 5)
    build_odd_hosts(world, gallery)
    build_gallery(world, gallery, full=False)
    return world
