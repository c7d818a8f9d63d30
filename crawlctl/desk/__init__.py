"""How verbs come to the desk (`notices.desk`): in-process over a state, or through the notices role's API in a cluster.

In reading order: `offices` (what acts are given), `local` (over --state), `serving` (the API in the notices role), `remote` (through the API), `choice` (which of them),
`cases`, `reviews`, `outgoing` (what the verbs `cases`, `review` and `notices` do), `printing` (what they show).
"""
