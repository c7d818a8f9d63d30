"""What a source's own word says: one data file for each scheme, with its sources named; all of them are under review.

In reading order: `scheme` (files to rows, held to the closed sets), `classify` (a word to its fields, and several sources
together).
"""

from hasher.schemes.classify import Classified, agree, classify, vics_profile

__all__ = ["Classified", "agree", "classify", "vics_profile"]
