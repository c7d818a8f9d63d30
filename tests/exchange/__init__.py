"""Answers of the sources that answer in pages, rendered from entries: pure, for tests of readers and for simulators.

In reading order: `ncmec` (XML), `stopncii` and `threatexchange` (JSON).
"""
