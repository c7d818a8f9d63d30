"""One order at a time: requests, bodies, links and digests, exactly as the order says. A fetcher decides nothing.

Here belongs whatever touches bytes from the web before they are judged, except decoding media (`hasher`, reached through
`contracts.ports.Digester`). Only `service` and `client` know a loop or a socket; what reads hostile bytes is pure, bounded and
never raises.

In the order an item meets them: `service` (takes orders), `request`, `addresses` (the guard), `client` (names, connections,
requests), `certificate`, `decoding`, `response`, `headers`, `outcome`; then what is in a body: `sniff`, `charset`, `census`,
`html`, `places`, `kinds`, `srcset`, `refresh`, `lazy`, `scripts`, `css`, `xml`, `feeds`, `legacy`, `sinks`, `links` (the front
door of extraction), `textkey`; and what leaves: `recent` (links met lately), `pages` (links by partition).
"""
