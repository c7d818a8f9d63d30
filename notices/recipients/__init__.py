"""Whom to tell about a place, and why: pure, from bytes that others have fetched to an answer (docs/domain.md, section 2).

In reading order: `emails` (addresses that may be written to), `jcard` (a contact as registries write it), `rdap` (answers of
registries), `networks` (the longest prefix), `bootstrap` (which registry to ask), `tables` (rows of TOML files), `overrides` (what the operator knows
better), `proxies` (networks that only forward), `securitytxt` (what a site says of itself), `findings` (all that was found out),
`choosing` (who is told).

Data beside them: RDAP bootstrap files (`*.json`, RFC 9224, made from IANA's registries) and `proxies.toml`;
`overrides.example.toml` shows what an operator may write.
"""
