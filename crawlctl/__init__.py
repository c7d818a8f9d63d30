"""The operator's hand: the command line, and the only place where the roles meet.

Here belong arguments, settings files, what people read on a terminal, and `wiring`. Nothing that decides about a URL, a host
or a match: a verb asks the roles' own code, so that `crawlctl explain` and the crawl never disagree.

In reading order: `cli`, `registry`, `verbs` (one module each); `units`, `schema`, `places`, `settings`, `contact` (what was
asked for); `state` (the folder), `wiring` (all roles in one process), `lists`, `access`; `live`, `progress`, `summary`,
`matches`, `times`, `output` (what is shown); `tries` (the deciding code by hand).
"""
