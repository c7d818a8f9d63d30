"""SQL of the database `vault`: `migrations/` and `queries/`."""
