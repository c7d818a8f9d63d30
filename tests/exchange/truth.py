"""What a simulated source holds: entries with their times of change, which change while they are read."""

import random
from dataclasses import dataclass, field

from msgspec.structs import replace

from contracts.lists import Opinion
from hasher.lists import ListEntry

START = 1_700_000_000


@dataclass
class Time:
    """One clock for source and client; pauses move it, nobody waits."""

    now: float = START + 86_400.0

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        """Let time pass at once."""
        self.now += seconds


@dataclass
class Row:
    """An entry and when it was changed last, in seconds."""

    entry: ListEntry
    changed: int


@dataclass
class Truth:
    """The source's entries. Everything about them is decided by the seed."""

    kind: str
    seed: int
    time: Time
    rows: dict[str, Row] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.chance = random.Random(f"{self.kind} {self.seed}")

    def fill(self, count: int, span: int = 80_000) -> None:
        """So many entries, half of them changed in one second."""
        for number in range(count):
            self.put(START + (7 if number % 2 else self.chance.randrange(span)))

    def put(self, changed: int) -> None:
        """A new entry."""
        entry = self._entry()
        self.rows[entry.member_entry_id] = Row(entry, changed)

    def change(self, late: int = 300) -> None:
        """Something happens: an entry comes (perhaps late, with an old time stamp), is described anew, goes, or comes back."""
        now = int(self.time.now)
        what = self.chance.random()
        if what < 0.4 or not self.rows:
            self.put(now - self.chance.randrange(late))
            return
        row = self.rows[self.chance.choice(sorted(self.rows))]
        entry = row.entry
        if what < 0.6:
            entry = replace(entry, deleted=not entry.deleted)
        elif what < 0.8:
            entry = replace(entry, opinions=self._opinions())
        elif self.kind == "ncmec":
            more = ("sha1", self.chance.randbytes(20))
            entry = replace(entry, digests=(*entry.digests, more), category=self.chance.choice(("A1", "B2")))
        self.rows[entry.member_entry_id] = Row(entry, now)

    def _entry(self) -> ListEntry:
        chance = self.chance
        pdq = ("pdq", chance.randbytes(32))
        if self.kind == "ncmec":
            digests = (("md5", chance.randbytes(16)), ("sha1", chance.randbytes(20)), pdq)[: chance.randint(1, 3)]
            media = chance.choice(("image", "video"))
            name = f"id-{chance.randrange(1 << 60)}"
            return ListEntry(
                f"ncmec:{chance.choice((7, 42))}", name, digests, chance.choice(("A1", "A2", "B1")), media=media,
                opinions=self._opinions(),
            )  # fmt: skip
        if self.kind == "stopncii":
            video = chance.random() < 0.3
            digest = ("md5", chance.randbytes(16)) if video else pdq
            name = f"{'VideoMD5' if video else 'ImagePDQ'}:{digest[1].hex()}"
            return ListEntry("stopncii", name, (digest,), opinions=self._opinions())
        digest = chance.choice((pdq, ("md5", chance.randbytes(16)), ("sha256", chance.randbytes(32))))
        name = str(10**15 + chance.randrange(10**15))
        return ListEntry("threatexchange", name, (digest,), media="image", opinions=self._opinions())

    def _opinions(self) -> tuple[Opinion, ...]:
        count = self.chance.randrange(3)
        members = self.chance.sample((11, 12, 13, 14), count)
        verdicts = self.chance.choices(("confirm", "dispute"), k=count)
        return tuple(
            Opinion(f"{self.kind}:{member}", verdict, "" if verdict == "confirm" else "not what it says")
            for member, verdict in zip(members, verdicts, strict=True)
        )
