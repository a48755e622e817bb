"""Time, permissions, identifiers and failures."""
