"""Every form by which a page shows or reaches a picture, a video or a page: as data, each with a target of its own.

In snippets `{t}` is the target's path, `{u}` its URL, `{n}` its name without a folder. Kinds: i picture, v video, p page.
"""

SNIPPETS: dict[str, tuple[str, str]] = {
    # pages
    "a": ("p", '<a href="{t}">a page</a>'),
    "a absolute": ("p", '<a href="{u}">a page</a>'),
    "a relative": ("p", '<a href="t/{n}">a page</a>'),
    "a without scheme": ("p", '<a href="{u_}">a page</a>'),
    "a unquoted": ("p", "<a href={t}>a page</a>"),
    "a single quotes": ("p", "<A HREF='{t}' >a page</A>"),
    "a dot segments": ("p", '<a href="/x/../t/./y/../{n}">a page</a>'),
    "a fragment": ("p", '<a href="{t}#top">a page</a>'),
    "a blanks around": ("p", '<a href="\n  {t}\t ">a page</a>'),
    "a line end inside": ("p", '<a href="/t\n/{n}">a page</a>'),
    "a backslashes": ("p", '<a href="\\t\\{n}">a page</a>'),
    "a nofollow": ("p", '<a rel="nofollow ugc" href="{t}">a page</a>'),
    "a unclosed": ("p", '<div><p><b><a href="{t}">never closed'),
    "a in template": ("p", '<template><a href="{t}">a page</a></template>'),
    "a in noscript": ("p", '<noscript><a href="{t}">a page</a></noscript>'),
    "a in svg": ("p", '<svg><a xlink:href="{t}"><text>a page</text></a></svg>'),
    "area": ("p", '<map name="m"><area shape="rect" coords="0,0,9,9" href="{t}" alt="x"></map>'),
    "iframe": ("p", '<iframe src="{t}"></iframe>'),
    "iframe srcdoc": ("p", "<iframe srcdoc=\"&lt;a href='{t}'&gt;a page&lt;/a&gt;\"></iframe>"),
    "link alternate": ("p", '<link rel="alternate" hreflang="fr" href="{t}">'),
    "link next": ("p", '<link rel="next" href="{t}">'),
    "link canonical": ("p", '<link rel="canonical" href="{t}">'),
    "object page": ("p", '<object data="{t}" type="text/html"></object>'),
    "embed page": ("p", '<embed src="{t}" type="text/html">'),
    # pictures
    "img": ("i", '<img src="{t}">'),
    "img self closing": ("i", "<img src='{t}'/>"),
    "img srcset": ("i", '<img srcset="{t} 2x">'),
    "img srcset sizes": ("i", '<img sizes="(max-width: 9em) 1em, 2em" srcset="{t} 800w">'),
    "img srcset tight": ("i", '<img srcset="data:,x 1x,{t}\t2.5x , ">'),
    "picture source": ("i", '<picture><source type="image/jpeg" srcset="{t}, {t} 3x"></picture>'),
    "a picture": ("i", '<a href="{t}">large view</a>'),
    "a download": ("i", '<a download href="{t}">download</a>'),
    "input image": ("i", '<input type="image" src="{t}">'),
    "object": ("i", '<object data="{t}" type="image/jpeg"></object>'),
    "embed": ("i", '<embed src="{t}">'),
    "link icon": ("i", '<link rel="shortcut icon" href="{t}">'),
    "link touch icon": ("i", '<link rel="apple-touch-icon" sizes="180x180" href="{t}">'),
    "link image_src": ("i", '<link rel="image_src" href="{t}">'),
    "link preload": ("i", '<link rel="preload" as="image" href="{t}">'),
    "link imagesrcset": ("i", '<link rel="preload" as="image" imagesrcset="{t} 640w" imagesizes="50vw">'),
    "meta og:image": ("i", '<meta property="og:image" content="{u}">'),
    "meta og:image:url": ("i", '<meta property="og:image:url" content="{u}">'),
    "meta og:image:secure_url": ("i", '<meta property="og:image:secure_url" content="{u}">'),
    "meta og relative": ("i", '<meta property="og:image" content="{t}">'),
    "meta twitter:image": ("i", '<meta name="twitter:image" content="{u}">'),
    "meta twitter:image:src": ("i", '<meta name="twitter:image:src" content="{u}">'),
    "svg image": ("i", '<svg><image href="{t}" width="9" height="9"/></svg>'),
    "svg image xlink": ("i", '<svg><image xlink:href="{t}" width="9" height="9"></image></svg>'),
    "body background": ("i", '<table background="{t}"><tr><td>cell</td></tr></table>'),
    "td background": ("i", '<table><tr><td background="{t}">cell</td></tr></table>'),
    "style attribute": ("i", '<div style="background-image:url({t})">text</div>'),
    "style attribute quoted": ("i", "<div style='background: #fff url( \"{t}\" ) no-repeat'>text</div>"),
    "style attribute entities": ("i", '<div style="background:url(&quot;{t}&quot;)">text</div>'),
    "style element": ("i", "<style>.a::before{{content:url('{t}')}}</style>"),
    "style image-set": ("i", '<style>.b{{background:image-set("{t}" 1x)}}</style>'),
    "data-src": ("i", '<img data-src="{t}" class="lazyload" src="data:image/gif;base64,R0lGODlhAQABAAAAACw=">'),
    "data-srcset": ("i", '<img data-srcset="{t} 1x">'),
    "data-original": ("i", '<img data-original="{t}">'),
    "data-lazy": ("i", '<img data-lazy="{t}">'),
    "data-lazy-src": ("i", '<img data-lazy-src="{t}">'),
    "data-bg": ("i", '<div data-bg="{t}">text</div>'),
    "data-bg url": ("i", '<div data-bg="url({t})">text</div>'),
    "data-background-image": ("i", '<section data-background-image="{t}">text</section>'),
    "img in noscript": ("i", '<noscript><img src="{t}"></noscript>'),
    "img in template": ("i", '<template><p><img src="{t}"></p></template>'),
    "img in srcdoc": ("i", '<iframe srcdoc="<img src={t}>"></iframe>'),
    "json-ld string": ("i", '<script type="application/ld+json">{{"@type":"Article","image":"{u}"}}</script>'),
    "json-ld list": ("i", '<script type="application/ld+json">{{"@graph":[{{"image":["{u}"]}}]}}</script>'),
    "json-ld object": (
        "i",
        '<script type="application/ld+json">{{"@type":"ImageObject","contentUrl":"{u}"}}</script>',
    ),
    "json-ld thumbnail": ("i", '<script type="application/ld+json">{{"thumbnailUrl":"{u}"}}</script>'),
    "inline json": ("i", '<script type="application/json" id="state">{{"props":{{"hero":"{u}"}}}}</script>'),
    "inline json slashes": ("i", '<script type="application/json">{{"photo":"{j}"}}</script>'),
    # videos
    "video src": ("v", '<video src="{t}" controls></video>'),
    "video source": ("v", '<video><source src="{t}" type="video/mp4"></video>'),
    "audio src": ("v", '<audio src="{t}"></audio>'),
    "video poster": ("i", '<video poster="{t}"></video>'),
    "a video": ("v", '<a href="{t}">film</a>'),
    "meta og:video": ("v", '<meta property="og:video" content="{u}">'),
    "meta twitter stream": ("v", '<meta name="twitter:player:stream" content="{u}">'),
    "json-ld video": ("v", '<script type="application/ld+json">{{"@type":"VideoObject","contentUrl":"{u}"}}</script>'),
    "data-src video": ("v", '<video data-src="{t}"></video>'),
}
"""Forms that stand anywhere in a page."""

ODD: dict[str, tuple[str, str]] = {
    "a upper-case host": ('<a href="{upper}/t/odd-case.html">a</a>', "/t/odd-case.html"),
    "a entity": ('<a href="/t/odd.html?x=1&amp;y=2">a</a>', "/t/odd.html?x=1&y=2"),
    "a entity unended": ('<a href="/t/odd.html?x=3&ampy=4">a</a>', "/t/odd.html?x=3&ampy=4"),
    "a empty query": ('<a href="/t/odd-empty.html?">a</a>', "/t/odd-empty.html?"),
    "a query only": ('<a href="?page=2">a</a>', "/odd.html?page=2"),
    "a tracking": ('<a href="/t/odd-track.html?id=7&utm_source=x&fbclid=abc">a</a>', "/t/odd-track.html?id=7"),
    "a unreserved": ('<a href="/t/odd%2Dtilde%7e.html">a</a>', "/t/odd-tilde~.html"),
    "a reserved": ('<a href="/t/odd%2fslash.html">a</a>', "/t/odd%2Fslash.html"),
    "a blank": ('<a href="/t/odd space.html">a</a>', "/t/odd%20space.html"),
    "a other letters": ('<a href="/t/größe.html">a</a>', "/t/gr%C3%B6%C3%9Fe.html"),
    "a double slash": ('<a href="/t//odd-double.html">a</a>', "/t//odd-double.html"),
    "a above the root": ('<a href="/../../t/odd-root.html">a</a>', "/t/odd-root.html"),
    "a dots encoded": ('<a href="/t/%2e%2e/t/odd-dots.html">a</a>', "/t/odd-dots.html"),
}
"""References that are written differently from what is requested: markup ({upper}: origin in capitals) and path requested."""

WAYS: dict[str, tuple[str, str]] = {
    "base href": ("i", '<base href="/t/deeper/"><title>x</title></head><body><img src="../{n}">'),
    "base absolute": ("p", '<base href="{o}/t/"><title>x</title></head><body><a href="{n}">a</a>'),
    "meta refresh": ("p", '<meta http-equiv="refresh" content="5; url={t}"><title>x</title></head><body>'),
    "meta refresh quoted": ("p", "<meta http-equiv=Refresh content=\"0;URL='{t}'\"><title>x</title></head><body>"),
    "frame": ("p", '<title>x</title></head><frameset cols="*"><frame src="{t}"></frameset>'),
    "body background attribute": ("i", '<title>x</title></head><body background="{t}">'),
    "meta robots nofollow": ("p", '<meta name="robots" content="noindex,nofollow"></head><body><a href="{t}">a</a>'),
}
"""Forms that need a page of their own: what stands after `<head>`."""

HEADERS: dict[str, tuple[str, tuple[str, str]]] = {
    "header Link next": ("p", ("Link", '<{t}>; rel="next"')),
    "header Link preload": ("i", ("Link", "</style-none.css>; rel=nothing, <{t}>; rel=preload; as=image")),
    "header Refresh": ("p", ("Refresh", "3; url={t}")),
    "header Content-Location": ("p", ("Content-Location", "{t}")),
}
"""Forms that are response headers."""

STYLES: dict[str, str] = {
    "css url": ".a{{background:url({n})}}",
    "css url quoted": "/* url(no.jpg) */ .b{{background:url( '{t}' )}}",
    "css escape": '.c{{background:url("\\2f t/{n}")}}',
    "css image-set": ".d{{background-image:-webkit-image-set('{u}' 2x)}}",
    "css font-free": "@media print{{.e{{list-style-image:url({t})}}}}",
    "css unended": ".f{{background:url({t}",
}
"""Forms inside an external stylesheet at /t/NAME.css; the last one stands at the end."""

CHARSETS: dict[str, tuple[str, str, str]] = {
    "charset header": ("koi8-r", "text/html; charset=koi8-r", ""),
    "charset meta": ("windows-1251", "text/html", '<meta charset="windows-1251">'),
    "charset meta http-equiv": (
        "shift_jis",
        "text/html",
        '<meta http-equiv="Content-Type" content="text/html; charset=Shift_JIS">',
    ),
    "charset BOM wins": ("utf-8-sig", "text/html; charset=iso-8859-1", ""),
    "charset UTF-16": ("utf-16", "text/html", ""),
}
"""Codec, Content-Type and meta of pages that link to /t/NUMBER-страница.html."""

TYPES: dict[str, tuple[str, str]] = {
    "picture as html": ("i", "text/html"),
    "picture as text": ("i", "text/plain; charset=utf-8"),
    "picture as octets": ("i", "application/octet-stream"),
    "picture without type": ("i", ""),
    "picture as other picture": ("i", "image/png"),
    "page without type": ("p", ""),
    "page as xhtml": ("p", "application/xhtml+xml"),
    "page with odd type": ("p", "TEXT/HTML;charset=UTF-8;;"),
}
"""Wrong, missing and odd content types: the target itself is served so; a page's target hides a picture in it."""
