"""Reading robots.txt: each test quotes the rule it proves (RFC 9309), or the published behaviour that it follows."""

import pickle
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from frontier.robotstxt import MAX_OCTETS, MAX_SITEMAPS, parse, product_token
from tests.unit.frontier import reference_robots as reference


def allows(text: str | bytes, path: str, agent: str = "FooBot") -> bool:
    robots = parse(text if isinstance(text, bytes) else text.encode(), agent)
    assert robots.allows(path) == robots.verdict(path).allowed
    return robots.allows(path)


# RFC 9309, 5.1, "Simple Example".
SIMPLE = """
User-Agent: *
Disallow: *.gif$
Disallow: /example/
Allow: /publications/

User-Agent: foobot
Disallow:/
Allow:/example/page.html
Allow:/example/allowed.gif

User-Agent: barbot
User-Agent: bazbot
Disallow: /example/page.html

User-Agent: quxbot

EOF
"""


@pytest.mark.parametrize(
    ("agent", "path", "allowed"),
    [
        ("foobot", "/example/page.html", True),
        ("foobot", "/example/allowed.gif", True),
        ("foobot", "/example/", False),
        ("foobot", "/", False),
        ("barbot", "/example/page.html", False),
        ("bazbot", "/example/page.html", False),
        ("bazbot", "/example/allowed.gif", True),
        ("quxbot", "/example/page.html", True),
        ("other", "/publications/x", True),
        ("other", "/publications/x.gif", True),  # Allow: /publications/ is longer than Disallow: *.gif$
        ("other", "/x.gif", False),
        ("other", "/x.gif?", True),
        ("other", "/example/x", False),
    ],
)
def test_simple_example(agent: str, path: str, allowed: bool) -> None:
    assert allows(SIMPLE, path, agent) is allowed


# RFC 9309, 5.2, "Longest Match".
def test_longest_match() -> None:
    text = "User-Agent: foobot\nAllow: /example/page/\nDisallow: /example/page/disallowed.gif\n"
    assert not allows(text, "/example/page/disallowed.gif")
    assert allows(text, "/example/page/x.gif")


# RFC 9309, 2.2.1: "Crawlers MUST use case-insensitive matching to find the group that matches the product token".
# "If there is more than one group matching the user-agent, the matching groups' rules MUST be combined into one group".
def test_groups_are_merged_whatever_the_case() -> None:
    text = "user-agent: ExampleBot\ndisallow: /foo\ndisallow: /bar\n\nuser-agent: EXAMPLEBOT\ndisallow: /baz\n"
    assert [allows(text, path, "exampleBot") for path in ("/foo", "/bar", "/baz", "/qux")] == [
        False,
        False,
        False,
        True,
    ]


# RFC 9309, 2.2.1: "If no matching group exists, crawlers MUST obey the group with a user-agent line with the "*" value".
def test_everyones_group_counts_only_if_no_group_names_us() -> None:
    text = "user-agent: *\ndisallow: /foo\n\nuser-agent: BazBot\ndisallow: /baz\nuser-agent: *\ndisallow: /bar\n"
    assert not allows(text, "/foo", "ExampleBot")
    assert not allows(text, "/bar", "ExampleBot")
    assert allows(text, "/baz", "ExampleBot")
    assert allows(text, "/foo", "BazBot")
    assert allows("user-agent: BazBot\ndisallow: /\n", "/foo", "ExampleBot")


# RFC 9309, 2.2 identifier; a version or more words do not belong to the token (as Google's parser reads it).
@pytest.mark.parametrize(
    "line", ["Pisaura", "pisaura/1.0", "PISAURA 2.0 beta", "Pisaura, BazBot", " \tPisaura ", "Pisaura#x"]
)
def test_the_token_of_a_user_agent_line_is_its_beginning(line: str) -> None:
    assert not allows(f"User-agent: {line}\nDisallow: /\nUser-agent: *\nAllow: /", "/x", "Pisaura")


@pytest.mark.parametrize(
    "line", ["Pis", "PisauraBot", "Pisaura-Images", "Mozilla/5.0 (compatible; Pisaura/1.0)", "", "*bot"]
)
def test_another_token_is_not_ours(line: str) -> None:
    assert allows(f"User-agent: {line}\nDisallow: /", "/x", "Pisaura")


def test_our_own_agent_may_be_given_as_a_header() -> None:
    assert product_token("Pisaura/1.0 (+https://hotline.example/bot)") == "Pisaura"
    assert not allows("User-agent: pisaura\nDisallow: /", "/x", "Pisaura/1.0 (+https://hotline.example/bot)")


# Google: "a '*' followed by space and more characters in a user-agent record is still regarded a global rule".
def test_a_star_and_more_words_are_everyone() -> None:
    assert not allows("User-agent: * all\nDisallow: /", "/x")


# RFC 9309, 2.2.2: "The crawler SHOULD ignore "disallow" and "allow" rules that are not in any group".
def test_rules_before_any_group_are_ignored() -> None:
    assert allows("disallow: /\nuser-agent: FooBot\ndisallow: /bar\n", "/foo")


# RFC 9309, 2.1: "One or more user-agent lines that are followed by one or more rules."
def test_empty_lines_do_not_end_a_group() -> None:
    text = "user-agent: FooBot\n\nuser-agent: BarBot\n\n\ndisallow: /x\n\ndisallow: /y\n"
    assert not allows(text, "/x", "FooBot")
    assert not allows(text, "/y", "BarBot")


# RFC 9309, 2.2.4: "Parsing of other records MUST NOT interfere with the parsing of explicitly defined records [...]
# For example, a "Sitemaps" record MUST NOT terminate a group."
@pytest.mark.parametrize(
    "other", ["Sitemap: https://foo.bar/s.xml", "Crawl-delay: 5", "Unknown: x", "garbage", "Host: x.example"]
)
def test_other_records_end_neither_user_agents_nor_rules(other: str) -> None:
    between_agents = f"User-agent: FooBot\n{other}\nUser-agent: *\nDisallow: /\n"
    between_rules = f"User-agent: FooBot\nDisallow: /a\n{other}\nDisallow: /b\n"
    assert not allows(between_agents, "/x")
    assert not allows(between_rules, "/a")
    assert not allows(between_rules, "/b")


# RFC 9309, 2.2.2: "If an "allow" rule and a "disallow" rule are equivalent, then the "allow" rule SHOULD be used."
def test_allow_wins_a_tie() -> None:
    assert allows("User-agent: *\nDisallow: /page\nAllow: /page\n", "/page")
    assert allows("User-agent: *\nDisallow: /foo/ツ\nAllow: /foo/%E3%83%84\n", "/foo/%E3%83%84")
    assert allows("User-agent: *\nDisallow: /*.htm\nAllow: /page/\n", "/page/x.htm")  # both have six octets


# RFC 9309, 2.2.2: "If no match is found amongst the rules in a group [...] the URI is allowed."
# RFC 9309, 2.2, empty-pattern: it matches nothing.
def test_no_match_or_an_empty_pattern_allows() -> None:
    assert allows("User-agent: *\nDisallow:\n", "/x")
    assert allows("User-agent: *\nDisallow: # nothing\nDisallow: /y", "/x")
    assert not allows("User-agent: *\nDisallow: /\nAllow:\n", "/x")


# RFC 9309, 2.2.2: "The /robots.txt URI is implicitly allowed."
def test_robots_txt_itself_is_allowed() -> None:
    assert allows("User-agent: *\nDisallow: /\n", "/robots.txt")
    assert not allows("User-agent: *\nDisallow: /\n", "/robots.txt.bak")


# RFC 9309, 2.2.3, and the examples in Google's documentation, "URL matching based on path values".
@pytest.mark.parametrize(
    ("pattern", "yes", "no"),
    [
        (
            "/fish",
            "/fish /fish.html /fish/salmon.html /fishheads/yummy.html /fish.html?id=any",
            "/Fish.asp /catfish /?id=fish",
        ),
        ("/fish*", "/fish /fish.html /fishheads/yummy.html /fish.html?id=any", "/Fish.asp /catfish /desert/fish"),
        ("/fish/", "/fish/ /fish/?id=any /fish/salmon.htm", "/fish /fish.html /animals/fish/ /Fish/Salmon.asp"),
        (
            "/*.php",
            "/index.php /filename.php /folder/a.php?x /a//any.php.file.html /index?f=a.php/",
            "/ /windows.PHP /index?php",
        ),
        ("/*.php$", "/filename.php /folder/filename.php", "/filename.php?x /filename.php/ /filename.php5 /windows.PHP"),
        ("/fish*.php", "/fish.php /fishheads/catfish.php?x", "/Fish.PHP"),
        ("/this/path/exactly$", "/this/path/exactly", "/this/path/exactly/ /this/path/exactly?"),
        ("/this/*/exactly", "/this/is/exactly /this//exactly /this/a/b/exactly.html", "/this/exactly"),
        ("/*/edit", "/index.php?title=a/edit /x/edit", "/edit"),
        (
            "/path/file-with-a-%2A.html",
            "/path/file-with-a-*.html /path/file-with-a-%2A.html",
            "/path/file-with-a-x.html",
        ),
        ("/path/foo-%24", "/path/foo-$ /path/foo-%24", "/path/foo-"),
        ("/a$b", "/a$b /a$bc", "/a"),
        ("/a%2fb", "/a%2Fb", "/a/b"),
        ("/*?", "/a? /a?b", "/a"),
        ("/foo*$", "/foo /foobar", "/fo"),
        ("*", "/ /x", ""),
    ],
)
def test_patterns(pattern: str, yes: str, no: str) -> None:
    text = f"User-agent: *\nDisallow: {pattern}\n"
    assert [path for path in yes.split() if allows(text, path)] == []
    assert [path for path in no.split() if not allows(text, path)] == []


# Google's documentation, "Order of precedence for rules".
@pytest.mark.parametrize(
    ("rules", "path", "allowed"),
    [
        ("allow: /p\ndisallow: /", "/page", True),
        ("allow: /folder\ndisallow: /folder", "/folder/page", True),
        ("allow: /page\ndisallow: /*.htm", "/page.htm", False),
        ("allow: /page\ndisallow: /*.ph", "/page.php5", True),
        ("allow: /$\ndisallow: /", "/", True),
        ("allow: /$\ndisallow: /", "/page.htm", False),
    ],
)
def test_precedence(rules: str, path: str, allowed: bool) -> None:
    assert allows(f"User-agent: *\n{rules}\n", path) is allowed


# Google's parser lets "/index.html" in an Allow stand for its folder; the RFC does not, and neither do we.
def test_index_html_is_no_folder() -> None:
    assert not allows("User-Agent: *\nAllow: /a/index.html\nDisallow: /\n", "/a/")


# RFC 9309, 2.2: rule = *WS ("allow" / "disallow") *WS ":" *WS [...]; EOL may have a comment; names in any case.
@pytest.mark.parametrize("line", ["Disallow:/x", " \tDISALLOW \t:\t /x \t", "disallow: /x# y", "dIsAlLoW: /x # y: z"])
def test_blanks_case_and_comments(line: str) -> None:
    assert not allows(f"User-agent: FooBot # us\n{line}\n", "/x")
    assert allows(f"User-agent: FooBot # us\n{line}\n", "/y")


# RFC 9309, 2.2: NL = %x0D / %x0A / %x0D.0A. Line numbers count each of them once.
@pytest.mark.parametrize("end", ["\n", "\r", "\r\n"])
def test_line_endings(end: str) -> None:
    robots = parse(end.join(["User-agent: foobot", "", "", "Allow: /a", "Disallow: /"]).encode(), "FooBot")
    verdict = robots.verdict("/x")
    assert (verdict.allowed, verdict.line_number, verdict.line) == (False, 5, "Disallow: /")


# Google: "UTF-8 byte order marks should never appear in a robots.txt file, but they do nevertheless."
# RFC 9309, 2.2.2: "Implementors MAY bridge encoding mismatches if they detect that the robots.txt file is not UTF-8".
@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_byte_order_marks(encoding: str) -> None:
    assert not allows("User-agent: FooBot\nDisallow: /é\n".encode(encoding), "/%C3%A9")


# Google: misspellings of Disallow and User-agent count; so does a line of exactly two words without a colon.
@pytest.mark.parametrize("key", ["disallow", "dissallow", "dissalow", "disalow", "diasllow", "disallaw"])
def test_misspellings_that_owners_mean(key: str) -> None:
    assert not allows(f"useragent: FooBot\n{key}: /\n", "/x")
    assert not allows(f"user agent: FooBot\n{key} /\n", "/x")
    assert allows(f"user-agent: FooBot\n{key} / x\n", "/x")


@pytest.mark.parametrize(
    "line", ["foo: /", "allowed: /", "disallow-all: /", "xdisallow: /", "Disallow", ":/", "#Disallow: /"]
)
def test_unknown_lines_say_nothing(line: str) -> None:
    assert allows(f"User-agent: FooBot\n{line}\n", "/x")


# RFC 9309, 2.5: "The parsing limit MUST be at least 500 kibibytes"; a line that the limit cuts says nothing.
def test_only_the_first_500_kib_are_read() -> None:
    start = "User-agent: *\nDisallow: /early\n"
    fill = "#" * (MAX_OCTETS - len(start) - 20) + "\n"
    text = f"{start}{fill}Disallow: /late/very/far/behind\nDisallow: /after\n"
    assert not allows(text, "/early")
    assert allows(text, "/late/x")
    assert allows(text, "/after")


def test_what_was_cut_elsewhere_loses_its_last_line() -> None:
    text = b"User-agent: *\nDisallow: /a\nDisallow: /b"
    assert not parse(text, "FooBot").allows("/bcd")
    assert parse(text, "FooBot", cut=True).allows("/bcd")
    assert not parse(text, "FooBot", cut=True).allows("/a")


# Google: lines are cut after 8 * 2083 octets.
def test_long_lines_are_cut() -> None:
    text = f"User-agent: *\nDisallow: /x/{'a' * 20_000}/qux\n"
    assert not allows(text, f"/x/{'a' * 17_000}")
    assert allows(text, "/fux")


def test_the_verdict_names_the_line_as_it_stands_in_the_file() -> None:
    robots = parse("# é\nUser-agent: *\n  Disallow : /ab*c  # why\nAllow: /abc/d\n".encode(), "FooBot")
    assert robots.verdict("/abc").line_number == 3
    assert robots.verdict("/abc").line == "Disallow : /ab*c  # why"
    assert robots.verdict("/abc/d").line == "Allow: /abc/d"
    assert robots.verdict("/x").line_number == 0
    assert robots.verdict("/x").why == "no rule for * matches"
    assert parse(b"", "FooBot").verdict("/x").why == "no group names us or *"
    assert len(parse(b"User-agent: *\nDisallow: /" + b"\xc3\xa9" * 500, "x").verdict("/" + "%C3%A9" * 500).line) == 300


def test_sitemaps_belong_to_no_group() -> None:
    text = "Sitemap: https://a.example/1.xml\nUser-agent: x\nDisallow: /\nsite-map:https://a.example/é.xml # x\nSITEMAP: /2.xml\n"
    assert parse(text.encode(), "FooBot").sitemaps == ["https://a.example/1.xml", "https://a.example/é.xml", "/2.xml"]
    assert len(parse(b"Sitemap: /x\n" * 30_000, "FooBot").sitemaps) == MAX_SITEMAPS


@pytest.mark.parametrize(
    ("text", "delay"),
    [
        ("User-agent: FooBot\nCrawl-delay: 10\n", 10.0),
        ("User-agent: FooBot\nCrawl-delay: 0.5 # half\n", 0.5),
        ("User-agent: FooBot\ncrawldelay:.5s\n", 0.5),
        ("User-agent: FooBot\nCrawl-delay: 2\nDisallow: /x\nUser-agent: foobot\nCrawl-delay: 7\n", 7.0),
        ("User-agent: *\nCrawl-delay: 10\n", 10.0),
        ("User-agent: *\nCrawl-delay: 10\nDisallow: /\nUser-agent: FooBot\nDisallow: /x\n", None),
        ("User-agent: BarBot\nCrawl-delay: 10\nUser-agent: FooBot\nDisallow: /\n", None),  # said before we were named
        ("User-agent: BarBot\nUser-agent: FooBot\nCrawl-delay: 10\n", 10.0),
        ("Crawl-delay: 10\nUser-agent: FooBot\nDisallow: /\n", None),
        (
            "User-agent: FooBot\nCrawl-delay: -1\nCrawl-delay: nan\nCrawl-delay: ten\nCrawl-delay:\nCrawl-delay: 1e9\n",
            None,
        ),
        ("User-agent: FooBot\nCrawl-delay: 100000000000000000000\n", 1e20),
    ],
)
def test_crawl_delay(text: str, delay: float | None) -> None:
    assert parse(text.encode(), "FooBot").crawl_delay == delay


def test_binary_is_read_without_harm() -> None:
    assert allows(b"\x00" * 1000, "/x")
    assert allows(bytes(range(256)) * 100, "/x")
    assert not allows(b"User-agent: *\nDisallow: /\xff\x00\n", "/%FF%00")


@given(st.binary(max_size=400), st.text(max_size=40), st.text(max_size=12))
def test_no_bytes_no_path_no_agent_make_it_fail(body: bytes, path: str, agent: str) -> None:
    robots = parse(body, agent)
    verdict = robots.verdict("/" + path)
    assert verdict.allowed == robots.allows("/" + path)
    assert len(verdict.line) <= 300


lines = st.one_of(
    st.tuples(st.sampled_from(["User-agent"]), st.sampled_from(["foobot", "FooBot", "barbot", "*"])),
    st.tuples(
        st.sampled_from(["Allow", "Disallow"]), st.text(alphabet="/ab*", max_size=5).map(lambda text: "/" + text)
    ),
    st.tuples(st.sampled_from(["Allow", "Disallow", "Sitemap", "Unknown", "Crawl-delay"]), st.sampled_from(["", "5"])),
).map(lambda pair: f"{pair[0]}: {pair[1]}")


@settings(max_examples=400)
@given(st.lists(lines, max_size=14), st.text(alphabet="/ab", max_size=6))
def test_as_the_slow_reader_reads(found: list[str], rest: str) -> None:
    text, path = "\n".join(found), "/" + rest
    assert allows(text, path) == reference.allowed(reference.rules_for(text, "foobot"), path)


@given(st.lists(lines, max_size=14), st.text(alphabet="/ab", max_size=6))
def test_it_can_be_sent_to_another_process(found: list[str], rest: str) -> None:
    robots = parse("\n".join(found).encode(), "FooBot")
    copy = pickle.loads(pickle.dumps(robots))  # noqa: S301
    assert copy.verdict("/" + rest) == robots.verdict("/" + rest)
    assert copy.weight == robots.weight >= 500


# Issue 3: a hostile file never blocks the loop; reading 500 KiB costs some tens of ms, whatever is in it.
@pytest.mark.parametrize(
    "unit",
    [
        b"\n",
        b"\r",
        b"\x00",
        b"#",
        b" ",
        b"allow",
        b"allow ",
        b"user-agent:a\nallow:/\n",
        b"user agent ",
        b"d",
        b"x:y\n",
    ],
)
def test_reading_is_linear(unit: bytes) -> None:
    body = b"User-agent: *\ndisallow " + unit * (MAX_OCTETS // len(unit))
    costs = []
    for _ in range(3):
        before = time.process_time()
        parse(body, "FooBot")
        costs.append(time.process_time() - before)
    assert min(costs) < 0.3
