"""Passwords and refresh sessions: secrets, which never enter the event log."""

from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.execute("""
    CREATE TABLE credentials (
        account_id uuid PRIMARY KEY,
        password_hash text NOT NULL,
        changed_at timestamptz NOT NULL DEFAULT clock_timestamp()
    );
    CREATE TABLE refresh_sessions (
        token_hash bytea PRIMARY KEY,
        family_id uuid NOT NULL,
        account_id uuid NOT NULL,
        tenant_id uuid NOT NULL,
        issued_at timestamptz NOT NULL,
        expires_at timestamptz NOT NULL,
        replaced_at timestamptz,
        revoked_at timestamptz
    );
    CREATE INDEX refresh_sessions_family_idx ON refresh_sessions (family_id);
    CREATE INDEX refresh_sessions_expires_at_idx ON refresh_sessions (expires_at);
    """)


def downgrade() -> None:
    op.execute("DROP TABLE refresh_sessions; DROP TABLE credentials")
