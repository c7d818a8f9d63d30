"""What providers may ask before they publish: is this known? Nothing that they send is kept, nothing that they are told is an oracle.

In reading order: `questions` (what is asked), `bodies` (how large and how slow), `auth` (who asks), `limits` (how often), `circling`
(whether an entry is being sounded), `keys` (all of that for one account), `pseudonyms`, `answers` (what is told), `openapi` (all of it
described), `service` (the work, over `contracts.shielding`'s ports), `api` (HTTP). Only `service` and `api` are not pure.
"""
