"""What the read models show: given events, then rows; and their queries on a real Postgres."""
