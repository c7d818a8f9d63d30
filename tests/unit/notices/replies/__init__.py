"""Tests of notices.replies."""
