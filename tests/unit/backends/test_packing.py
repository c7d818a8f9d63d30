"""`backends.postgres.packing`: what was found together travels together, and comes out as it went in."""

from backends.postgres.connection import connect
from backends.postgres.crawl_store import PostgresCrawlStore
from backends.postgres.packing import FOUND_ON, packed
from contracts.crawl import NewUrl, Transaction
from tests.postgres import Database


def _row(n: int, path: str, *, host: int = 1, found_on: list[bytes] | None = None, at: float = 5.0) -> NewUrl:
    return 7, host, bytes([n]) * 16, True, path, 0, 2, 1, [b"p" * 26] if found_on is None else found_on, at, 4, 6.0


def test_rows_of_one_page_are_one_element() -> None:
    columns = packed([_row(1, "/a"), _row(2, "/b?c"), _row(3, "/d", host=2)])
    assert columns == [
        [7, 7],
        [1, 2],
        [True, True],
        [0, 0],
        [2, 2],
        [1, 1],
        [b"p" * 26] * 2,
        [5000, 5000],
        [b"\1" * 16 + b"\2" * 16, b"\3" * 16],
        ["/a\n/b?c", "/d"],
    ]


def test_a_line_end_in_a_path_shifts_nothing() -> None:
    assert packed([_row(1, "/a\nb"), _row(2, "/c")])[9] == ["/a%0Ab\n/c"]


def test_no_more_pages_are_kept_than_said() -> None:
    pages = [bytes([n]) * 26 for n in range(FOUND_ON + 3)]
    assert packed([_row(1, "/a", found_on=pages)])[6] == [b"".join(pages[:FOUND_ON])]


async def test_rows_come_out_of_the_tables_as_they_went_in(crawl_database: Database) -> None:
    rows = [
        _row(1, "/a"),
        _row(2, '/b?"{}\\,x=%20'),
        _row(2, "/twice"),
        _row(3, "/c", host=2, found_on=[bytes([n]) * 26 for n in range(3)]),
        _row(4, "/d", host=2, found_on=[]),
    ]
    connection = await connect(crawl_database.dsn("pisaura_frontier"), hot=True)
    store = PostgresCrawlStore(connection)
    try:
        committed = await store.commit(Transaction(urls=rows))
        told = await connection.fetch("SELECT * FROM urls ORDER BY url_id")
        queued = await connection.fetch("SELECT * FROM queue ORDER BY url_id")
        assert not (await store.commit(Transaction(urls=rows))).new_by_host
        # What is known as a page is no new picture.
        other = _row(5, "/e.jpg")
        assert (await store.commit(Transaction(media=[*rows, other]))).new_by_host == {1: 1}
        media = await connection.fetch("SELECT * FROM media_urls")
        places = await connection.fetch("SELECT * FROM queue WHERE media")
    finally:
        await store.close()
    assert committed.new_by_host == {1: 2, 2: 2}
    assert [row["path"] for row in told] == ["/a", '/b?"{}\\,x=%20', "/c", "/d"]
    assert [row["found_on"] for row in told] == [[b"p" * 26], [b"p" * 26], [bytes([n]) * 26 for n in range(3)], []]
    assert {(row["https"], row["found_at"], row["depth"], row["hops"]) for row in told} == {(True, 5000, 2, 1)}
    assert [(row["due_at"], row["lane"], row["url_id"][0]) for row in queued] == [(6000, 4, n) for n in (1, 2, 3, 4)]
    assert [row["path"] for row in media] == ["/e.jpg"]
    assert [row["url_id"] for row in places] == [b"\5" * 16]
