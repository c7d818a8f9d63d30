"""The shared language: what all packages may import, and the only thing that they share.

Here belong words (structs, enums, protocols, tables of names) and the pure functions that every role must agree on: what a
URL is, whose it is, how a message is written, how a place is sealed. No I/O, no clock, no driver, no decision of one role.
The one exception to "no chance" is `seal`, whose library draws the keys of sealed boxes.

In reading order: `urls` (canonical form, ids), `parameters` (which query parameters are dropped), `join` (all links of a
page at once), `sites` (site, bucket, partition), `errands`, `notes` and `messages`, `codec` (messages as bytes), `topics`, `refusals` (every "no"),
`faults` (what can go wrong with a request), `errors`, `options`, `cluster`, `removal` and `settings`, `metrics`, `health`, `hashes` (of a stream), `seal`, `casekeys`, `replykeys`, `auditing`, `location`, `crawl`, `store`, `lists` with `standing` and `guards`, `desk` (people and lists), `people` (who may do what), `cases`, `caserows`, `casestore`, `casedesk` (people and cases), `recipients`, `notices` (what becomes of a match), `shielding` (what providers ask), `vault` and `tallies` (rows and
stores of the two databases), `figures` (of reports), `snapshots` (of an index), `ports` (what roles need from outside).
"""
