"""Whether a found URL belongs to the crawl: scope, opt-outs, depth, redirects, budgets, and which parameters are dropped.

Asked in three steps, so that nothing is worked out per link that can be per host: `host_verdict` once per host of a
message, `hops_verdict` once per message, `path_verdict` and `budget_verdict` per link. `admit` asks all of them, for
`explain` and for tests. Every refusal names the rule that made it.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from typing import Final

from contracts.errors import UsageError
from contracts.messages import NOFOLLOW
from contracts.notes import Control
from contracts.parameters import Cleaner
from contracts.refusals import Reason, Refusal, refuse
from contracts.settings import Settings
from contracts.urls import Url, hostname, parse, site_of
from frontier.controls import Controls, Word
from frontier.pathrules import PathRules
from frontier.patterns import spell_path, spell_pattern

_HOSTS_KEPT: Final = 65_536


class Policy:
    """The rules of one set of settings, and the operators' controls so far. UsageError for a rule that cannot be meant."""

    def __init__(self, settings: Settings, controls: Iterable[Control] = ()) -> None:
        scope = settings.scope
        self._settings = settings
        self._include_sites = {_host(site): site for site in scope.include_sites}
        self._exclude_sites = {_host(site): site for site in scope.exclude_sites}
        self._include_hosts = _Patterns(scope.include_hosts)
        self._exclude_hosts = _Patterns(scope.exclude_hosts)
        self._include_paths = _paths("scope.include_paths", scope.include_paths)
        self._exclude_paths = _paths("scope.exclude_paths", scope.exclude_paths)
        self._any_path = not (scope.include_paths or scope.exclude_paths)
        self._any_host = not (scope.include_sites or scope.exclude_sites or scope.include_hosts or scope.exclude_hosts)
        self._judged: Callable[[str, str], Refusal | None] = lru_cache(_HOSTS_KEPT)(self._judge_host)
        self._nofollow = None if scope.follow_nofollow else refuse(Reason.NOFOLLOW, "scope.follow_nofollow = false")
        self._media_hosts = _Patterns(settings.politeness.media_hosts)
        self._clean = Cleaner(settings.traps.drop_parameters)
        self._controls = Controls()
        self.control(controls)

    def control(self, controls: Iterable[Control]) -> None:
        """Take in operators' controls, in the order in which they were given."""
        self._controls.take(controls)

    def word_on(self, host: str, now: float) -> Word:
        """What operators say about a host now: pause and delay."""
        return self._controls.word_on(host, now)

    def orders_out(self, host: str) -> int:
        """How many orders may be out to a host: one, unless it is named as a host of media (design, rule 2)."""
        return self._settings.politeness.media_orders if self._media_hosts.match(host) is not None else 1

    def host_verdict(self, host: str, site: str, now: float, addresses: Sequence[str] = ()) -> Refusal | None:
        """OPTED_OUT (by host, parent domain, or a network that an address is in), SCOPE_EXCLUDED, SCOPE_NOT_INCLUDED."""
        if self._controls.blocking and (refused := self._controls.block_of(host, addresses, now)):
            return refused
        return None if self._any_host else self._judged(host, site)

    def hops_verdict(self, depth: int, hops: int) -> Refusal | None:
        """DEPTH or REDIRECT_HOPS, for all links of a message."""
        limits = self._settings.limits
        if depth > limits.depth:
            return refuse(Reason.DEPTH, f"limits.depth = {limits.depth}")
        if hops > limits.redirects:
            return refuse(Reason.REDIRECT_HOPS, f"limits.redirects = {limits.redirects}")
        return None

    def loop_verdict(self, url_id: bytes, chain: Sequence[bytes]) -> Refusal | None:
        """REDIRECT_LOOP if the URL is one of those whose redirects led to it."""
        if url_id in chain:
            return refuse(Reason.REDIRECT_LOOP, f"the same URL {len(chain) - chain.index(url_id)} redirects before")
        return None

    def path_verdict(self, path: str, flags: int = 0) -> str | Refusal:
        """Path and query without the dropped parameters, or NOFOLLOW, SCOPE_EXCLUDED, SCOPE_NOT_INCLUDED."""
        if flags & NOFOLLOW and self._nofollow is not None:
            return self._nofollow
        if "?" in path or ";" in path:
            path = self._clean(path)
        if self._any_path:
            return path
        spelt = spell_path(path)
        scope = self._settings.scope
        if self._exclude_paths and (mark := self._exclude_paths.decide(spelt)[0]) >= 0:
            return refuse(Reason.SCOPE_EXCLUDED, f"scope.exclude_paths: {scope.exclude_paths[mark >> 1]}")
        if self._include_paths and self._include_paths.decide(spelt)[0] < 0:
            return refuse(Reason.SCOPE_NOT_INCLUDED, f"scope.include_paths: none of {len(scope.include_paths)} matches")
        return path

    def budget_verdict(self, host_urls: int, site_urls: int, queued: int) -> Refusal | None:
        """HOST_BUDGET, SITE_BUDGET or QUEUE_FULL; the arguments count what there is already."""
        budgets = self._settings.budgets
        if host_urls >= budgets.host_urls:
            return refuse(Reason.HOST_BUDGET, f"budgets.host_urls = {budgets.host_urls}")
        if site_urls >= budgets.site_urls:
            return refuse(Reason.SITE_BUDGET, f"budgets.site_urls = {budgets.site_urls}")
        if queued >= budgets.queued:
            return refuse(Reason.QUEUE_FULL, f"budgets.queued = {budgets.queued}")
        return None

    def admit(
        self,
        url: Url,
        now: float,
        *,
        flags: int = 0,
        depth: int = 0,
        hops: int = 0,
        addresses: Sequence[str] = (),
        host_urls: int = 0,
        site_urls: int = 0,
        queued: int = 0,
    ) -> str | Refusal:
        """Path and query of a URL that belongs to the crawl, or the first refusal in the order of the road."""
        return (
            self.host_verdict(url.host, site_of(url.host), now, addresses)
            or self.hops_verdict(depth, hops)
            or (path if isinstance(path := self.path_verdict(url.path, flags), Refusal) else None)
            or self.budget_verdict(host_urls, site_urls, queued)
            or path
        )

    def _judge_host(self, host: str, site: str) -> Refusal | None:
        name = hostname(host)
        if site in self._exclude_sites:
            return refuse(Reason.SCOPE_EXCLUDED, f"scope.exclude_sites: {self._exclude_sites[site]}")
        if pattern := self._exclude_hosts.match(name) or self._exclude_hosts.match(host):
            return refuse(Reason.SCOPE_EXCLUDED, f"scope.exclude_hosts: {pattern}")
        if self._include_sites and site not in self._include_sites:
            return refuse(Reason.SCOPE_NOT_INCLUDED, f"scope.include_sites: {site} is not listed")
        if self._include_hosts and not (self._include_hosts.match(name) or self._include_hosts.match(host)):
            return refuse(Reason.SCOPE_NOT_INCLUDED, f"scope.include_hosts: {host} is not listed")
        return None


class _Patterns:
    """Host patterns, in which `*` matches any run of characters."""

    def __init__(self, patterns: Sequence[str]) -> None:
        self._exact = {_host(pattern): pattern for pattern in patterns if "*" not in pattern}
        self._wild = [
            (re.compile(".*".join(map(re.escape, re.split(r"\*+", pattern.lower().removesuffix("."))))), pattern)
            for pattern in patterns
            if "*" in pattern
        ]

    def __bool__(self) -> bool:
        return bool(self._exact or self._wild)

    def match(self, host: str) -> str | None:
        """The first pattern, as written, that matches the whole host."""
        host = host.removesuffix(".")
        return self._exact.get(host) or next((text for wild, text in self._wild if wild.fullmatch(host)), None)


def _host(text: str) -> str:
    """A host or site as canonical URLs have it; UsageError if it cannot be one."""
    url = parse(f"http://{text.strip()}/")
    if isinstance(url, Refusal) or url.path != "/":
        raise UsageError(f"scope: {text!r} is no host or site; write it like example.org")
    name = hostname(url.host)
    return (name if url.host in (name, f"[{name}]") else url.host).removesuffix(".")


def _paths(name: str, patterns: Sequence[str]) -> PathRules | None:
    for pattern in patterns:
        if not spell_pattern(_octets(pattern)):
            raise UsageError(f"{name}: {pattern!r} can match no path; a pattern begins with / or *")
    return PathRules((_octets(pattern), False, at) for at, pattern in enumerate(patterns)) if patterns else None


def _octets(pattern: str) -> str:
    return pattern.encode("utf-8", "replace").decode("latin-1")
