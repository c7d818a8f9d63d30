"""Every element and attribute that shows or reaches something, one by one."""

import pytest

from contracts.messages import NOFOLLOW, LinkKind
from fetchers.sinks import Places
from tests.unit.fetchers.pages import places

P, M, C, F, R = LinkKind.PAGE, LinkKind.MEDIA, LinkKind.STYLESHEET, LinkKind.SITEMAP, LinkKind.REDIRECT
Expected = list[tuple[LinkKind, str, str, str]]

# kind, raw, element, attribute
CASES: list[tuple[str, Expected]] = [
    ("<a href=x>", [(P, "x", "a", "href")]),
    ("<a href=x.JPG>", [(M, "x.JPG", "a", "href")]),
    ("<a href=x type=image/png>", [(M, "x", "a", "href")]),
    ("<a name=x><a href><a href=''><a xlink:href=no>", []),
    ("<a href=x ping=no>", [(P, "x", "a", "href")]),
    ("<map><area href=x></map>", [(P, "x", "area", "href")]),
    ("<img src=x>", [(M, "x", "img", "src")]),
    ("<image src=x>", [(M, "x", "img", "src")]),
    ("<img src='' alt=no.jpg title=no.jpg>", []),
    ("<img src=x srcset='y 1x, z 2x' sizes=100vw>", [(M, "x", "img", "src"), (M, "y", "img", "srcset"), (M, "z", "img", "srcset")]),
    ("<img lowsrc=x dynsrc=y longdesc=z>", [(M, "x", "img", "lowsrc"), (M, "y", "img", "dynsrc"), (P, "z", "img", "longdesc")]),
    ("<picture><source srcset='x 100w, y 200w'></picture>", [(M, "x", "source", "srcset"), (M, "y", "source", "srcset")]),
    ("<video src=x poster=y><source src=z><track src=t></video>",
     [(M, "x", "video", "src"), (M, "y", "video", "poster"), (M, "z", "source", "src"), (M, "t", "track", "src")]),
    ("<audio src=x></audio>", [(M, "x", "audio", "src")]),
    ("<iframe src=x></iframe>", [(P, "x", "iframe", "src")]),
    ("<iframe src=x><a href=no></iframe>", [(P, "x", "iframe", "src")]),
    ("<iframe srcdoc='<a href=x><img src=&quot;y&quot;>'></iframe>", [(P, "x", "a", "href"), (M, "y", "img", "src")]),
    ("<frameset><frame src=x><frame src=y></frameset>", [(P, "x", "frame", "src"), (P, "y", "frame", "src")]),
    ("<noframes><a href=x></noframes>", [(P, "x", "a", "href")]),
    ("<object data=x type=image/png></object>", [(M, "x", "object", "data")]),
    ("<object data=x type=text/html></object><object data=y.html></object>", [(P, "x", "object", "data"), (P, "y.html", "object", "data")]),
    ("<object><param name=movie value=x.flv><param name=q value=no.flv></object>", [(M, "x.flv", "param", "value")]),
    ("<embed src=x>", [(M, "x", "embed", "src")]),
    ("<input type=IMAGE src=x><input src=no>", [(M, "x", "input", "src")]),
    ("<svg><image href=x /><image xlink:href=y /></svg>", [(M, "x", "image", "href"), (M, "y", "image", "xlink:href")]),
    ("<svg><use href='x#a'/><use xlink:href='#no'/><feImage href=y /></svg>", [(M, "x#a", "use", "href"), (M, "y", "feImage", "href")]),
    ("<svg><a xlink:href=x>t</a></svg>", [(P, "x", "a", "xlink:href")]),
    ("<svg><style>a{b:url(x)}</style></svg>", [(M, "x", "style", "url()")]),
    ("<body background=x><table background=y><td background=z>",
     [(M, "x", "body", "background"), (M, "y", "table", "background"), (M, "z", "td", "background")]),
    ("<p style=\"background:url('x')\">", [(M, "x", "p", "style")]),
    ("<style>@import 'x';a{b:url(y)}</style>", [(C, "x", "style", "@import"), (M, "y", "style", "url()")]),
    ("<div data-src=/x></div>", [(M, "/x", "div", "data-src")]),
    ("<noscript><img src=x></noscript>", [(M, "x", "img", "src")]),
    ("<head><noscript><link rel=stylesheet href=x></noscript>", [(C, "x", "link", "href")]),
    ("<template><img src=x></template>", [(M, "x", "img", "src")]),
    ("<div><template shadowrootmode=open><img src=x></template></div>", [(M, "x", "img", "src")]),
    ("<link rel=stylesheet href=x>", [(C, "x", "link", "href")]),
    ("<link rel='SHORTCUT ICON' href=x>", [(M, "x", "link", "href")]),
    ("<link rel=preload as=image href=x imagesrcset='y 1x'>", [(M, "x", "link", "href"), (M, "y", "link", "imagesrcset")]),
    ("<link rel=preload as=image imagesrcset='y 1x'>", [(M, "y", "link", "imagesrcset")]),
    ("<link rel=alternate type=application/rss+xml href=x>", [(F, "x", "link", "href")]),
    ("<link rel=next href=x><link href=no><link rel=preconnect href=no>", [(P, "x", "link", "href")]),
    ("<meta property=og:image content=x><meta property=og:image:width content=5>", [(M, "x", "meta", "content")]),
    ("<meta property=OG:IMAGE:SECURE_URL content=' x '>", [(M, "x", "meta", "content")]),
    ("<meta name=twitter:image content=x><meta name=twitter:player content=y>", [(M, "x", "meta", "content"), (P, "y", "meta", "content")]),
    ("<meta name=twitter:player:stream content=x><meta property=og:video:url content=y>",
     [(M, "x", "meta", "content"), (M, "y", "meta", "content")]),
    ("<meta itemprop='thumbnailUrl' content=x><meta name=description content=no.jpg>", [(M, "x", "meta", "content")]),
    ("<meta http-equiv=refresh content='5;url=x'>", [(R, "x", "meta", "content")]),
    ("<meta http-equiv=refresh content=5>", []),
    ("<a itemprop=image href=x>", [(P, "x", "a", "href"), (M, "x", "a", "href")]),
    ("<link itemprop='image thumbnail' href=x><span itemprop=name content=no></span>", [(M, "x", "link", "href")]),
    ("<script type=application/ld+json>{\"image\":\"/x\"}</script>", [(M, "/x", "script", "text")]),
    ("<script type='application/json; a=b'>[\"https:\\/\\/h\\/x.png\"]</script>", [(M, "https://h/x.png", "script", "text")]),
    ("<script>var s={\"a\":\"/x.png\"}</script><script type=text/plain>[\"/no.png\"]</script>", [(M, "/x.png", "script", "text")]),
    ("<script src=no.js>s='<img src=no>'</script>", []),
    ("<textarea><a href=no></textarea><title><a href=no></title><xmp><a href=no></xmp><!-- <a href=no> -->", []),
    ("<form action=no><button formaction=no></form><q cite=no></q><html manifest=no>", []),
    ("<amp-img src=x srcset='y 2x'></amp-img>", [(M, "x", "amp-img", "src"), (M, "y", "amp-img", "srcset")]),
]  # fmt: skip


@pytest.mark.parametrize(("markup", "expected"), CASES)
def test_places(markup: str, expected: Expected) -> None:
    found = set()
    for place in places(markup).found:
        found.add((place.kind, place.raw, place.element, place.attribute))
    assert found == set(expected)


def test_rel_and_nofollow() -> None:
    (one, two, three) = places(
        "<a rel='NoFollow ugc' href=x><area rel=nofollow href=y><link rel='next nofollow' href=z>"
    ).found
    assert (one.rel, one.flags, two.flags, three.rel, three.flags) == (
        "nofollow ugc",
        NOFOLLOW,
        NOFOLLOW,
        "next nofollow",
        NOFOLLOW,
    )


@pytest.mark.parametrize(
    ("markup", "noindex", "nofollow"),
    [
        ("<meta name=robots content=nofollow>", False, True),
        ("<meta name=ROBOTS content='NOINDEX,FOLLOW'>", True, False),
        ("<meta name=pisaura content=none>", True, True),
        ("<meta name=otherbot content=none>", False, False),
        ("<iframe srcdoc='<meta name=robots content=none>'></iframe>", False, False),
    ],
)
def test_meta_robots(markup: str, noindex: bool, nofollow: bool) -> None:
    sink: Places = places(markup)
    assert (sink.noindex, sink.nofollow) == (noindex, nofollow)
