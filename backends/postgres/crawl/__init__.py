"""SQL of the database `crawl`: `migrations/`, the shard's `queries/`, and `operator/`, what `crawlctl` asks."""
