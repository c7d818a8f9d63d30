"""Tests of hasher.sources."""
