"""Alembic migrations of what can't be rebuilt from the log, and of the log itself."""
