"""Shield over a real vault."""
