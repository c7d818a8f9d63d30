"""When a sync of a list is not believed: what it brought or took back then waits for two people (domain, section 1).

Limits are those of `contracts.settings.Lists`.
"""


def takes_back_too_much(deleted: int, carried: int, share: float) -> bool:
    """Whether a sync that deleted so many of the entries that the list carried when it began must wait for two people: "any
    sync that [...] deletes more than 1 % of a list"."""
    return deleted > share * carried


def multiplies_match_rate(new: int, earlier: int, factor: float, floor: int) -> bool:
    """Whether entries that came with one import match too much: "any sync that multiplies the match rate by ten".

    `new` are the places that they match and `earlier` those that the list's other entries match in the same time. Never up to `floor`
    places: a small list may well double or treble by one picture.
    """
    return new > floor and new + earlier >= factor * earlier
