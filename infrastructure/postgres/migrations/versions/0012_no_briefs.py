"""Briefs of shifts are folded from the log when they are needed, and kept nowhere."""

from alembic import op

revision = "0012"
down_revision = "0011"

BRIEFS = """
CREATE TABLE shift_briefs (
    shift_id uuid PRIMARY KEY,
    coordinator_id uuid NOT NULL,
    role text NOT NULL,
    starts_at timestamptz NOT NULL,
    ends_at timestamptz NOT NULL,
    zone text NOT NULL,
    unit_id uuid,
    headcount int,
    people uuid[],
    holders uuid[]
);
"""


def upgrade() -> None:
    op.execute("DROP TABLE shift_briefs")


def downgrade() -> None:
    op.execute(BRIEFS)
