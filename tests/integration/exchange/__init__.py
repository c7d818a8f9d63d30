"""Lists synchronised with simulated sources, over a real Postgres."""
