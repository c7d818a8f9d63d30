"""Pages for the tests of extraction."""

from hypothesis import strategies as st

from fetchers import html
from fetchers.sinks import Places, Raws

URL = "https://h.example/dir/page.html"


def places(markup: str) -> Places:
    """A page read the whole way."""
    sink = Places("pisaura", most=10_000)
    html.read(markup, URL, sink, elements=10_000)
    return sink


def raws(markup: str) -> Raws:
    """A page read the fast way."""
    sink = Raws("pisaura")
    html.read(markup, URL, sink, elements=10_000)
    return sink


_URLS = [
    "x",
    "/y.jpg",
    "#f",
    "",
    "z.PNG?q",
    " w ",
    "a b.mp4",
    "https://h.example/q",
    "?p=2",
    "data:,x",
    "é",
    "j\np\tg.jp\ng",
    "//c/d",
]
_NAMES = [
    "href",
    "src",
    "srcset",
    "data",
    "poster",
    "background",
    "style",
    "content",
    "value",
    "imagesrcset",
    "srcdoc",
    "data-src",
    "data-bg",
    "DATA-LAZY",
    "data-srcset",
    "data-foo",
    "xlink:href",
    "longdesc",
    "action",
    "ping",
    "data-image",
    "data-url",
]
_TAGS = [
    "a",
    "a",
    "a",
    "img",
    "area",
    "link",
    "meta",
    "base",
    "script",
    "style",
    "source",
    "video",
    "audio",
    "track",
    "iframe",
    "frame",
    "object",
    "embed",
    "input",
    "svg",
    "image",
    "use",
    "table",
    "td",
    "div",
    "p",
    "b",
    "template",
    "noscript",
    "noframes",
    "title",
    "textarea",
    "select",
    "option",
    "body",
    "html",
    "frameset",
    "math",
    "amp-img",
    "param",
    "form",
    "span",
]
_EXTRAS = [
    "rel=nofollow",
    "rel='NOFOLLOW",
    "x'",
    "rel=stylesheet",
    "rel=icon",
    "rel=next",
    "rel='preload'",
    "as=image",
    "type=image",
    "type=text/html",
    "type=image/png",
    "type=application/ld+json",
    "type=application/json",
    "name=robots",
    "name=movie",
    "property=og:image",
    "itemprop=image",
    "itemprop=embedUrl",
    "http-equiv=refresh",
    "shadowrootmode=open",
]
_TEXTS = [
    "text",
    "a{b:url(c.png)}",
    '{"image":"/ld.jpg"}',
    '["/js.png"]',
    "<!--",
    "-->",
    "<![CDATA[",
    "&lt;",
    "nofollow",
]

_values = st.sampled_from(_URLS) | st.sampled_from(
    ["url(s.png)", "u.jpg 1x, v 2x", "5;url=r", "<a href=n><img src=m.gif>", "nofollow"]
)
_attributes = st.lists(
    st.builds(lambda name, value: f"{name}='{value}'", st.sampled_from(_NAMES), _values) | st.sampled_from(_EXTRAS),
    max_size=4,
)
_start = st.builds(lambda tag, attributes: f"<{tag} {' '.join(attributes)}>", st.sampled_from(_TAGS), _attributes)
_end = st.builds(lambda tag: f"</{tag}>", st.sampled_from(_TAGS))

markup = st.lists(_start | _start | _end | st.sampled_from(_TEXTS), max_size=25).map("".join)
"""Broken pages made of everything that the readers know."""
