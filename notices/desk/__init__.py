"""The desk: what people do with cases, reviews and notices. The same acts are done in-process over a state and through the notices
role's API (`notices.api`); a browser console comes on them too. They know no clock and no database: `now` and ports are arguments.

In reading order: `words` and `further` (what each act asks and answers), `office` (what acts are given), `sight` (what somebody may see),
`casing` (cases), `reviewing` (the next one, decisions, sums of the team), `releasing` (in bulk, and held matches), `handoff` (files for
the assessment tool, and its answers), `handing`, `client` (puts them there), `noticing` (notices), `table` (all acts, and who may).
"""
