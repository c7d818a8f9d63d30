"""Tests of what `crawlctl lists` does, without a database; with one: tests/integration/verbs/test_lists.py."""
