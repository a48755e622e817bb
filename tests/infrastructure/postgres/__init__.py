"""Migrations, listening and the projector on a real Postgres."""
