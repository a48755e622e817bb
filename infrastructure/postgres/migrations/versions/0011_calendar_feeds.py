"""The secrets of calendar feeds, as hashes."""

from alembic import op

revision = "0011"
down_revision = "0010"

CALENDAR_FEEDS = """
CREATE TABLE calendar_feeds (
    secret_hash bytea PRIMARY KEY,
    tenant_id uuid NOT NULL,
    person_id uuid NOT NULL,
    account_id uuid NOT NULL,
    created_at timestamptz NOT NULL,
    revoked_at timestamptz
);
CREATE UNIQUE INDEX calendar_feeds_person_idx ON calendar_feeds (tenant_id, person_id)
    WHERE revoked_at IS NULL;
COMMENT ON COLUMN calendar_feeds.account_id IS 'who asked for it, and lets it go on by staying';
"""


def upgrade() -> None:
    op.execute(CALENDAR_FEEDS)


def downgrade() -> None:
    op.execute("DROP TABLE calendar_feeds")
