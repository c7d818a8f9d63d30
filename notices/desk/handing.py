"""Acts that hand a case to the hotline's own assessment tool, and take its answer (docs/domain.md, section 2)."""

from hashlib import blake2b
from typing import Final

from contracts.casedesk import CaseFile, EvidenceLine, Handoff
from contracts.cases import CaseState, Decision
from contracts.errors import Corrupt, UsageError
from contracts.people import Identity, may
from notices.desk import handoff, sight
from notices.desk.further import Answer, Handed, HandoffKeys
from notices.desk.handoff import Explained, HandedOff, Tool
from notices.desk.office import Denied, Office, said
from notices.desk.reviewing import decided
from notices.desk.words import Asked, Became, CaseAsked, Place

ASSESSED: Final = "assessed-in-hotline-tool"
EARLY: Final = 300.0
"""Seconds by which the tool's clock may be ahead of ours, or behind it."""
REFERENCE: Final = 16


def tool_of(office: Office) -> Tool:
    """The tool. UsageError if none is set up."""
    if office.tool is None:
        raise UsageError("review.handoff is not set, the TOML file of the assessment tool (docs/operations.md)")
    return office.tool


async def keys(office: Office, who: Identity, asked: Asked, now: float) -> HandoffKeys:
    """Our public keys, for whoever sets up the tool."""
    return HandoffKeys(handoff.signing_key(office.keys).verify_key.encode().hex(), office.keys.public.hex())


async def hand(office: Office, who: Identity, asked: CaseAsked, now: float) -> Handed:
    """Hand a case in review to the tool, with its exact place: that counts as the person's read of it. The same person hands the
    same case over once in a round; again it is the same file's reference."""
    tool = tool_of(office)
    file = await office.store.file(asked.case)
    if file.case.state != CaseState.IN_REVIEW:
        raise UsageError(f"case {asked.case} is {file.case.state}, and waits for no review")
    place = sight.place(file, office.opener)
    if not place.shown:
        raise UsageError(f"case {asked.case} cannot be handed over: {place.why}")
    if not may(who, "cases.reveal"):
        raise Denied(f"{who.name} is {who.role}, and sees no places")
    purpose = " ".join(asked.purpose.split()) or "hand-off to the assessment tool"
    await office.trail.acted(who, "review.handoff", str(asked.case), purpose, 1 + len(place.pages), now)
    reference = reference_of(office, file, who)
    content = handed(file, place, await office.store.evidence(asked.case), tool, reference, office.operator.name, now)
    await office.store.add_handoff(
        Handoff(reference, asked.case, file.case.round, file.case.sha256, who.name, now)
    )  # before it goes: an answer is never to a file that nobody knows of
    where = await office.hand_over(
        tool, f"case-{asked.case}-{reference.hex()}.handoff", handoff.packed(content, tool, office.keys)
    )
    return Handed(asked.case, reference.hex(), where)


def reference_of(office: Office, file: CaseFile, who: Identity) -> bytes:
    """By which the answer names what it answers: nobody guesses it, and the same hand-off has the same."""
    what = f"{file.case.case_id} {file.case.round} {who.account} {who.name}".encode("utf-8", "surrogatepass")
    return blake2b(what, key=office.keys.secret, digest_size=REFERENCE, person=b"handoff-ref").digest()


def handed(
    file: CaseFile,
    place: Place,
    evidence: list[EvidenceLine],
    tool: Tool,
    reference: bytes,
    organisation: str,
    now: float,
) -> HandedOff:
    """What the tool is told of a case."""
    case, medium = file.case, file.medium
    return HandedOff(
        reference.hex(), tool.public_key.lower(), case.case_id, case.sha256.hex(), now, organisation, place.url, place.address,
        place.pages, case.first_seen or case.opened_at, case.confirmed_at, medium.media_type, medium.size, case.kind, case.near,
        [
            Explained(e.name, e.lists, e.standing, e.category, e.legality, e.near, e.algorithm, e.distance, e.band)
            for e in evidence
        ],
    )  # fmt: skip


async def take(office: Office, who: Identity, asked: Answer, now: float) -> Became:
    """What the tool says counts as the decision of the person whom it names, who must have an account that may decide, on the basis
    assessed-in-hotline-tool. UsageError, which says why, for an answer that is not believed or counts no more."""
    tool = tool_of(office)
    try:
        answer = handoff.answered(asked.answer, tool, office.keys)
        reference = bytes.fromhex(answer.reference)
    except (Corrupt, ValueError) as error:
        raise UsageError(f"this answer is not believed: {error}") from None
    sent = await office.store.handoff(reference)
    if sent is None or (sent.case, sent.sha256.hex()) != (answer.case, answer.sha256.lower()):
        raise UsageError("this answer is to nothing that was handed over from here")
    file = await office.store.file(sent.case)
    if file.case.round != sent.round:
        raise UsageError(
            f"case {sent.case} has been appealed or came back since it was handed over: hand it over again"
        )
    if not sent.at - EARLY <= answer.at <= now + EARLY:
        raise UsageError("this answer is from before the hand-off, or from the future: look at the tool's clock")
    named = await office.accounts(answer.person)
    if named is None or not may(named, "review.decide"):
        raise UsageError(
            "the answer names nobody who has an account here that may decide; `crawlctl keys add` makes one"
        )
    word = Decision(
        named.name, named.account, answer.decision, ASSESSED, now, said(answer.why or "assessed", "why"), file.case.round,
        file.case.entry_id,
    )  # fmt: skip
    await office.trail.acted(who, "review.take", str(sent.case), f"an answer of {named.name}", 0, now)
    became = await decided(office, named, file, word, now)
    await office.store.answered(reference, named.name, now)
    return became
