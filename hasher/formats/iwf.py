"""Tables as IWF, INHOPE and Interpol's ICSE hand them out: `;` or `,`, with or without a byte order mark, quoted or not, as
UTF-8, UTF-16 or from Windows.

What is assumed. ICSE's baseline export has the header `MD5;SHA1;PhotoDNA;Image ID;Is distributed;Victim identified;Offender
identified;Series name;Number of submissions;File Available;Media Type;Baseline` (as open forensic tools read it). IWF's and
INHOPE members' tables have no published layout: their usual names of the same columns are taken, in any order and case, each
optional as long as one holds a digest. Other columns are left alone. A yes under `Baseline` is
the category "baseline" where no other column has a category. Categories are read as IWF's, else as INHOPE's words; another word
holds the entry as unmapped. PhotoDNA is kept, never matched.
Whoever gets another layout writes a mapping (`hasher.formats.mapping`) and takes the format csv.
"""

from collections.abc import Iterable, Iterator
from typing import Final

from hasher.formats import csv
from hasher.formats.format import About
from hasher.formats.mapping import AUTO, Columns, parse
from hasher.lists import Batch

COLUMNS: Final = Columns(
    {
        "id": ("image id", "imageid", "image_id", "hash id", "hashid", "hash_id", "media id", "mediaid", "id", "guid"),
        "md5": ("md5", "md5 hash", "md5hash", "md5_hash"),
        "sha1": ("sha1", "sha-1", "sha1 hash", "sha1hash", "sha1_hash"),
        "sha256": ("sha256", "sha-256", "sha256 hash", "sha256hash", "sha256_hash"),
        "pdq": ("pdq", "pdq hash", "pdqhash", "pdq_hash"),
        "photodna": ("photodna", "photo dna", "photodna hash", "pdna"),
        "category": ("category", "severity", "grade", "assessment", "classification"),
        "baseline": ("baseline",),
        "series": ("series name", "series", "seriesname", "victim series"),
        "note": ("note", "notes", "comment", "comments", "remarks"),
        "member": ("source", "organisation", "organization", "hotline", "country", "provider"),
        "size": ("file size", "filesize", "size", "media size"),
        "media": ("media type", "mediatype", "file type", "type", "mime type"),
        "deleted": ("deleted", "removed", "withdrawn"),
        "generated": ("generated", "ai generated", "synthetic"),
    },
    delimiter=AUTO,
    encoding=AUTO,
    schemes=("iwf", "inhope"),
    lenient=True,
)


def read(chunks: Iterable[bytes], about: About) -> Iterator[Batch]:
    """As `hasher.formats.csv.read`. A mapping of the list's goes before the one that is built in."""
    return csv.read_by(chunks, about, parse(about.mapping) if about.mapping else COLUMNS)
