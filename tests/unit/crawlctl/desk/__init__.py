"""How verbs come to the desk, and what they show."""
