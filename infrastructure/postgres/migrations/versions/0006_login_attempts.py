"""Attempts to log in, counted for all API processes together."""

from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    # Unlogged: a crash of the database forgets the attempts of a minute, and a login waits for no
    # flush. One row per key, so that its lock is the turn; no index on what changes with each hit.
    op.execute("""
    CREATE UNLOGGED TABLE login_attempts (
        key text PRIMARY KEY,
        moments timestamptz[] NOT NULL,
        is_counted boolean NOT NULL,
        expires_at timestamptz NOT NULL
    ) WITH (fillfactor = 50);
    COMMENT ON COLUMN login_attempts.is_counted IS 'of the latest attempt; a refused one is not';
    """)


def downgrade() -> None:
    op.execute("DROP TABLE login_attempts")
