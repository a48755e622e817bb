"""Connections, migrations, locks and LISTEN on PostgreSQL (15 or newer)."""
