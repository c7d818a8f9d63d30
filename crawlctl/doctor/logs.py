"""Kafka: brokers, topics, who reads what and how far they are behind, dead letters, what processes say."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Final

from backends.kafka.brokers import About, Group
from backends.kafka.wanted import Difference
from contracts.cluster import Kafka
from contracts.notes import Heartbeat
from contracts.topics import DIGESTS, TOPICS
from crawlctl.doctor.findings import Finding, failed, ok, warning

FEW: Final = 5
STARTED_BY: Final = {"fetchers": "crawlctl fetcher", "hashers": "crawlctl hasher", "notices": "crawlctl notices"}
"""Consumer group -> what starts a member."""


def judge_addresses(check: str, complaints: Mapping[str, str]) -> Finding:
    """What came of connecting to each address of `kafka.bootstrap`: empty, or why it failed."""
    bad = {address: why for address, why in complaints.items() if why}
    if not bad:
        return ok(check, f"{', '.join(complaints)} can be connected to")
    said = "; ".join(f"{address}: {why}" for address, why in bad.items())
    todo = "look at the brokers, the network between, and kafka.bootstrap, kafka.tls and kafka.ca"
    return failed(check, said, todo) if len(bad) == len(complaints) else warning(check, said, todo)


def judge_brokers(check: str, about: About, settings: Kafka) -> Finding:
    """How many there are, against the copies that are asked for, and how they were reached."""
    login = f"logged in as {settings.username} by {settings.sasl}" if settings.sasl else "without login"
    version = "of Kafka 4.0 or later" if about.modern else "older than Kafka 4.0"
    found = f"{counted(about.brokers, 'broker')} {version}, {'with TLS' if settings.tls else 'without TLS'}, {login}"
    if about.brokers < settings.min_insync:
        return failed(
            check,
            f"{found}; kafka.min_insync = {settings.min_insync}, so nothing can be written",
            f"bring brokers back, until there are at least {settings.min_insync}",
        )
    if about.brokers < settings.replication:
        return failed(
            check,
            f"{found}; kafka.replication = {settings.replication} copies need as many",
            "bring brokers back; or lower kafka.replication, for a cluster that was never larger",
        )
    if settings.replication == 1:
        return warning(
            check, f"{found}; kafka.replication = 1: what a lost disk held is gone", "at least 3 brokers and copies"
        )
    if not about.modern:
        return warning(check, found, "tests run on 4.x; older ones may do")
    return ok(check, found)


def judge_topics(check: str, differences: Sequence[Difference], count: int) -> Finding:
    """What of the topics is not as their table has it."""
    if not differences:
        return ok(check, f"all of {count} are as they must be")
    missing = [one.topic for one in differences if one.what == "missing"]
    others = [
        f"{one.topic}: {one.what} is {one.found}, not {one.wanted}" for one in differences if one.what != "missing"
    ]
    said = [f"{len(missing)} are missing ({_few(missing)})"] * bool(missing)
    said += [f"{len(others)} differences ({_few(others)})"] * bool(others)
    mends = all(one.raises for one in differences)
    todo = "run `crawlctl topics create`" if mends else "`crawlctl topics check` says for each difference what to do"
    return failed(check, "; ".join(said), todo)


def judge_readers(check: str, groups: Sequence[Group], partitions: Mapping[str, int], behind: int) -> list[Finding]:
    """Groups by the topics that they read. `behind`: records of digests above which shards order no more media."""
    found = []
    there = {TOPICS[group.topic].group for group in groups if group.members}
    for group in groups:
        name = TOPICS[group.topic].group
        who = f"[{group.topic}] is read by {name} ({group.members}), {counted(group.lag, 'record')} behind"
        if not group.members and group.lag:
            found.append(
                failed(
                    check,
                    f"{counted(group.lag, 'record')} in [{group.topic}], which nobody reads",
                    f"start `{STARTED_BY[name]}`",
                )
            )
        elif not group.members and name in there:
            found.append(ok(check, f"[{group.topic}] is empty, and {name} of this release do not read it"))
        elif not group.members:
            found.append(warning(check, f"nobody reads [{group.topic}]", f"start `{STARTED_BY[name]}`"))
        elif group.topic == DIGESTS and group.lag > behind:
            found.append(
                warning(check, f"{who}: pictures and videos are ordered slowly", "start more `crawlctl hasher`")
            )
        elif group.members > partitions.get(group.topic, group.members):
            found.append(
                warning(check, f"{who}, of whom some have no partition", f"fewer `{STARTED_BY[name]}` do the same")
            )
        elif group.state not in ("Stable", ""):
            found.append(
                warning(check, f"{who}; the group is in state {group.state}", "ask again: members come or go just now")
            )
        else:
            found.append(ok(check, who))
    return found


def judge_letters(check: str, waiting: Mapping[str, int]) -> Finding:
    """Dead letters that nobody has sent again, by topic."""
    there = {topic: count for topic, count in waiting.items() if count}
    if not there:
        return ok(check, "none wait")
    said = ", ".join(f"{count} of [{topic}]" for topic, count in there.items())
    return warning(
        check, said, "`crawlctl dead ls` tells why; `crawlctl dead retry` sends again what its reader can handle now"
    )


def judge_processes(check: str, beats: Sequence[Heartbeat], max_skew: float, note: str) -> list[Finding]:
    """The last word of each process that is there."""
    if note:
        return [warning(check, note, "see the check of Kafka")]
    if not beats:
        return [
            warning(check, "none has been heard in the last seconds", "start frontier, fetcher, hasher and notices")
        ]
    roles = Counter(beat.role for beat in beats)
    found = []
    off = [f"{beat.process} by {beat.skew:+.1f} s" for beat in beats if abs(beat.skew) > max_skew]
    if off:
        found.append(
            failed(
                check,
                f"clocks are off by more than {max_skew:g} s: {_few(off)}",
                "put the clocks of these machines right (NTP)",
            )
        )
    waiting = [f"{beat.role} {beat.process}: {beat.waits_for}" for beat in beats if beat.waits_for]
    if waiting:
        found.append(
            warning(check, f"{len(waiting)} wait: {_few(waiting)}", "docs/operations.md has a line for each reason")
        )
    return found or [ok(check, f"{', '.join(f'{count} {role}' for role, count in sorted(roles.items()))}; none waits")]


def counted(count: int, what: str) -> str:
    """`1 broker`, `2 brokers`."""
    return f"{count} {what}{'' if count == 1 else 's'}"


def _few(items: Sequence[str]) -> str:
    return "; ".join(items[:FEW]) + (f"; and {len(items) - FEW} more" if len(items) > FEW else "")
