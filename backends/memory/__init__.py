"""What needs no service: `log`, the log of one process."""
