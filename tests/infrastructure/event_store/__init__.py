"""The event log on a real Postgres."""
