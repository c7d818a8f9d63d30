"""What may be fetched, and when: one pure state machine per shard, and a shell that serves it.

Here belongs every decision about URLs, hosts and addresses. The frontier fetches nothing, reads no list, no sighting and no
match; of a match it learns the host, no more. Only `service` knows a loop, a log or a store; all else is a function of
(event, now, chance).

In the order a URL meets them: `intake` (what arrived, in slices), `admission` (found links to queued URLs), `policy` with
`controls` (scope, opt-outs, budgets), `patterns` and `pathrules` (paths against patterns), `shapes`, `traps` and `yields`
(endless spaces), `workbench` (whose turn it is), `issue` and `orders` (from a turn to an order), `politeness` and `pace`
(how gently, how fast), `robotstxt`, `robots` and `errands` (what the owner says, and how we learn it), `rechecks` (media looked at again), `outcomes` and
`results` (what came of it), `recrawl` (when again), `shard` (the state they share), `residents` (which hosts are in memory),
`events` and `machine` (event in, commands out), `ownership` (who serves which partition), `service` (carries it all out).
"""
