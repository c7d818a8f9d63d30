"""Answers of StopNCII's FetchHashes. `following` is the token of the next page, `until` the `nextSetTimestamp`."""

import json
from collections.abc import Sequence
from typing import Any

from hasher.lists import ListEntry

FEEDBACK = {"confirm": "Blocked", "dispute": "NotBlocked", "withdraw": "Withdrawn"}


def page(entries: Sequence[ListEntry], *, following: str = "", until: str = "1767323045") -> bytes:
    """An answer. Entries have one digest each: a PDQ of a picture, or an MD5 of a video."""
    answer = {
        "count": len(entries),
        "nextPageToken": following or None,
        "nextSetTimestamp": int(until),
        "hasMoreRecords": bool(following),
        "hashRecords": [record(entry, int(until)) for entry in entries],
    }
    return json.dumps(answer).encode()


def record(entry: ListEntry, timestamp: int) -> dict[str, Any]:
    """One record, as its source would give it."""
    signal, _, value = entry.member_entry_id.partition(":")
    status = "Deleted" if entry.deleted else "Active"
    return {
        "lastModtimestamp": timestamp,
        "hashValue": value,
        "hashStatus": status,
        "caseNumbers": {"00000000-0000-0000-0000-000000000001": status},
        "signalType": signal,
        "hashRegions": ["UK"],
        "CSPFeedbacks": [
            {
                "source": opinion.organisation.removeprefix("stopncii:"),
                "feedbackValue": FEEDBACK[opinion.verdict],
                "tags": opinion.why.split(", ") if opinion.why else [],
            }
            for opinion in entry.opinions
        ],
    }
