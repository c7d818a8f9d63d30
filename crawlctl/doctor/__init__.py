"""What `crawlctl doctor` looks at: each check asks something, bounded in time, and judges the answer by pure code.

In reading order: `findings` (what a check came to, and how one is carried out), `given` (settings, contact), `keyfiles`, `guard`
(the address guard), `machine` (this machine's limits), `certificates` and `cases` (what the notices role and Shield are given), `clocks`, `logs` (Kafka), `databases` (Postgres), `permissions` (who may do
what there), `logvisits` and `visits` (what is asked of brokers and databases), `rounds` (all checks, in their order).
"""
