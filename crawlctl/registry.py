"""The verbs of the command line. A verb's module is imported only when it is the one that was asked for.

Each module has `add_arguments(parser)` and `run(arguments, settings) -> int`, the exit code.
"""

from typing import Final, NamedTuple


class Verb(NamedTuple):
    """A verb: its module, one line of help, and examples."""

    name: str
    module: str
    help: str
    examples: str


VERBS: Final = (
    Verb(
        "run",
        "crawlctl.verbs.run",
        "crawl, digest and match on this machine, until stopped or idle",
        """\
  crawlctl run --seeds seeds.txt --known known.csv --state ./state --settings pisaura.toml
  crawlctl run --state ./state --until-idle --max-time 10m     # go on where the last run ended
  crawlctl run --seeds seeds.txt --state ./state --max-pages 1000 --metrics 127.0.0.1:9100""",
    ),
    Verb(
        "status",
        "crawlctl.verbs.status",
        "URLs by state, hosts due, waiting or backing off, rates, refusals by reason",
        """\
  crawlctl status --state ./state
  crawlctl status --state ./state --json""",
    ),
    Verb(
        "matches",
        "crawlctl.verbs.matches",
        "what was found, with its evidence",
        """\
  crawlctl matches --state ./state
  crawlctl matches --state ./state --json --purpose "case 2024-17"
  crawlctl matches --state ./state --csv > matches.csv""",
    ),
    Verb(
        "explain",
        "crawlctl.verbs.explain",
        "every step of a URL's life, and what happens next",
        """\
  crawlctl explain --state ./state https://example.org/page
  crawlctl explain --state ./state https://example.org/page --json""",
    ),
    Verb(
        "seeds",
        "crawlctl.verbs.seeds",
        "add URLs to start from, or list them",
        """\
  crawlctl seeds add --state ./state https://example.org/ https://example.net/
  crawlctl seeds ls --state ./state""",
    ),
    Verb(
        "lists",
        "crawlctl.verbs.lists",
        "known lists: add, synchronise, judge, hold, release, export",
        """\
  crawlctl lists import --state ./state known.csv     # the simple way: a CSV by hand
  crawlctl lists add --state ./state iwf --format iwf-csv --from iwf.csv --kind csam --uses match,shield
  crawlctl lists sync --state ./state --every 5m
  crawlctl lists status --state ./state
  crawlctl lists held --state ./state
  crawlctl lists release --state ./state 4711 --why "looked at: the picture is what the list says"
  crawlctl lists export --state ./state ours --format csv --to ours.csv""",
    ),
    Verb(
        "series",
        "crawlctl.verbs.series",
        "victims' series: entries, sightings, sites, first and last seen",
        """\
  crawlctl series ls --state ./state
  crawlctl series show --state ./state 0123456789abcdef0123456789abcdef
  crawlctl series show --state ./state 0123456789abcdef0123456789abcdef --purpose "case 7" --json""",
    ),
    Verb(
        "hosts",
        "crawlctl.verbs.hosts",
        "list or show hosts; pause, resume or slow one",
        """\
  crawlctl hosts ls --state ./state
  crawlctl hosts show --state ./state example.org
  crawlctl hosts pause --state ./state example.org --why "asked to wait"
  crawlctl hosts delay --state ./state example.org 10s""",
    ),
    Verb(
        "optout",
        "crawlctl.verbs.optout",
        "hosts and networks that are not to be crawled",
        """\
  crawlctl optout add --state ./state example.org --why "asked on 3 May" --until 2030-01-01
  crawlctl optout ls --state ./state
  crawlctl optout rm --state ./state example.org""",
    ),
    Verb(
        "migrate",
        "crawlctl.verbs.migrate",
        "make the databases of a cluster ready",
        """\
  PISAURA_POSTGRES_CRAWL=... PISAURA_POSTGRES_VAULT=... crawlctl migrate --settings pisaura.toml
  crawlctl migrate --settings pisaura.toml --check
  crawlctl migrate --sql > roles.sql     # then, as a superuser: psql -f roles.sql""",
    ),
    Verb(
        "topics",
        "crawlctl.verbs.topics",
        "make, check and list the topics of a cluster's log, or look into one",
        """\
  crawlctl topics create --settings pisaura.toml
  crawlctl topics check --settings pisaura.toml --json
  crawlctl topics ls --settings pisaura.toml
  crawlctl topics peek outcomes --last 3 --follow --settings pisaura.toml""",
    ),
    Verb(
        "dead",
        "crawlctl.verbs.dead",
        "messages that a reader could not handle: list, show, send again",
        """\
  crawlctl dead ls --settings pisaura.toml
  crawlctl dead show urls/3/1200 --settings pisaura.toml
  crawlctl dead retry --topic digests --settings pisaura.toml""",
    ),
    Verb(
        "report",
        "crawlctl.verbs.report",
        "figures of a period: what was examined, found, notified, removed, and how long it took",
        """\
  crawlctl report --state ./state --from 2026-10 --to 2026-10 --out october.html
  crawlctl report --state ./state --from 2026-10-01 --to 2026-12-31 --by provider --format csv
  crawlctl report --state ./state --from 2026-01 --to 2026-12 --by month --public --out year.html""",
    ),
    Verb(
        "tips",
        "crawlctl.verbs.tips",
        "URLs that the public told of: crawled first, nothing kept of who told",
        """\
  crawlctl tips add --state ./state --source web-form https://example.org/page
  crawlctl tips add --state ./state --source partner-line - < urls.txt""",
    ),
    Verb(
        "doctor",
        "crawlctl.verbs.doctor",
        "checks everything that a crawl depends on, and says what to do",
        """\
  crawlctl doctor --settings pisaura.toml
  crawlctl doctor --state ./state --json""",
    ),
    Verb(
        "settings",
        "crawlctl.verbs.settings",
        "the effective settings, and where each came from",
        """\
  crawlctl settings --settings pisaura.toml
  PISAURA_POLITENESS_DELAY=2s crawlctl settings --json
  crawlctl settings --example > pisaura.toml""",
    ),
    Verb(
        "try",
        "crawlctl.verbs.try_",
        "the deciding code by hand: no network, and no state but for match",
        """\
  crawlctl try url 'HTTP://Example.ORG:80/a/../b'
  crawlctl try robots robots.txt /private/page --agent Pisaura
  crawlctl try digest picture.jpg --json""",
    ),
    Verb(
        "frontier",
        "crawlctl.verbs.role",
        "serve as a frontier shard of a cluster, until stopped",
        """\
  crawlctl frontier --settings cluster.toml
  PISAURA_CLUSTER_LISTEN=0.0.0.0:9100 crawlctl frontier --settings cluster.toml""",
    ),
    Verb(
        "fetcher",
        "crawlctl.verbs.role",
        "serve as a fetcher of a cluster, until stopped",
        """\
  crawlctl fetcher --settings cluster.toml
  PISAURA_CLUSTER_KEYS=keys/fetcher.keys crawlctl fetcher --settings cluster.toml""",
    ),
    Verb(
        "hasher",
        "crawlctl.verbs.role",
        "serve as a hasher of a cluster, until stopped",
        """\
  crawlctl hasher --settings cluster.toml""",
    ),
    Verb(
        "notices",
        "crawlctl.verbs.notices",
        "serve as the notices role of a cluster; or preview, list, retry notices, switch sending",
        """\
  PISAURA_CLUSTER_KEYS=keys/notices.keys crawlctl notices --settings cluster.toml     # the role, until stopped
  crawlctl notices preview 4711 --state ./state
  crawlctl notices ls --in failed,bounced --settings cluster.toml
  crawlctl notices send --confirm --why "senders tested" --state ./state""",
    ),
    Verb(
        "cases",
        "crawlctl.verbs.cases",
        "cases on their way to removal: list, show, close, stop, hold",
        """\
  crawlctl cases ls --state ./state
  crawlctl cases show 4711 --purpose "asked by the host's abuse desk" --state ./state
  crawlctl cases close 4711 --why "a test picture" --settings cluster.toml""",
    ),
    Verb(
        "review",
        "crawlctl.verbs.review",
        "what people decide: the next case, decisions, releases, hand-offs, sums of the team",
        """\
  crawlctl review next --state ./state
  crawlctl review decide 4711 hold --basis metadata-only --why "asking the list's owner" --state ./state
  crawlctl review release --settings cluster.toml     # counts of exact cases that wait
  crawlctl review stats --from 30d --settings cluster.toml""",
    ),
    Verb(
        "recipients",
        "crawlctl.verbs.recipients",
        "who would be told of a place, and why; who is not to be told",
        """\
  crawlctl recipients lookup --state ./state https://example.org/pictures/1.jpg
  crawlctl recipients lookup --state ./state 192.0.2.7 --json
  crawlctl recipients stop ls --state ./state
  crawlctl recipients refresh --state ./state --settings pisaura.toml""",
    ),
    Verb(
        "partners",
        "crawlctl.verbs.partners",
        "hotlines of other countries: add one, or list them",
        """\
  crawlctl partners add --state ./state NL "Hotline of the Netherlands" --email report@hotline.example
  crawlctl partners ls --state ./state""",
    ),
    Verb(
        "shield",
        "crawlctl.verbs.shield",
        "serve providers, who ask before they publish, until stopped",
        """\
  crawlctl shield --state ./state --listen 127.0.0.1:8900
  crawlctl shield --settings cluster.toml      # over postgres.vault; metrics at cluster.listen
  crawlctl shield --state ./state --suspensions
  crawlctl shield --state ./state --why "these were the frames of a film" --lift example""",
    ),
    Verb(
        "keys",
        "crawlctl.verbs.keys",
        "accounts of people and providers; the key files of a cluster",
        """\
  crawlctl keys add anna --role analyst --state ./state > anna.key && chmod 600 anna.key
  crawlctl keys add "Host Inc" --role provider --state ./state
  crawlctl keys ls --state ./state
  crawlctl keys revoke anna-1a2b3c4d --state ./state --key bert.key
  crawlctl keys new ./keys
  crawlctl keys show ./keys/fetcher.keys
  crawlctl keys rotate --reseal --state ./state""",
    ),
    Verb(
        "audit",
        "crawlctl.verbs.audit",
        "who saw places and did what, and whether that record is as it was written",
        """\
  crawlctl audit show --state ./state --from 7d --person anna
  crawlctl audit verify --state ./state --anchor audit.anchor
  crawlctl audit anchor --state ./state --to audit.anchor""",
    ),
    Verb(
        "retention",
        "crawlctl.verbs.retention",
        "delete what has been kept long enough",
        """\
  crawlctl retention run --dry-run --state ./state
  crawlctl retention run --settings cluster.toml --json""",
    ),
    Verb(
        "size",
        "crawlctl.verbs.size",
        "what a rate of crawling needs: processes, Kafka, Postgres, disks, lines, and the first bottleneck",
        """\
  crawlctl size --pages-per-second 3000 --images-per-page 10 --known-urls 1e9
  crawlctl size --pages-per-second 50 --json
  crawlctl size --figures""",
    ),
)
BY_NAME: Final = {verb.name: verb for verb in VERBS}
