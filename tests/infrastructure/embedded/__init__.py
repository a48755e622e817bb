"""The real Postgres and NATS, started, killed and started again."""
