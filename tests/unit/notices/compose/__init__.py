"""Tests of notices.compose."""
