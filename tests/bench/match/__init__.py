"""What matching at the scale of the real lists costs: `python -m tests.bench.match`, `make bench-match`.

In reading order: `corpus` (hashes, uniform and clustered), `baseline` (faiss, an extra of benches), `search`, `updates`, `fresh` (a
vault for a bench), `visible`, `retro`, `imports`.
"""
