"""What `crawlctl doctor` finds out from real services."""
