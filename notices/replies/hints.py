"""What a text seems to want, by a few plain rules in English and French. Only a hint: "removed" only triggers a re-check, an appeal
stops notices until somebody has decided, and all else is for people (docs/domain.md, section 2)."""

import re
from typing import Final

from contracts.notices import APPEAL, OTHER, QUESTION, REMOVED

ENCODED: Final = "[encoded data, thrown away]"
_BELOW: Final = re.compile(
    r"^(?:-{2,}\s*(?:original|forwarded) message|-{2,}\s*message (?:d'origine|transféré)|_{10,}|from:\s|de\s?:\s|"
    r"on\b.{5,200}\bwrote:|le\b.{5,200}\ba écrit\s?:|"
    r"we are .{1,200}, a hotline in\b|nous sommes .{1,200}, un service de signalement\b)",
    re.IGNORECASE,
)
"""Where the message that is answered begins."""
_APPEAL: Final = re.compile(
    r"\b(?:we|i)\s+(?:\w+\s+)?(?:appeal|dispute|contest|object)\b|\bfile an appeal\b|\bcounter-?notice\b|\bfalse positive\b|"
    r"\b(?:notice|report|claim) is (?:wrong|incorrect|mistaken|erroneous|unfounded)\b|"
    r"\b(?:nous|je)\s+(?:\w+\s+)?(?:contest|fais(?:ons)? (?:appel|recours)|conteste)|\bfaux positif\b|"
    r"\b(?:introdui\w+|former|déposer|formons) (?:un )?recours\b|\bnotification (?:est )?(?:erronée|infondée)\b",
    re.IGNORECASE,
)
_GONE: Final = r"(?:removed|deleted|taken down|disabled|suspended|terminated|taken offline)"
_PARTI: Final = r"(?:retiré|supprimé|effacé|désactivé|suspendu|bloqué|mis hors ligne)e?s?"
_REMOVED: Final = re.compile(
    rf"\b(?:ha(?:s|ve)(?: now| already| since)?(?: been)?|was|were|(?:is|are) (?:now|already)|we(?:'ve)?) {_GONE}\b|"
    rf"\b(?:a|ont|avons|ai) (?:bien |déjà |désormais )?(?:été )?{_PARTI}\b|\b(?:est|sont) (?:désormais|maintenant) {_PARTI}\b",
    re.IGNORECASE,
)
_UNSURE: Final = re.compile(
    r"\b(?:if|once|when|unless|until|not|never|cannot|can't|unable|no longer our|will be|to be|before|after)\b|n't\b|"
    r"\b(?:si|une fois|quand|lorsque|sauf|avant|après|pas|jamais|sera|seront|impossible)\b|\bn'(?:a|ont|avons|est)\b",
    re.IGNORECASE,
)
_QUESTION: Final = re.compile(
    r"\?|\b(?:please|could you|can you|kindly) (?:provide|send|clarify|confirm|tell|specify)\b|"
    r"\b(?:merci de|veuillez|pouvez-vous|pourriez-vous) (?:nous )?(?:fournir|envoyer|préciser|confirmer|indiquer)\b",
    re.IGNORECASE,
)
_SENTENCE: Final = re.compile(r"(?<=[.!?;])\s+|\n")
_DATA: Final = re.compile(r"[A-Za-z0-9+/=_-]{200,}")
_CODED: Final = re.compile(r"[!-`]{45,}|[A-Za-z0-9+/=]{45,}")
_CODED_LINES: Final = 3


def kind_of(text: str) -> str:
    """`appeal`, `question`, `removed` or `other`. What is quoted does not count; a doubtful "removed" is no removal, and one with a
    question is for people."""
    own = own_words(text)
    if _APPEAL.search(own):
        return APPEAL
    if _QUESTION.search(own):
        return QUESTION
    if any(_REMOVED.search(one) and not _UNSURE.search(one) for one in _SENTENCE.split(own)):
        return REMOVED
    return OTHER


def own_words(text: str) -> str:
    """What the writer wrote: without quoted lines, and nothing from where the answered message begins."""
    own: list[str] = []
    for line in text.splitlines():
        if _BELOW.match(line.strip()[:400]):
            break
        if not line.lstrip().startswith((">", "|")):
            own.append(line[:2000])
    return "\n".join(own)


def without_data(text: str) -> str:
    """The text without blocks of encoded data: a picture pasted as base64 or uuencode is no text, and is not kept."""
    kept: list[str] = []
    block: list[str] = []
    for line in [*text.splitlines(), ""]:
        if _CODED.fullmatch(line.strip()):
            block.append(line)
            continue
        kept += [_DATA.sub(ENCODED, one) for one in block] if len(block) < _CODED_LINES else [ENCODED]
        block = []
        kept.append(_DATA.sub(ENCODED, line))
    return "\n".join(kept).strip()
