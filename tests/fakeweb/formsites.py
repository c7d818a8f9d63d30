"""Hosts that use every form of `forms`: each target is reached in one way only, so that what is missing names its form."""

import gzip
import html
import re
import zlib

import brotli
from backports import zstd

from tests.fakeweb import forms
from tests.fakeweb.media import Gallery
from tests.fakeweb.model import Answer, Host, World
from tests.fakeweb.pages import img, link, links, page

A_PAGE = 12
CODINGS = {
    "gzip": gzip.compress,
    "x-gzip": gzip.compress,
    "deflate": zlib.compress,
    "br": brotli.compress,
    "zstd": zstd.compress,
}


def slug(form: str) -> str:
    """A form's name as it stands in a path."""
    return re.sub(r"[^a-z0-9]+", "-", form.lower()).strip("-")


class FormSites:
    """Builds the hosts. One video serves all video forms; pictures come from the planted pool."""

    def __init__(self, world: World, gallery: Gallery) -> None:
        self.world = world
        self.gallery = gallery
        self.film = gallery.video("MP4", "sha256")

    def target(self, host: Host, form: str, kind: str) -> dict[str, str]:
        """Serve a target for a form; returns what snippets may use of it."""
        suffix = {"p": "html", "i": "jpg", "v": "mp4"}[kind]
        name = f"{slug(form)}.{suffix}"
        path = f"/t/{name}"
        if kind == "p":
            host.put(path, Answer(page(f"Target {form}", "<p>Here it is.</p>", seed=self.world.seed)), form)
        else:
            self.gallery.put(host, path, self.film if kind == "v" else self.gallery.planted(), form)
        url = host.url(path)
        return {
            "t": path,
            "n": name,
            "u": url,
            "u_": url.partition(":")[2],
            "o": host.origin,
            "j": url.replace("/", "\\/"),
        }

    def build(self) -> None:
        """All hosts: markup, page-wide ways, styles, charsets, codings, types, sitemaps."""
        for host in (self.snippets(0), self.snippets(1), self.ways(), self.styles(), self.codings(), self.maps()):
            self.world.truth.seeds.append(host.url("/"))

    def snippets(self, half: int) -> Host:
        """Half of the snippet forms, `A_PAGE` of them a page; odd references are in the second half."""
        host = self.world.host(f"forms{half}.test")
        names = list(forms.SNIPPETS)[half::2]
        made = []
        for name in names:
            kind, markup = forms.SNIPPETS[name]
            made.append(f"<div>{markup.format(**self.target(host, name, kind))}</div>")
        paths = []
        for at in range(0, len(made), A_PAGE):
            paths.append(f"/markup{at}.html")
            host.put(paths[-1], Answer(page(f"Markup {at}", "\n".join(made[at : at + A_PAGE]), seed=self.world.seed)))
        if half:
            odd = []
            for form, (markup, path) in forms.ODD.items():
                odd.append(markup.replace("{upper}", f"HTTP://{host.netloc.upper()}"))
                host.put(path, Answer(page(f"Odd {form}", "<p>Found.</p>", seed=self.world.seed)), form)
            paths.append("/odd.html")
            host.put("/odd.html", Answer(page("Odd references", "\n".join(odd), seed=self.world.seed)))
        host.put("/", Answer(page("Forms", links(paths), seed=self.world.seed)), "seed")
        return host

    def ways(self) -> Host:
        """Page-wide forms and headers, a page each; nofollow by header too."""
        host = self.world.host("ways.test")
        paths = []
        for form, (kind, markup) in forms.WAYS.items():
            paths.append(f"/{slug(form)}.html")
            text = f"<!doctype html><html><head>{markup.format(**self.target(host, form, kind))}<p>{form}</p></html>"
            host.put(paths[-1], Answer(text.encode()))
        for form, (kind, (header, value)) in forms.HEADERS.items():
            paths.append(f"/{slug(form)}.html")
            headers = ((header, value.format(**self.target(host, form, kind))),)
            host.put(paths[-1], Answer(page(form, "<p>See the headers.</p>"), headers=headers))
        form = "X-Robots-Tag nofollow"
        body = page(form, link(self.target(host, form, "p")["t"]))
        paths.append(host.put("/tagged.html", Answer(body, headers=(("X-Robots-Tag", "nofollow"),))))
        host.put("/", Answer(page("Ways", links(paths), seed=self.world.seed)), "seed")
        return host

    def styles(self) -> Host:
        """External stylesheets: by link, by @import in a style element and in another stylesheet."""
        host = self.world.host("styles.test")
        rules = {form: rule.format(**self.target(host, form, "i")) for form, rule in forms.STYLES.items()}
        host.put("/t/deep.css", Answer(rules.pop("css url").encode(), "text/css"), "css @import in css")
        sheet = '@charset "utf-8";\n@import "deep.css" screen;\n' + "\n".join(rules.values())
        host.put("/t/main.css", Answer(sheet.encode(), "text/css; charset=utf-8"), "link stylesheet")
        inner = self.target(host, "css in style @import", "i")
        host.put("/t/second.css", Answer(f"a{{background:url({inner['t']})}}".encode(), "text/css"), "style @import")
        head = '<link rel="stylesheet" href="/t/main.css"><style>@import url(/t/second.css);</style>'
        host.put("/", Answer(page("Styles", "<p>Look at the colours.</p>", head=head, seed=self.world.seed)), "seed")
        return host

    def codings(self) -> Host:
        """Content codings, charsets, content types; every page hides a target."""
        host = self.world.host("codings.test")
        paths = []
        for number, (form, (codec, kind, meta)) in enumerate(forms.CHARSETS.items()):
            target = f"/t/{number}-страница.html"
            quoted = f"/t/{number}-%D1%81%D1%82%D1%80%D0%B0%D0%BD%D0%B8%D1%86%D0%B0.html"
            host.put(quoted, Answer(page(f"Charset {form}", "<p>Found.</p>")), form)
            # All these character sets have Russian letters.
            text = (
                f"<!doctype html><html><head>{meta}<title>x</title></head><body><a href='{target}'>да</a></body></html>"
            )
            paths.append(f"/charset{number}.html")
            host.put(paths[-1], Answer(text.encode(codec), kind))
        for coding, pack in CODINGS.items():
            shown_there = self.target(host, f"coding {coding}", "i")
            paths.append(f"/coding-{coding}.html")
            host.put(paths[-1], Answer(pack(page(f"Coded {coding}", img(shown_there["t"]))), coding=coding))
        picture = self.gallery.planted()
        path = "/t/coded-picture.jpg"
        url = host.put(path, Answer(gzip.compress(picture.data), picture.type, coding="gzip"), "picture coded gzip")
        self.gallery.expect(url, picture)
        shown = [img(path)]
        for form, (kind, type) in forms.TYPES.items():
            item = self.gallery.planted()
            if kind == "i":
                path = f"/t/{slug(form)}.jpg"
                self.gallery.expect(host.put(path, Answer(item.data, type), form), item)
                shown.append(img(path))
            else:
                hidden = self.target(host, f"{form} target", "i")
                paths.append(f"/{slug(form)}.html")
                host.put(paths[-1], Answer(page(form, img(hidden["t"])), type), form)
        host.put("/", Answer(page("Codings", links(paths) + "\n".join(shown), seed=self.world.seed)), "seed")
        return host

    def maps(self) -> Host:
        """Sitemaps: named in robots.txt, an index, gzip, text, RSS, Atom, with pictures and videos in them."""
        host = self.world.host("maps.test")

        def pages(form: str, kind: str = "p") -> str:
            return self.target(host, form, kind)["u"]

        def put(path: str, text: str, form: str, type: str = "application/xml") -> str:
            return host.put(path, Answer(text.encode(), type), form)

        top = '<?xml version="1.0" encoding="UTF-8"?>\n'
        space = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'
        more = 'xmlns:image="http://www.google.com/schemas/sitemap-image/1.1"'
        plain = put(
            "/map-plain.xml",
            f"{top}<urlset {space} {more}><url><loc>{pages('sitemap loc')}</loc><image:image><image:loc>"
            f"{pages('sitemap image', 'i')}</image:loc></image:image></url></urlset>",
            "sitemap index",
        )
        packed = gzip.compress(f"{top}<urlset {space}><url><loc>{pages('sitemap gzip')}</loc></url></urlset>".encode())
        zipped = host.put("/map.xml.gz", Answer(packed, "application/gzip"), "sitemap index")
        index = put(
            "/sitemap-index.xml",
            f"{top}<sitemapindex {space}><sitemap><loc>{plain}</loc></sitemap><sitemap><loc> {zipped} </loc></sitemap></sitemapindex>",
            "robots Sitemap",
        )
        text = put("/map.txt", f"{pages('sitemap text')}\n", "robots Sitemap", "text/plain")
        rss = put(
            "/feed.rss",
            f"{top}<rss version='2.0'><channel><title>News</title><item><link>{pages('rss link')}</link>"
            f"<enclosure url='{pages('rss enclosure', 'i')}' type='image/jpeg' length='1'/></item></channel></rss>",
            "link rss",
            "application/rss+xml",
        )
        atom = put(
            "/feed.atom",
            f"{top}<feed xmlns='http://www.w3.org/2005/Atom'><entry><link href='{html.escape(pages('atom link'))}'/>"
            f"<link rel='enclosure' href='{pages('atom enclosure', 'i')}'/></entry></feed>",
            "link atom",
            "application/atom+xml",
        )
        host.robots(Answer(f"User-agent: *\nDisallow:\nSitemap: {index}\nSitemap: {text}\n".encode(), "text/plain"))
        feeds = ((rss, "application/rss+xml"), (atom, "application/atom+xml"))
        head = "".join(f'<link rel="alternate" type="{type}" href="{url}">' for url, type in feeds)
        host.put("/", Answer(page("Maps", "<p>Nothing but maps.</p>", head=head, seed=self.world.seed)), "seed")
        return host


def build_forms(world: World, gallery: Gallery) -> None:
    """See `FormSites`."""
    FormSites(world, gallery).build()
