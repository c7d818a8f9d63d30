"""shield: what decides, without I/O."""
