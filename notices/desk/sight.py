"""What somebody may see of a case: its place for a purpose only, and no word of another reviewer while it counts."""

from ipaddress import ip_address
from typing import Final

from msgspec.structs import replace

from contracts.casedesk import CaseFile, CaseLine, EvidenceLine, HappenedLine, NoticeLine
from contracts.casekeys import open_with
from contracts.caserows import REASONING
from contracts.cases import Case, CaseState, Decision
from contracts.errors import Corrupt
from contracts.people import Identity
from contracts.seal import Opener
from notices import reviews
from notices.desk.words import CaseShown, Checks, Place, Said, Told

SEALED: Final = "sealed; say why you need it with --purpose"
DESTROYED: Final = "its key was destroyed, or cannot be opened with these keys"


def opened(file: CaseFile, opener: Opener) -> str:
    """What is known of a case's places. Corrupt if its key is gone or is not for us."""
    return open_with(opener.open_bytes(file.wrapped), file.sealed)


def place_of(text: str) -> Place:
    """An opened text: URL, server address, pages, each on a line of its own."""
    url, _, rest = text.partition("\n")
    address, _, pages = rest.partition("\n")
    return Place(True, "", url, address, [page for page in pages.split("\n") if page])


def on_loopback(place: Place) -> bool:
    """Whether it was served by this machine: such places are shown plainly."""
    try:
        return ip_address(place.address).is_loopback
    except ValueError:
        return False


def place(file: CaseFile, opener: Opener) -> Place:
    """A case's place, opened, whoever asks; `shown` is false and `why` says why where it cannot be."""
    if not file.sealed:
        return Place(False, DESTROYED)
    try:
        return place_of(opened(file, opener))
    except Corrupt:
        return Place(False, DESTROYED)


def same(who: Identity, name: str, account: int) -> bool:
    """Whether that is this person: one account, or one name."""
    return reviews.name_of(name) == reviews.name_of(who.name) or (account != 0 and account == who.account)


def decisions(case: Case, who: Identity) -> tuple[Decision, ...]:
    """The decisions that somebody may see. "The second reviewer does not see the first's word": while people still decide, none
    but one's own, until one has spoken."""
    if (
        case.state != CaseState.IN_REVIEW
        and len({one.person for one in case.decisions if one.round == case.round}) != 1
    ):
        return case.decisions
    return reviews.visible(case, who.name, who.account)


def history(case: Case, lines: list[HappenedLine], who: Identity) -> list[HappenedLine]:
    """The history without the lines of those whose words are not to be seen. A hidden line leaves no gap: who decides is not told
    that anybody has."""
    seen = decisions(case, who)
    hidden = [one for one in case.decisions if one not in seen]
    if not hidden:
        return lines
    names, since = {one.person for one in hidden}, min(one.at for one in hidden)
    return [line for line in lines if line.person not in names or int(line.at) < int(since)]


def unsealed(file: CaseFile, lines: list[HappenedLine], opener: Opener, *, places: bool) -> list[HappenedLine]:
    """Lines whose sealed words are opened, as far as the case's key is there; those that name site and address only for who sees
    its `places`."""
    return [
        replace(line, why=_words(file, line, opener) if places or line.what != REASONING else SEALED, sealed=b"")
        if line.sealed
        else line
        for line in lines
    ]


def _words(file: CaseFile, line: HappenedLine, opener: Opener) -> str:
    try:
        return open_with(opener.open_bytes(file.wrapped), line.sealed) or line.why
    except Corrupt:
        return line.why


def shown(
    file: CaseFile,
    place: Place,
    evidence: list[EvidenceLine],
    lines: list[HappenedLine],
    notices: list[NoticeLine],
    who: Identity,
) -> CaseShown:
    """A case for a person: everything but its media, and but what they may not see."""
    case = file.case
    return CaseShown(
        line=line_of(file),
        sha256=case.sha256.hex(),
        medium=file.medium,
        place=place,
        evidence=evidence,
        decisions=[Said(d.person, d.decision, d.basis, d.why, d.at, d.round) for d in decisions(case, who)],
        told=[
            Told(
                target.recipient, target.klass, "page" if target.place else "media", target.why, target.told_at, target.sent_at,
                target.notices, target.bounced,
            )
            for target in case.targets
        ],
        notices=notices,
        checks=Checks(
            case.checked_at, case.confirmed_at, file.next_check, file.asked_at, case.unknowns,
            [absence.at for absence in case.absences], case.one_route,
        ),
        history=history(case, lines, who),
        stops=[f"{stop.scope}: {stop.authority}" for stop in case.stops],
        released_by=list(case.released_by),
        successor=case.successor,
    )  # fmt: skip


def line_of(file: CaseFile) -> CaseLine:
    """A case as one line."""
    case = file.case
    leading = next((target.recipient for target in case.targets if not target.place and not target.former), "")
    return CaseLine(
        case.case_id, case.state, file.since, case.kind, case.near, case.category, case.legality, case.country, leading, case.why,
        file.next_check, case.opened_at, case.notified_at, case.accepted_at, case.gone_at, case.back_at, case.one_route, case.paused,
        case.legal_hold,
    )  # fmt: skip
