"""In-app notifications, outgoing deliveries, and what the notifier remembers of shifts."""

from alembic import op

revision = "0004"
down_revision = "0003"

NOTIFICATIONS = """
CREATE TABLE notifications (
    id uuid PRIMARY KEY,
    tenant_id uuid NOT NULL,
    account_id uuid,
    person_id uuid,
    kind text NOT NULL,
    data jsonb NOT NULL,
    created_at timestamptz NOT NULL,
    read_at timestamptz
);
CREATE INDEX notifications_account_idx ON notifications (tenant_id, account_id, created_at);
CREATE INDEX notifications_person_idx ON notifications (tenant_id, person_id, created_at);
"""

DELIVERIES = """
CREATE TABLE deliveries (
    position bigint NOT NULL,
    recipient uuid NOT NULL,
    channel text NOT NULL,
    tenant_id uuid NOT NULL,
    address text NOT NULL,
    subject text NOT NULL,
    body text NOT NULL,
    status text NOT NULL DEFAULT 'pending' CHECK (status IN ('pending', 'sent', 'dead')),
    attempts int NOT NULL DEFAULT 0,
    next_attempt_at timestamptz NOT NULL,
    last_error text,
    created_at timestamptz NOT NULL,
    sent_at timestamptz,
    PRIMARY KEY (position, recipient, channel)
);
CREATE INDEX deliveries_due_idx ON deliveries (next_attempt_at) WHERE status = 'pending';
CREATE INDEX deliveries_dead_idx ON deliveries (position) WHERE status = 'dead';

-- Given up; setting the status back to 'pending' and attempts to 0 tries again.
CREATE VIEW dead_letters AS SELECT * FROM deliveries WHERE status = 'dead';
"""

# Filled by the notifier from the same events, so it never waits for a read model to know a shift.
BRIEFS = """
CREATE TABLE shift_briefs (
    shift_id uuid PRIMARY KEY,
    coordinator_id uuid NOT NULL,
    role text NOT NULL,
    starts_at timestamptz NOT NULL,
    ends_at timestamptz NOT NULL,
    zone text NOT NULL
);
"""


def upgrade() -> None:
    for statement in (NOTIFICATIONS, DELIVERIES, BRIEFS):
        op.execute(statement)


def downgrade() -> None:
    op.execute("DROP VIEW dead_letters; DROP TABLE notifications, deliveries, shift_briefs")
