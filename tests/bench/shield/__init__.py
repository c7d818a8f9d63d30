"""What providers' questions cost. `python -m tests.bench.shield` (`make bench-shield`) prints JSON lines.

`lists` (a vault with many entries), `server` (a process of Shield over it, after the bare work without HTTP), `__main__` (asks it).
"""
