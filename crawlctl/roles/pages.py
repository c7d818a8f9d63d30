"""Which pages embed media, from the crawl's database: what `notices.service.Pages` asks, where that database is ours to read."""

from collections.abc import Mapping, Sequence
from typing import Final

from backends.postgres.connection import close, connect
from backends.postgres.operator import OperatorStore
from contracts.sites import bucket_of
from contracts.urls import Url, host_id, ref, unref, url_id

MOST: Final = 8
"""Pages of one medium."""


class CrawlPages:
    """`notices.service.Pages` over a connection for each batch of new cases: they are rare."""

    def __init__(self, dsn: str) -> None:
        self._dsn = dsn

    async def pages_of(self, urls: Sequence[Url]) -> Mapping[str, Sequence[str]]:
        """Up to `MOST` URLs of pages by the media's URL."""
        if not urls:
            return {}
        references = {ref(bucket_of(url.host), host_id(url.host), url_id(url.text)): url.text for url in urls}
        connection = await connect(self._dsn, name="pisaura-pages", serving=True)
        try:
            store = OperatorStore(connection)
            found = await store.found_on([unref(reference) for reference in references])
            known = await store.locations(sorted({page for pages in found.values() for page in pages[:MOST]}))
        finally:
            await close(connection)
        return {
            url.text: [known[page] for page in found.get(url_id(url.text), [])[:MOST] if page in known] for url in urls
        }
