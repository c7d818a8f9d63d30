"""Pictures and videos of a world, and the known list that finds some of them: exact copies, edits, near misses."""

import hashlib
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from PIL import Image

from tests import pictures
from tests.fakeweb.model import Answer, Host, World, tag_of
from tests.fakeweb.pages import img, page
from tests.fakeweb.pdq import dihedral, distance, pdq
from tests.fakeweb.truth import Fate, Known, MatchTruth

SIZE = (256, 192)
EDITS = ("smaller", "larger", "recompressed", "cropped", "brighter", "grey")
TURNS = ("turned_90", "turned_180", "turned_270", "mirrored")
NEAR_ENOUGH = 24
"""Planted edits lie within this distance: well inside the threshold of 31, so that no rounding decides."""
FAR_ENOUGH = 44
"""Near misses lie at least this far from every entry, in every turned form."""
SUFFIX = {"JPEG": "jpg", "PNG": "png", "GIF": "gif", "WEBP": "webp", "AVIF": "avif", "BMP": "bmp", "TIFF": "tif"}
CATEGORIES = ("A", "B", "C")


@dataclass(frozen=True)
class Item:
    """Media bytes and, if they are planted, how they are found (`how` empty: not on the list)."""

    data: bytes
    type: str
    suffix: str
    how: str = ""
    entry: str = ""
    edit: str = ""
    distance: int = 0
    turned: bool = False

    @property
    def answer(self) -> Answer:
        """The item as a response, with validators."""
        return Answer(self.data, self.type, etag=tag_of(self.data), modified="Sat, 01 Mar 2025 10:00:00 GMT")


@lru_cache(maxsize=512)
def _picture(seed: int) -> Image.Image:
    return pictures.picture(seed, *SIZE)


@lru_cache(maxsize=512)
def _hash(seed: int) -> int:
    return pdq(_picture(seed))


class Gallery:
    """Makes items for a world and writes the list entries that find them."""

    def __init__(self, world: World) -> None:
        self.world = world
        self._hashes: list[int] = []
        self._seeds = self._count(world.seed * 100_000)
        self._pool: list[Item] = []
        self._known: list[Item] = []
        self._turn = 0

    @staticmethod
    def _count(start: int) -> Iterator[int]:
        while True:
            start += 1
            yield start

    def _list(self, algorithm: str, digest: str, note: str) -> str:
        number = len(self.world.truth.known)
        upper = digest.upper() if number % 3 == 2 else digest
        series = f"series{number % 5}" if number % 2 else ""
        self.world.truth.known.append(Known(algorithm, upper, CATEGORIES[number % 3], series, note))
        if algorithm == "pdq":
            self._hashes.append(int(digest, 16))
        return digest

    def exact(self, algorithm: str, format: str = "JPEG") -> Item:
        """A new picture whose file is listed by `algorithm` (md5, sha1, sha256, or pdq of what it shows)."""
        image = _picture(next(self._seeds))
        data = pictures.encode(image, format)
        if algorithm == "pdq":
            digest = f"{pdq(image):064x}"
        else:
            digest = hashlib.new(algorithm, data).hexdigest()
        self._list(algorithm, digest, f"exact {format}")
        return Item(data, pictures.MEDIA_TYPES[format], SUFFIX[format], algorithm, digest, "none")

    def edited(self, edit: str, format: str = "JPEG") -> Item:
        """A picture edited by `edit` (a name of `pictures.edits`), whose original is listed by PDQ."""
        while True:
            original = _picture(next(self._seeds))
            changed = pictures.edits(original)[edit].convert("RGB")
            known = pdq(original)
            shown = distance(known, pdq(changed))
            turned = [distance(known, pdq(form)) for form in dihedral(changed)]
            if min(turned) <= NEAR_ENOUGH:
                break
        digest = self._list("pdq", f"{known:064x}", f"{edit} {format}")
        data = pictures.encode(changed, format)
        is_turned = shown > NEAR_ENOUGH
        kind, suffix = pictures.MEDIA_TYPES[format], SUFFIX[format]
        return Item(data, kind, suffix, "pdq", digest, edit, min(turned), is_turned)

    def near_miss(self) -> Item:
        """A picture cut so hard that it lies beyond the threshold of its listed original, in every turned form."""
        while True:
            original = _picture(next(self._seeds))
            width, height = original.size
            known = pdq(original)
            for percent in (3, 4, 5, 6):
                cut = original.crop((width * percent // 100, height * percent // 100, width, height))
                nearest = min(distance(known, pdq(form)) for form in dihedral(cut))
                if nearest >= FAR_ENOUGH:
                    self._list("pdq", f"{known:064x}", "near miss")
                    return Item(pictures.encode(cut, "JPEG", quality=90), "image/jpeg", "jpg", edit=f"miss {nearest}")

    def video(self, format: str = "MP4", how: str = "pdq") -> Item:
        """A short video; listed by its file, or by PDQ of one of its scenes."""
        seeds = [next(self._seeds) for _ in range(3)]
        data = pictures.video([_picture(seed) for seed in seeds], format)
        kind, suffix = pictures.MEDIA_TYPES[format], format.lower()
        if how == "pdq":
            digest = self._list("pdq", f"{_hash(seeds[1]):064x}", f"scene of {format}")
            return Item(data, kind, suffix, "pdq", digest, "scene")
        digest = self._list(how, hashlib.new(how, data).hexdigest(), f"file {format}")
        return Item(data, kind, suffix, how, digest, "none")

    def animation(self, format: str = "GIF") -> Item:
        """An animation whose middle frame is listed by PDQ."""
        seeds = [next(self._seeds) for _ in range(3)]
        data = pictures.animation([_picture(seed) for seed in seeds], format)
        digest = self._list("pdq", f"{_hash(seeds[0]):064x}", f"first frame of {format}")
        return Item(data, pictures.MEDIA_TYPES[format], SUFFIX[format], "pdq", digest, "first frame")

    def innocent(self) -> Item:
        """A picture that is on no list; a small pool is handed out in turn."""
        while len(self._pool) < 6:
            data = pictures.encode(_picture(next(self._seeds)), "JPEG")
            self._pool.append(Item(data, "image/jpeg", "jpg"))
        self._turn += 1
        return self._pool[self._turn % len(self._pool)]

    def planted(self) -> Item:
        """A listed picture from a small pool, handed out in turn: the same media at many places."""
        while len(self._known) < 6:
            self._known.append(self.exact(("sha256", "sha1", "md5")[len(self._known) % 3]))
        self._turn += 1
        return self._known[self._turn % len(self._known)]

    def put(self, host: Host, path: str, item: Item, form: str = "img src") -> str:
        """Serve an item and write what must be found. Returns the URL."""
        url = host.put(path, item.answer, form)
        self.expect(url, item)
        return url

    def expect(self, url: str, item: Item) -> None:
        """Write that `item` must be found at `url`, if it is planted."""
        if item.how:
            self.world.match(MatchTruth(url, item.how, item.entry, item.edit, item.distance, item.turned))


def build_gallery(world: World, gallery: Gallery, *, full: bool = True) -> None:
    """A host of pictures of every kind: each way to be found, each format, near misses, featureless and broken ones."""
    host = world.host("gallery.test")
    items: list[tuple[str, Item]] = [(f"exact-{how}", gallery.exact(how)) for how in ("sha256", "sha1", "md5", "pdq")]
    items += [(f"edit-{edit.replace('_', '-')}", gallery.edited(edit)) for edit in (*EDITS, *TURNS)]
    if full:
        items += [(f"format-{f.lower()}", gallery.exact("pdq", f)) for f in SUFFIX if f not in ("JPEG", "GIF")]
        items += [(f"miss-{number}", gallery.near_miss()) for number in range(3)]
        items += [
            ("animated", gallery.animation()),
            ("movie", gallery.video()),
            ("film", gallery.video("WEBM", "sha1")),
        ]
    else:
        items += [("format-png", gallery.exact("pdq", "PNG")), ("miss-0", gallery.near_miss())]
        items += [("movie", gallery.video())]
    items += [(f"plain-{number}", gallery.innocent()) for number in range(4)]
    plain = pictures.featureless()
    items += [(f"flat-{name}", Item(pictures.encode(plain[name], "PNG"), "image/png", "png")) for name in plain]
    shown = []
    for number, (name, item) in enumerate(items):
        path = f"/pictures/{name}.{item.suffix}"
        gallery.put(host, path, item, "video src" if item.type.startswith("video") else "img src")
        tag = f'<video src="{path}" controls></video>' if item.type.startswith("video") else img(path)
        shown.append(f"<figure>{tag}<figcaption>Picture {number}</figcaption></figure>")
    pages = [shown[at : at + 10] for at in range(0, len(shown), 10)]
    for number, figures in enumerate(pages):
        path = f"/album/{number}.html"
        host.put(path, Answer(page(f"Album {number}", "\n".join(figures), seed=world.seed)))
    broken = build_broken(host)
    albums = "".join(f'<a href="/album/{number}.html">Album {number}</a>\n' for number in range(len(pages)))
    home = page("Gallery", albums + "\n".join(img(path) for path in broken), seed=world.seed)
    world.truth.seeds.append(host.put("/", Answer(home), "seed"))


def build_broken(host: Host) -> list[str]:
    """Pictures that cannot be decoded, or not safely; each is fetched once and matches nothing. Returns their paths."""
    good = pictures.encode(_picture(3), "JPEG")
    png = pictures.encode(_picture(4), "PNG")
    bomb = bytearray(pictures.encode(Image.new("1", (64, 64)), "PNG"))
    bomb[16:24] = (60_000).to_bytes(4, "big") * 2
    bomb[29:33] = zlib.crc32(bomb[12:29]).to_bytes(4, "big")
    files: dict[str, tuple[bytes, str]] = {
        "/broken/truncated.jpg": (good[: len(good) // 3], "image/jpeg"),
        "/broken/flipped.png": (png[:400] + bytes(200) + png[600:], "image/png"),
        "/broken/bomb.png": (bytes(bomb), "image/png"),
        "/broken/empty.jpg": (b"", "image/jpeg"),
        "/broken/text.gif": (b"GIF89a and then only words, no picture at all " * 30, "image/gif"),
        "/broken/page.jpg": (page("Not a picture", "<p>An error page with status 200.</p>"), "image/jpeg"),
    }
    for path, (data, kind) in files.items():
        host.put(path, Answer(data, kind), "broken picture", fate=Fate.FETCH)
    return list(files)
