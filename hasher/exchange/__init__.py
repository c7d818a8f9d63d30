"""How sources that answer in pages are read: cursors that can neither skip nor loop, one protocol each. Pure.

In reading order: `cursor` (what is kept between two syncs), `links` (where a next link may lead), `protocol` (what the sources
differ in), `ncmec`, `stopncii`, `threatexchange`, `reading` (the machine: an answer in, the next request out), `retry` (which
failure is tried again, and when).
"""
