"""Postgres: the embedded server of one state folder, and the two databases in it, or in any other server.

The server: `binaries`, `unprivileged` (who it runs as), `processes` (locks and signs of life), `layout` (its folder),
`configuration`, `complaints` (its log, in sentences), `server` (one server), `supervisor` (when to do what with it).
The databases: `databases` (roles and doors), `migrate`, `schema`, `queries` (`.sql` files by name), `connection`,
`ahead` (reading on while working), `crawl_setup`, `cluster_setup` (by connection string); the stores: `permits`, `packing`, `rows`, `crawl_store`, `frames`,
`vault_queries`, `vault_blocks`, `vault_frames`, `vault_store`, `vault_tallies`, `vault_standing`, `vault_guards`, `vault_entries`, `vault_lists`, `vault_people`, `vault_accounts`, `vault_audit`, `vault_reseal`, `vault_retention`,
`vault_pairs`, `vault_export`, `vault_desk`, `vault_shield`, `vault_opinions` (of providers), `vault_recipients`, `vault_reads`, `vault_scan`, `operator`; cases: `vault_caserows`, `vault_casetasks`, `vault_rechecks`, `vault_outbox`, `vault_replies`, `vault_cases`, `vault_casedesk` and `vault_review` (people and cases), `vault_watch` (what people should be told of), `vault_reports`; `inspection` (what `crawlctl doctor` asks).
SQL is in `crawl` and `vault`: migrations and one file a query; in `catalog` what is asked of both.
"""
