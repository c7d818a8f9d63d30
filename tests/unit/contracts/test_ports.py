"""How far records were read."""

from contracts.messages import HostMatched
from contracts.ports import Record, offsets_after


def test_each_partition_is_read_to_after_its_last_record() -> None:
    message = HostMatched("a.test", 7)
    records = [Record("urls", 0, 4, message), Record("outcomes", 0, 9, message), Record("urls", 0, 5, message)]
    records.append(Record("urls", 3, 0, message))
    assert offsets_after(records) == {("urls", 0): 6, ("outcomes", 0): 10, ("urls", 3): 1}
    assert offsets_after([]) == {}
