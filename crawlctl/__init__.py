"""The operator's hand: the command line, and the only place where the roles meet.

Here belong arguments, settings files, what people read on a terminal, and `wiring`. Nothing that decides about a URL, a host
or a match: a verb asks the roles' own code, so that `crawlctl explain` and the crawl never disagree.

In reading order: `cli`, `registry`, `arguments`, `verbs` (one module each); `units`, `times`, `schema`, `places`, `settings`,
`contact`, `words` (what was asked for); `state` (the folder), `wiring` (all roles in one process), `live` (what it says of
itself), `roles` (each in a process of its own), `access` (a state beside a running crawl, or a cluster), `tokens` and `identity` (who asks), `accounts`, `rotation`, `audit`, `lists`, `senders` (of notices), `recipient_files` and `recipients` (who is told), `office`, `stops` (who is not), `desk` (people and cases);
`status`, `members`, `hoststate`, `hosts`, `explain`, `outlook`, `ancestry`, `matches`, `letters`, `heartbeats` (answers);
`doctor` (is everything in order?); `progress`, `summary`, `report`, `output` (how they are shown), `reporting` (figures of a period); `tries` (the deciding code
by hand); `costs`, `sizing` (how large a cluster must be).
"""
