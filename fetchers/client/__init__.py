"""The fetcher's hand on the network: names, connections, requests. It decides nothing; the order says what and how much.

In reading order: `resolve` (addresses of a host, through the guard), `tls`, `reach` (an address, also through a proxy), `connection` (one exchange),
`pool`, `fetch` (an item of an order in, a `Response` or `Failure` out).
"""

from fetchers.client.fetch import Client

__all__ = ["Client"]
