"""Answers of the sources that answer in pages, rendered from entries: pure, for tests of readers and for simulators; and the
simulators, real servers on 127.0.0.1.

In reading order: `ncmec` (XML), `stopncii` and `threatexchange` (JSON); `truth` (what a source holds, changing), `faults` (what
goes wrong), `server` (the sources over HTTP), `syncs` (a list synchronised with one of them), `process` (the same in a process
that is killed).
"""
