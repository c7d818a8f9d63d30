"""Tests of notices.senders."""
