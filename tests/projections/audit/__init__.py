"""The audit trail, pure and on Postgres."""
