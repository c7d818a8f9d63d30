"""Answers of ThreatExchange's threat_updates. `following` is the path of the next page, `until` the last `last_updated`."""

import json
from collections.abc import Sequence
from typing import Any

from hasher.lists import ListEntry

TYPES = {"md5": "HASH_MD5", "sha1": "HASH_SHA1", "sha256": "HASH_SHA256", "pdq": "HASH_PDQ"}
STATUS = {"confirm": "MALICIOUS", "dispute": "NON_MALICIOUS"}
HOST = "https://graph.facebook.example"


def page(entries: Sequence[ListEntry], *, following: str = "", until: str = "1767323045") -> bytes:
    """An answer. Entries have one digest each. The real one repeats the caller's token in its link to the next page."""
    paging: dict[str, Any] = {"cursors": {"before": "QUFB", "after": "QkJC"}}
    if following:
        join = "&" if "?" in following else "?"
        paging["next"] = f"{HOST}{following}{join}access_token=THE-SECRET-TOKEN"
    return json.dumps({"data": [record(entry, int(until)) for entry in entries], "paging": paging}).encode()


def record(entry: ListEntry, timestamp: int) -> dict[str, Any]:
    """One indicator with its descriptors; of a deleted one only what a tombstone has."""
    answer: dict[str, Any] = {
        "id": entry.member_entry_id,
        "last_updated": timestamp,
        "should_delete": entry.deleted,
    }
    for algorithm, digest in entry.digests:
        answer["indicator"] = digest.hex()
        video = entry.media == "video" and algorithm == "md5"
        answer["type"] = "HASH_VIDEO_MD5" if video else TYPES[algorithm]
    if entry.deleted:
        return answer
    tags = entry.category.split(", ") if entry.category else []
    if entry.media:
        tags.append("media_type_video" if entry.media == "video" else "media_type_photo")
    said = [(STATUS[opinion.verdict], opinion.organisation, opinion.why) for opinion in entry.opinions]
    answer["descriptors"] = {
        "data": [
            {
                "id": f"{entry.member_entry_id}{number}",
                "owner": {"id": organisation.removeprefix("threatexchange:")},
                "status": status,
                "description": why,
                "tags": {"data": [{"id": str(place), "text": tag} for place, tag in enumerate(tags)]},
            }
            for number, (status, organisation, why) in enumerate(said or [("UNKNOWN", "threatexchange:1", "")])
        ]
    }
    return answer
