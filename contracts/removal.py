"""Settings of what follows a match: notices, re-checks, review, retention, and what providers may ask (docs/domain.md, 2 to 5)."""

from dataclasses import dataclass

from contracts.options import DAY, HOUR, KIB, MIB, setting

YEAR = 365 * DAY
MINUTE = 60.0


@dataclass(frozen=True)
class Operator:
    """Who sends notices. Senders refuse to start without name, country, mandate, contact and appeal address."""

    name: str = setting("", "text", "legal name of the hotline")
    country: str = setting("", "text", "country whose law it works under (ISO 3166-1 alpha-2)")
    mandate: str = setting("", "text", "what entitles it to send notices, in one sentence")
    contact: str = setting("", "text", "e-mail address for questions about a notice")
    appeal: str = setting("", "text", "address (e-mail or URL) where anyone told may appeal")
    languages: list[str] = setting(["en"], "words", "languages of notices, the first for who has named none (en, fr)")


@dataclass(frozen=True)
class Notices:
    """When and how notices are sent. The default writes them to a folder and sends nothing."""

    sender: str = setting(
        "folder", "text", "where notices go: a folder (a dry run), or really out by e-mail and webhook",
        choices=("folder", "live"),
    )  # fmt: skip
    folder: str = setting("", "text", "folder of the dry run; empty: notices/ in the state")
    anchor: str = setting(
        "",
        "text",
        "file to which the end of the audit is added each hour; empty: audit.anchor in the state, in a cluster nowhere",
    )
    auto: bool = setting(
        False, "bool", "exact cases that pass every rule are told at once; else a supervisor releases them in bulk"
    )
    api: str = setting("", "text", "URL of the notices role's API, for verbs in a cluster")
    api_listen: str = setting("", "ip:port", "where the notices role serves that API; empty: nowhere")
    api_certificate: str = setting("", "text", "file of the API's certificate; needed off loopback")
    api_key: str = setting("", "text", "file of that certificate's private key")
    api_ca: str = setting("", "text", "file of the authorities that the API's certificate must come from, for verbs")
    hook_secret: str = setting(
        "",
        "secret",
        "secret that a mail provider shows when it posts bounces and replies to the API; empty: it may not",
    )
    smtp_host: str = setting("", "text", "mail server that takes our notices")
    smtp_port: int = setting(587, "1", "port of that mail server", least=1, most=65535)
    smtp_user: str = setting("", "text", "whom to log in as; empty for not at all")
    smtp_password: str = setting("", "secret", "its password; better given by the environment than in a file")
    smtp_from: str = setting("", "text", "sender's address; empty: operator.contact")
    smtp_tls: str = setting(
        "starttls", "text", "how the connection is secured; none only to loopback", choices=("starttls", "tls", "none")
    )
    smtp_ca: str = setting(
        "", "text", "file of the authorities that its certificate must come from; the system's if empty"
    )
    dkim_selector: str = setting("", "text", "DKIM selector; empty for no signature")
    dkim_key: str = setting("", "text", "file of the DKIM private key (PEM)")
    webhooks: str = setting("", "text", "TOML file of providers' APIs: URL, secret file, by recipient")
    mailbox: str = setting("", "text", "Maildir where bounces and replies arrive; empty for none")
    routes: str = setting(
        "", "text", "CSV file of routes (country, hosting country, category, route); empty: the shipped one"
    )
    overrides: str = setting("", "text", "TOML file of recipients that are known better than the registries do")
    proxies: str = setting("", "text", "TOML file of reverse proxies' networks; empty: the shipped one")
    rdap: str = setting("", "text", "folder of RDAP bootstrap files (RFC 9224); empty: the shipped ones")
    rdap_rate: float = setting(1.0, "1/s", "most queries a second to one RDAP server", least=0.001)
    rdap_age: float = setting(7 * DAY, "seconds", "time for which an answer of RDAP is believed")
    baseline_within: float = setting(5 * MINUTE, "seconds", "first notice of a baseline case goes out within")
    others_within: float = setting(HOUR, "seconds", "first notice of other cases goes out within")
    recipient_every: float = setting(HOUR, "seconds", "shortest time between two notices to one recipient", least=0)
    places: int = setting(200, "1", "most places of one notice", least=1, most=1000)
    entry_recipients: int = setting(5, "1", "recipients that are told of one entry in its first day", least=1)
    per_day: int = setting(2_000, "1", "notices a day in all; above it: held, with an alert", least=1)
    fresh: float = setting(6 * HOUR, "seconds", "a case was seen by the same digest at most so long before its notice")
    remind: float = setting(3 * DAY, "seconds", "time after a notice, until a reminder of what still stays", least=0.1)
    reminders: int = setting(2, "1", "reminders before people are asked what to do", most=10)
    retract_within: float = setting(DAY, "seconds", "a notice about a withdrawn entry is taken back within")
    tries: int = setting(10, "1", "attempts to hand a notice over before people are asked", least=1)


@dataclass(frozen=True)
class Rechecks:
    """When it is looked again whether media is gone."""

    every: float = setting(DAY, "seconds", "time between re-checks until it is gone", least=0.1)
    apart: float = setting(DAY, "seconds", "two absences must lie so far apart to mean gone", least=0.1)
    day: float = setting(
        DAY,
        "seconds",
        "length of a day in the looks 1, 7, 30 and 90 days after it is gone; shorter in demonstrations",
        least=0.01,
    )
    unknowns: int = setting(3, "1", "answers in a row that say nothing, after which a case is unverifiable", least=1)
    placeholder_cases: int = setting(
        3, "1", "cases of a host that show one picture, which then is a placeholder", least=2
    )
    distance: int = setting(40, "bits", "PDQ distance from what was seen within which it is still there", most=64)
    patience: float = setting(30 * MINUTE, "seconds", "time without an answer after which it is asked again", least=1)
    per_host: int = setting(20, "1", "re-checks asked for at a time of one host", least=1)
    cover: float = setting(
        0.1,
        "1",
        "share of re-checks besides that look at media without any match, so that a re-check says nothing",
        most=1,
    )
    routes: list[str] = setting(
        [],
        "words",
        "other routes, as NAME=http://HOST:PORT of an HTTP proxy: an absence is confirmed by the first of them",
    )


@dataclass(frozen=True)
class Review:
    """What people are asked, and how much of it a day."""

    daily_places: int = setting(200, "1", "places revealed to one person a day at most", least=1)
    tips_daily: int = setting(200, "1", "tips taken of one source a day", least=1)
    handoff: str = setting(
        "", "text", "TOML file of the hotline's assessment tool: folder or webhook, and its public key"
    )
    oidc_issuer: str = setting("", "text", "issuer whose tokens are believed; empty for none")
    oidc_audience: str = setting("", "text", "audience that its tokens must name")
    oidc_keys: str = setting("", "text", "file of the issuer's public keys (JWKS, RFC 7517)")
    oidc_roles: str = setting("roles", "text", "claim that names a person's role")


@dataclass(frozen=True)
class Retention:
    """How long things are kept (docs/domain.md, section 4); legal holds stop deletion."""

    sightings: float = setting(180 * DAY, "seconds", "sightings without a match")
    cases: float = setting(YEAR, "seconds", "cases after they are gone or closed, with their keys")
    replies: float = setting(YEAR, "seconds", "what recipients answered")
    audit: float = setting(7 * YEAR, "seconds", "lines of the audit")
    shield: float = setting(30 * DAY, "seconds", "matches of providers' questions")


@dataclass(frozen=True)
class Shield:
    """What providers may ask, and how often."""

    listen: str = setting("127.0.0.1:8900", "ip:port", "where providers are served")
    certificate: str = setting("", "text", "file of the server's certificate; needed off loopback")
    key: str = setting("", "text", "file of that certificate's private key")
    media_bytes: int = setting(64 * MIB, "bytes", "largest picture or video that is looked at", least=KIB)
    batch: int = setting(1_000, "1", "digests of one question", least=1, most=100_000)
    rate: float = setting(100.0, "1/s", "questions of one key a second", least=0.01)
    burst: int = setting(200, "1", "questions of one key at once", least=1)
    daily: int = setting(5_000_000, "1", "questions of one key a day", least=1)
    near_daily: int = setting(500, "1", "distinct near answers of one key a day", least=1)
    circling: int = setting(
        50, "1", "questions near each other, on both sides of a match, that suspend near answers", least=2
    )
    circle_bits: int = setting(64, "bits", "how near those are to each other", most=128)
    url_hosts: list[str] = setting([], "patterns", "hosts that v1/url may fetch from; empty: none")
    connections: int = setting(256, "1", "questions answered at a time", least=1)
