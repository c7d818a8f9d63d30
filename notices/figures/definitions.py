"""What each figure of a report means, in the order in which they are shown (docs/domain.md, section 5)."""

from typing import Final

from msgspec import Struct


class Definition(Struct, frozen=True):
    """A figure: its name in JSON and CSV, how it is headed for people, its unit, and what it means."""

    name: str
    title: str
    unit: str
    meaning: str


DEFINITIONS: Final = (
    Definition("media", "Distinct media", "media", "Different media (by SHA-256) that an entry of a list of kind csam explains and that were seen in the period."),
    Definition("verified", "of them verified", "media", "Explained by an exact match of a verified entry, or confirmed by people."),
    Definition("suspect", "of them suspect", "media", "Explained by a near match or by an entry that nobody verified; nobody has confirmed them."),
    Definition("disputed", "of them disputed", "media", "Explained only by entries that an organisation disputes."),
    Definition("new", "New", "media", "Distinct media that were never seen anywhere before the period."),
    Definition("clusters", "Clusters", "entries", "Different leading entries: copies and edits of one picture count once."),
    Definition("series", "Victim series", "series", "Different series of the entries that explain what was seen."),
    Definition("hosts", "Hosts", "hosts", "Different hosts on which it was seen."),
    Definition("cases", "Cases opened", "cases", "Different (URL, medium) that were found in the period."),
    Definition("notices", "Notices", "notices", "Notices that their recipients' servers accepted in the period, reminders and retractions included, and those of a dry run. One tells of up to 200 places. Not told apart by category or series."),
    Definition("notified", "Cases notified", "cases", "Cases of which a notice was first accepted in the period; one that came back and was told of again counts once."),
    Definition("notified_media", "Media notified", "media", "Different media of those cases."),
    Definition("removed", "Removed", "cases", "Times that a case was gone in the period, by two absences at least 24 hours apart, after a notice was accepted."),
    Definition("removed_unasked", "Gone unasked", "cases", "Cases that were gone without or before an accepted notice; they count in no removal time."),
    Definition("one_route", "seen by one route", "cases", "Of the cases gone, those whose absence was seen by one route only: it may be hidden from us alone."),
    Definition("unverifiable", "Unverifiable", "cases", "Open at the period's end, and the last three looks said nothing (blocked, time-outs, errors)."),
    Definition("open", "Open", "cases", "Not gone and not closed at the period's end, whenever they were found."),
    Definition("watched", "Cases in the removal time", "cases", "Cases whose first notice was accepted in the period, except those that were gone before it."),
    Definition("median", "Median removal time", "seconds", "From the first accepted notice to the first of the two absences, by Kaplan and Meier: cases that are still open count as lasting longer. Empty if less than half is removed."),
    Definition("p90", "90 % removed within", "seconds", "Likewise for nine of ten."),
    Definition("within_week", "Removed within 7 days", "share", "The share removed within 7 days, likewise."),
    Definition("over_week", "Over 7 days", "cases", "Of those cases, removed, but only after more than 7 days."),
    Definition("open_ages", "Open by age", "cases", "Open cases by how long ago they were found; what never goes is among the oldest."),
    Definition("gone", "Gone", "cases", "Times that a case was gone in the period; one that came back and was gone again counts twice."),
    Definition("back", "Back", "cases", "Of the times gone in the period, those after which the same medium (SHA-256) or entry was at the same provider again within 90 days."),
)  # fmt: skip

EXAMINED: Final = (
    Definition("pages", "Pages examined", "pages", "Pages fetched and read in the period; one that is fetched again counts again."),
    Definition("examined", "Media examined", "media", "Pictures and videos fetched and digested in the period; one that is fetched again counts again."),
)  # fmt: skip
"""Figures of the whole crawl, which are not told apart."""

NAMED: Final = {one.name: one for one in (*EXAMINED, *DEFINITIONS)}
