"""Who is told of a place: by the class of what was found, never by itself the site, and with every refusal named.

The order is: whom the operator's overrides name; the reverse proxy, where the address is one of its own; the host of the network.
Networks upstream, registrars and site operators are known and shown, and a person may decide to tell them (docs/domain.md, section 2).
"""

from collections import Counter
from collections.abc import Iterable
from typing import Final

from contracts.recipients import EMAIL, TOLD, Finding, LookedUp, Recipient
from contracts.sites import hostname, is_address, site_of
from notices.recipients.emails import domain_of, within
from notices.recipients.findings import MAXMIND, OVERRIDES, RDAP, Found
from notices.recipients.overrides import Override
from notices.recipients.proxies import CLASS as PROXY
from notices.recipients.rdap import Contact, by_role

REGISTRIES: Final = frozenset(
    {
        "afrinic.net", "apnic.net", "arin.net", "iana.org", "idnic.net", "irinn.in", "lacnic.net", "nic.ad.jp", "nic.or.kr",
        "cnnic.cn", "ripe.net", "twnic.tw", "vnnic.vn",
    }
)  # fmt: skip
"""Registries of addresses. Where only they are named, nobody is: they host nothing, and pass nothing on."""
AGREE: Final = 2
"""Methods that must say the same country."""
NOBODY: Final = "nothing is known of who hosts it"
INSIDE: Final = "it lies inside the reported site's own domain"


def choose(found: Found, now: float) -> LookedUp:
    """The answer of a look-up, with its reasoning. Same findings, same answer."""
    choice = _Choice(found, now)
    leading = choice.lead()
    countries = _countries(found)
    country = agreed(countries)
    others = tuple(one for one in choice.others() if leading is None or one.key != leading.key)
    why = "" if leading else "; ".join(dict.fromkeys(choice.whys)) or NOBODY
    plain = "" if leading else "; ".join(dict.fromkeys(choice.plain)) or NOBODY
    said = ", ".join(f"{method} {code}" for method, code in countries) or "nothing"
    choice.note("countries", hostname(found.host), f"{said}; {f'agreed on {country}' if country else 'no two agree'}")
    choice.note("choice", hostname(found.host), f"{leading.klass} {leading.key}" if leading else f"nobody: {why}")
    return LookedUp(leading, others, countries, country, why, (*found.evidence, *choice.notes), now, plain)


def agreed(countries: Iterable[tuple[str, str]]) -> str:
    """The country that at least two methods name; "" if none is, or if two are.

    "Hosting country needs two agreeing methods, else hold."
    """
    counted = Counter(code for _, code in dict(countries).items() if code)
    often = [code for code, times in counted.items() if times >= AGREE]
    return often[0] if len(often) == 1 else ""


def deciding(overrides: Iterable[Override]) -> Override | None:
    """The first row that says whom to tell, or that nobody is told; rows that only know a country do not."""
    return next((one for one in overrides if one.never or one.recipient), None)


def settled(found: Found) -> bool:
    """Whether the overrides say it all, so that no registry needs to be asked whom to tell."""
    first = deciding(found.overrides)
    return first is not None and (bool(first.never) or _refusal(first.recipient, found.host, by_operator=True) == "")


class _Choice:
    """Collects the steps and refusals of one choice. `plain` are `whys` without anything that leads to the place."""

    def __init__(self, found: Found, now: float) -> None:
        self._found, self._now = found, now
        self.notes: list[Finding] = []
        self.whys: list[str] = []
        self.plain: list[str] = []

    def _because(self, why: str, plain: str = "") -> None:
        self.whys.append(why)
        self.plain.append(plain or why)

    def note(self, source: str, asked: str, said: str) -> None:
        self.notes.append(Finding(source, asked, said, self._now))

    def lead(self) -> Recipient | None:
        found = self._found
        first = deciding(found.overrides)
        if first is not None and first.never:
            self._because(f"the overrides say never ({first.where}): {first.never}", "the overrides say never")
            return None
        if first is not None and (
            named := self._allowed(first.recipient, first.where, "a recipient of the overrides", by_operator=True)
        ):
            return named
        if not found.address:
            self._because("its server address is not known")
            return None
        if found.proxy is not None:
            self.note("proxies", found.address, f"a network of {found.proxy.name}, which only forwards")
            if found.proxy.recipient is not None:
                return self._allowed(found.proxy.recipient, f"proxies: {found.proxy.name}", "the reverse proxy")
            return self._of_network(PROXY)
        if found.refused and found.network is None:
            self._because(f"{found.address} is not a public address: {found.refused}", "its address is not public")
            return None
        return self._of_network("host")

    def others(self) -> list[Recipient]:
        """Whom it is known of besides, each once: not told by themselves."""
        found = self._found
        known = [one.recipient for one in found.overrides if one.recipient]
        for klass, holder in (("network", found.upstream), ("registrar", found.registrar)):
            if holder is not None:
                name, contacts = holder.name, holder.contacts
                addresses = [address for _, contact in by_role(contacts) for address in contact.emails]
                addresses += [address for contact in contacts for address in contact.emails]
                known += [email_recipient(klass, name, address, holder.country) for address in addresses[:1]]
        known += [email_recipient("site-operator", domain_of(address), address) for address in found.operators]
        return list({one.key: one for one in reversed(known)}.values())[::-1]

    def _of_network(self, klass: str) -> Recipient | None:
        """Whoever the registry names for the network, as a recipient of this class."""
        found = self._found
        if found.network is None:
            why = found.unasked or "no registry knows the network of its address"
            self._because(why, "its address is not public" if found.address and found.address in why else why)
            return None
        net = found.network
        self.note(
            RDAP, found.address, f"network {net.name or net.handle} {net.start} to {net.end}, {_about(net.contacts)}"
        )
        for role, contact in by_role((*found.more, *net.contacts)):
            for address in contact.emails:
                nation = contact.country or net.country
                name = contact.name or net.name or net.handle
                named = email_recipient(klass, name, address, nation)
                where = f"{role} contact of the network"
                if self._allowed(named, where, where):
                    self.note("roles", found.address, f"{role} contact {address}")
                    return named
        faulty = sum(contact.faulty for contact in net.contacts)
        if not any(contact.emails for _, contact in by_role((*found.more, *net.contacts))):
            bad = f" ({faulty} cannot be written to)" if faulty else ""
            self._because(f"the registry names no contact with an e-mail address for its network{bad}")
        if found.registrar is not None:
            self._because("only a registrar is known, which is never told by itself")
        return None

    def _allowed(
        self, named: Recipient | None, where: str, plain: str, *, by_operator: bool = False
    ) -> Recipient | None:
        """The recipient, unless a rule refuses it; then the refusal is named. `plain` is `where` without a host or network."""
        if named is None:
            return None
        refusal = _refusal(named, self._found.host, by_operator=by_operator)
        if not refusal:
            return named
        whole = f"{refusal} {site_of(self._found.host)}" if refusal == INSIDE else refusal
        self.note("refused", where, f"{named.key}: {whole}")
        self._because(f"{named.contact} ({where}) is refused: {whole}", f"{plain} is refused: {refusal}")
        return None


def _refusal(named: Recipient | None, host: str, *, by_operator: bool) -> str:
    """Why a recipient gets nothing by itself, "" if it may."""
    if named is None:
        return "nobody is named"
    if named.klass not in TOLD:
        return f"a {named.klass} is never told by itself"
    if named.channel != EMAIL:
        return ""
    if within(named.contact, host) and not (by_operator and named.klass == "platform"):
        return INSIDE
    if not by_operator and site_of(domain_of(named.contact)) in REGISTRIES:
        return "it is a registry's own, which hosts nothing"
    return ""


def email_recipient(klass: str, name: str, address: str, nation: str = "") -> Recipient:
    """Somebody who is told by e-mail; `address` as `emails.email` gives it."""
    return Recipient(f"{EMAIL}:{address}", klass, name or address, EMAIL, address, nation)


def _countries(found: Found) -> tuple[tuple[str, str], ...]:
    """Hosting countries by method, where a method says one."""
    curated = next((one.hosting for one in found.overrides if one.hosting), "")
    registered = found.network.country if found.network else ""
    said = ((RDAP, registered), (MAXMIND, found.country), (OVERRIDES, curated))
    return tuple((method, code) for method, code in said if code)


def _about(contacts: tuple[Contact, ...]) -> str:
    roles = Counter(role for contact in contacts for role in contact.roles if contact.emails)
    return (
        "contacts " + ", ".join(f"{role} {count}" for role, count in sorted(roles.items())) if roles else "no contact"
    )


def asks_for(host: str) -> str:
    """The registered domain that a registry may be asked for; "" where the URL names an address."""
    name = hostname(host)
    return "" if is_address(name) else site_of(host)
