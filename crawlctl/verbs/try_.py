"""`crawlctl try`: the deciding code by hand. Arguments of the sub-commands; what they do is in `crawlctl.tries`."""

import argparse
from importlib import import_module
from pathlib import Path
from typing import Any, Final

from contracts.settings import Settings
from crawlctl.lists.names import FORMATS

LINES: Final = (
    "\n\nWithout {what} as arguments, standard input is read, one a line. Every argument or line, an empty one too, gets "
    "exactly\none answer, in order; what cannot be used is answered with its reason and ends nothing: the exit code is 0 "
    "unless the\ncommand itself could not work. With --json an answer is one line of JSON (ASCII)."
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of all sub-commands."""
    verbs = parser.add_subparsers(title="sub-commands", metavar="WHAT", dest="what", required=True)
    _url(verbs)
    _links(verbs)
    _robots(verbs)
    _policy(verbs)
    _digest(verbs)
    _match(verbs)


def run(arguments: argparse.Namespace, settings: Settings) -> int:
    """Run the sub-command."""
    return int(import_module(f"crawlctl.tries.{arguments.what}").run(arguments, settings))


def _add(verbs: Any, name: str, help_: str, more: str, examples: str) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = verbs.add_parser(
        name, help=help_, description=help_[0].upper() + help_[1:] + "." + more, epilog=f"examples:\n{examples}",
        formatter_class=argparse.RawDescriptionHelpFormatter, allow_abbrev=False,
    )  # fmt: skip
    parser.add_argument("--json", action="store_true", help="one JSON object an answer, one a line")
    return parser


def _url(verbs: Any) -> None:
    parser = _add(
        verbs, "url", "canonical form, host, site, url_id and bucket of URLs, or why they are refused",
        LINES.format(what="URLs") + "\nKeys: input, url, host, site, url_id (hex), bucket; or input, refused, evidence.",
        """\
  crawlctl try url 'HTTP://Example.ORG:80/a/../b?'
  crawlctl try url --base https://example.org/dir/page ../up '?q' //cdn.example/x
  crawlctl try url --json < cases.txt""",
    )  # fmt: skip
    parser.add_argument("--base", metavar="URL", help="join to this URL, as a link on that page")
    parser.add_argument("urls", nargs="*", metavar="URL", help="URLs or references")


def _links(verbs: Any) -> None:
    parser = _add(
        verbs, "links", "every URL that a page, style sheet, sitemap or feed leads to",
        " Each with its kind (page,\nmedia, stylesheet, sitemap, redirect), the element and attribute that hold it, rel, as "
        "written, and canonical or refused.\n\nKeys: kind, element, attribute, rel, nofollow, raw, and url or refused and "
        "evidence. What limits cut is told on standard\nerror.",
        """\
  crawlctl try links page.html --base https://example.org/dir/page.html
  crawlctl try links sitemap.xml.gz --base https://example.org/sitemap.xml.gz --json
  crawlctl try links - --base https://example.org/ --content-type 'text/html; charset=koi8-r' < page.html
  crawlctl try links /dev/null --base https://example.org/ --header 'Link: <next>; rel=next'""",
    )  # fmt: skip
    parser.add_argument("file", metavar="FILE", help="the body as it was fetched; - is standard input")
    parser.add_argument("--base", metavar="URL", required=True, help="the URL that it was fetched from")
    parser.add_argument(
        "--content-type", metavar="TYPE", default="", help="its Content-Type header; sniffed if left out"
    )
    parser.add_argument("--header", metavar="'NAME: VALUE'", action="append", default=[], help="another header field, such as Link; may be repeated")  # fmt: skip


def _robots(verbs: Any) -> None:
    parser = _add(
        verbs, "robots", "what a robots.txt allows, and the line that decides",
        LINES.format(what="URLs") + "\nKeys: url, allowed (null for what is no URL), line_number (from 1; 0: no line decided), "
        "line, why, crawl_delay (seconds or\nnull), sitemaps; and refused, if the crawl-delay is over "
        "politeness.max_crawl_delay, so that the host is not crawled.",
        """\
  crawlctl try robots robots.txt /private/page https://example.org/
  crawlctl try robots robots.txt --agent Googlebot --json < urls.txt
  crawlctl try robots /dev/null --status 503 /page""",
    )  # fmt: skip
    parser.add_argument("file", metavar="FILE", help="the robots.txt; - is standard input")
    parser.add_argument("urls", nargs="*", metavar="URL", help="URLs, or paths with queries")
    parser.add_argument("--agent", metavar="NAME", default="Pisaura", help="product token, or a whole User-Agent (default: Pisaura)")  # fmt: skip
    parser.add_argument("--status", metavar="N", type=_status, default=200, help="HTTP status that it came with, 0 for no answer (default: 200)")  # fmt: skip


def _policy(verbs: Any) -> None:
    parser = _add(
        verbs, "policy", "whether scope, depth and trap rules of the settings admit URLs",
        " Some traps show only\nin many URLs of a host: they are judged in the order given. Opt-outs and budgets need a state: see "
        "`crawlctl explain`." + LINES.format(what="URLs") + "\nKeys: input, url (without dropped parameters), admitted; and "
        "refused, evidence.",
        """\
  crawlctl try policy --settings pisaura.toml https://example.org/calendar/2090/01/
  crawlctl try policy --json < urls.txt""",
    )  # fmt: skip
    parser.add_argument("urls", nargs="*", metavar="URL", help="absolute URLs")
    parser.add_argument("--depth", metavar="N", type=_whole, default=0, help="links from a seed (default: 0)")
    parser.add_argument("--nofollow", action="store_true", help="as links marked nofollow")
    parser.add_argument("--media", action="store_true", help="as pictures or videos, not pages")


def _digest(verbs: Any) -> None:
    parser = _add(
        verbs, "digest", "MD5, SHA-1, SHA-256 and PDQ of picture and video files, or why there is none",
        " They are decoded\nin locked worker processes, as in a crawl." + LINES.format(what="files")
        + " It is 2 if a file that\nwas named as an argument cannot be read.\n"
        "Keys: file, md5, sha1, sha256, size, pdq, quality, width, height, media_type, duration, frames (at, pdq, quality), "
        "why;\nnull for what there is not.",
        """\
  crawlctl try digest picture.jpg film.mp4
  find pictures -type f | crawlctl try digest --json""",
    )  # fmt: skip
    parser.add_argument("files", nargs="*", metavar="FILE", help="pictures and videos; - is standard input's bytes")


def _match(verbs: Any) -> None:
    parser = _add(
        verbs, "match", "the entries of known lists within the threshold of digests",
        " Of a list in a file (--known), or\nof all lists of a state or cluster, of which only entries are shown that may match now." +
        LINES.format(what="digests") + "\nA digest is hex: MD5, SHA-1, SHA-256 or PDQ by its length (64 digits are looked "
        "up as both), or with its name in front.\nKeys: query, algorithm, matches (algorithm, digest, distance, category, "
        "source, series, entry, line), or error. Without\n--known also left_out (entries that may not match now), and of each "
        "match number, standing, lists and kinds; line is 0, and\nseries is its blind id. PDQ are then compared with all there are: "
        "ask for many digests at once.\nBad lines of a file are told on standard error and do not end it.",
        """\
  crawlctl try match --known known.csv d41d8cd98f00b204e9800998ecf8427f
  crawlctl try match --known known.csv --distance 10 pdq:f8f8f0cce0f4a84d0e370a22028f67f0b36e2ed596623e1d33e6b39c4e9c9b22
  crawlctl try match --known vics.json --format vics --json < digests.txt
  crawlctl try match --state ./state --json < digests.txt""",
    )  # fmt: skip
    parser.add_argument("digests", nargs="*", metavar="DIGEST", help="digests in hex")
    parser.add_argument("--known", metavar="FILE", help="a list in a file instead of the live lists")
    parser.add_argument(
        "--format", choices=FORMATS, metavar="F", help=f"its format (default: csv): {', '.join(FORMATS)}"
    )
    parser.add_argument("--mapping", type=Path, metavar="M.TOML", help="which of its columns mean what (csv, iwf-csv)")
    parser.add_argument("--distance", metavar="N", type=_bits, help="largest Hamming distance of PDQ, 0..40 (default: matching.pdq_distance)")  # fmt: skip
    parser.add_argument("--state", type=Path, metavar="DIR", help="the state of a crawl; without it the cluster that --settings names (postgres.vault)")  # fmt: skip


def _status(text: str) -> int:
    return _within(text, 0, 999, "an HTTP status from 100 to 599, or 0")


def _bits(text: str) -> int:
    return _within(text, 0, 40, "a whole number from 0 to 40")


def _whole(text: str) -> int:
    return _within(text, 0, 10**9, "a whole number, at least 0")


def _within(text: str, least: int, most: int, what: str) -> int:
    if text.isascii() and text.isdigit() and len(text) < 12 and least <= int(text) <= most:
        return int(text)
    raise argparse.ArgumentTypeError(f"{text!r} must be {what}")
