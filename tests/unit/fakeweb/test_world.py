"""Worlds are pure, whole and canonical: the truth may not be wrong where a crawler is judged by it."""

import csv
import gzip
import hashlib
import html
import io
import re
import zlib
from urllib.parse import unquote, urlsplit

import ada_url
import brotli
import msgspec
import pytest
from backports import zstd

from contracts.refusals import Reason
from tests.fakeweb import forms, judge
from tests.fakeweb.formsites import slug
from tests.fakeweb.model import Answer, Ports, World
from tests.fakeweb.truth import Fate, Truth
from tests.fakeweb.world import build_demo, build_world

UNPACK = {"gzip": gzip.decompress, "x-gzip": gzip.decompress, "deflate": zlib.decompress, "br": brotli.decompress}


@pytest.fixture(scope="module")
def world() -> World:
    return build_world(3, sites=6, pages=5)


def texts(world: World) -> str:
    """All bodies and headers that lead somewhere, as one text."""
    found = []
    for host in world.hosts.values():
        for answer in host.resources.values():
            if not isinstance(answer, Answer):
                found.append(str(answer.params))
                continue
            body = answer.body
            if answer.coding in UNPACK and body.startswith((b"\x1f\x8b", b"x")) and not host.name.startswith("fault"):
                body = UNPACK[answer.coding](body)
            elif answer.coding == "br" and not host.name.startswith("fault"):
                body = brotli.decompress(body)
            elif answer.coding == "zstd" and not host.name.startswith("fault"):
                body = zstd.decompress(body)
            elif answer.type == "application/gzip":
                body = gzip.decompress(body)
            if not answer.type.startswith(("image/", "video/")):
                codec = "utf-16" if body.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8"
                found.append(body.decode(codec, "replace"))
                found += [value for _, value in answer.headers]
    return html.unescape("\n".join(found)).replace("\\/", "/")


def test_the_same_seed_makes_the_same_world() -> None:
    one, other = (build_world(5, parts=("sites", "redirects", "names"), sites=3, pages=3) for _ in range(2))
    assert msgspec.json.encode(one.truth) == msgspec.json.encode(other.truth)
    assert one.hosts.keys() == other.hosts.keys()
    for key, host in one.hosts.items():
        assert host.resources == other.hosts[key].resources


def test_the_truth_survives_json(world: World) -> None:
    again = msgspec.json.decode(msgspec.json.encode(world.truth), type=Truth)
    assert again == world.truth
    assert again.expected_urls() == world.expected_urls()


def test_every_url_of_the_truth_is_canonical(world: World) -> None:
    for url in world.truth.urls:
        if url.startswith("http") and "@" not in url:
            assert ada_url.normalize_url(url) == url
            assert "#" not in url


def test_every_expected_url_is_served_and_led_to(world: World) -> None:
    everything = texts(world)
    for url, told in world.truth.urls.items():
        parts = urlsplit(url)
        path = parts.path + (f"?{parts.query}" if parts.query or url.endswith("?") else "")
        if told.fate is not Fate.FETCH:
            continue
        assert world.find(parts.scheme, parts.netloc, path) is not None, url
        if path == "/robots.txt":
            continue
        if path == "/":
            spelt = parts.netloc.replace("xn--bcher-kva", "Bücher")
            assert f"{spelt}/" in everything or url in world.seeds(), url
        elif told.form.startswith(("a ", "charset")):
            continue  # spelt differently on purpose: see the tests of forms
        else:
            last = path.rpartition("/")[2] or path.split("/")[-2]
            assert last in everything or unquote(last) in everything, url


def test_every_form_has_a_target_of_its_own(world: World) -> None:
    listed = [*forms.SNIPPETS, *forms.ODD, *forms.WAYS, *forms.HEADERS, *forms.STYLES, *forms.CHARSETS]
    assert len({slug(form) for form in listed}) == len(listed)
    reached = {told.form for told in world.truth.urls.values() if told.fate is Fate.FETCH}
    assert set(listed) <= reached
    assert {f"coding {coding}" for coding in ("gzip", "deflate", "br", "zstd")} <= reached


def test_snippets_lead_to_their_target_by_the_url_standard(world: World) -> None:
    """Where a snippet has an href or src, the URL standard's own join gives the target."""
    host = next(host for host in world.hosts.values() if host.name == "forms1.test")
    odd = world.find("http", host.netloc, "/odd.html")
    assert isinstance(odd, Answer)
    hrefs = re.findall(r'<a href="([^"]*)"', odd.body.decode().split("<p>")[0])
    joined = {ada_url.join_url(host.url("/odd.html"), html.unescape(href)) for href in hrefs}
    for form, (_, path) in forms.ODD.items():
        # `unescape` knows no attributes, where an unended entity before a letter stands for itself.
        if form not in ("a tracking", "a unreserved", "a reserved", "a entity unended"):
            assert host.url(path) in joined, form


def test_refusals_have_names_of_the_contract(world: World) -> None:
    reasons = {reason for _, reason in world.expected_refusals()}
    assert reasons <= set(Reason)
    assert {"address_denied", "address_not_global", "redirect_hops", "scheme", "credentials", "crawl_delay"} <= reasons


def test_the_known_list_is_csv_with_the_issues_header(world: World) -> None:
    rows = list(csv.DictReader(io.StringIO(world.known_csv())))
    assert list(rows[0]) == ["algorithm", "digest", "category", "source", "series", "note"]
    lengths = {"md5": 32, "sha1": 40, "sha256": 64, "pdq": 64}
    assert {row["algorithm"] for row in rows} == set(lengths)
    assert all(len(row["digest"]) == lengths[row["algorithm"]] for row in rows)


def test_planted_files_have_the_listed_digest(world: World) -> None:
    for match in world.truth.matches:
        parts = urlsplit(match.url)
        answer = world.find(parts.scheme, parts.netloc, parts.path)
        assert isinstance(answer, Answer)
        body = gzip.decompress(answer.body) if answer.coding else answer.body
        if match.how != "pdq":
            assert hashlib.new(match.how, body).hexdigest() == match.entry


def test_hosts_share_ports_of_the_default_and_others() -> None:
    plain = build_world(1, parts=("sites",), sites=5, pages=2, ports=Ports(80, 443, 8081))
    assert "http://site000.test/" in plain.expected_urls()
    assert "https://site004.test/" in plain.expected_urls()
    assert "site004.test" in plain.truth.hosts


def test_crowded_addresses_and_odd_hosts(world: World) -> None:
    crowd = [host for name, host in world.truth.hosts.items() if name.startswith("crowd")]
    assert len({address for host in crowd for address in host.addresses}) == 1
    assert judge.permits(world.truth, crowd[0].addresses[0]) == 2
    netlocs = {host.netloc for host in world.hosts.values()}
    assert world.netloc("xn--bcher-kva.test", "http") in netlocs
    assert world.netloc("port.test", "http", world.ports.other) in netlocs
    assert any(name.replace(".", "").replace(":", "").isdigit() for name in netlocs)


def test_the_demo_is_small() -> None:
    demo = build_demo(1)
    assert len(demo.expected_urls()) < 700
    assert len(demo.expected_matches()) >= 60
    edits = {match.edit for match in demo.truth.matches}
    assert {"smaller", "recompressed", "cropped", "turned_90", "mirrored", "scene"} <= edits
