"""Tests of hasher.exchange."""
