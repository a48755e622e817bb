"""Notices in words, deliveries by several channels, dead letters that are sent again, rates."""

from alembic import op

revision = "0008"
down_revision = "0007"

NOTIFICATIONS = """
ALTER TABLE notifications ADD COLUMN subject text NOT NULL DEFAULT '',
    ADD COLUMN body text NOT NULL DEFAULT '';
"""

# `quiet_…`: when the recipient wants to be left alone, as it was when the notice was made.
DELIVERIES = """
DROP VIEW dead_letters;
DROP INDEX deliveries_dead_idx;
ALTER TABLE deliveries ADD COLUMN id uuid NOT NULL DEFAULT gen_random_uuid(),
    ADD COLUMN kind text NOT NULL DEFAULT '',
    ADD COLUMN html text,
    ADD COLUMN quiet_start time,
    ADD COLUMN quiet_end time,
    ADD COLUMN quiet_zone text,
    ADD COLUMN resends int NOT NULL DEFAULT 0,
    ADD COLUMN resent_by uuid,
    ADD COLUMN resent_at timestamptz;
CREATE UNIQUE INDEX deliveries_id_idx ON deliveries (id);
CREATE INDEX deliveries_dead_idx ON deliveries (tenant_id, created_at) WHERE status = 'dead';
CREATE INDEX deliveries_resent_idx ON deliveries (tenant_id, created_at) WHERE resends > 0;

-- Given up; an admin may have them sent again.
CREATE VIEW dead_letters AS SELECT * FROM deliveries WHERE status = 'dead';
"""

# Without a headcount it is an old brief, and made anew from the log when it is next needed.
BRIEFS = """
ALTER TABLE shift_briefs ADD COLUMN unit_id uuid,
    ADD COLUMN headcount int,
    ADD COLUMN people uuid[],
    ADD COLUMN holders uuid[];
"""

# The attempts of all senders within the time of their provider's rate.
RATES = """
CREATE TABLE provider_attempts (channel text NOT NULL, tried_at timestamptz NOT NULL);
CREATE INDEX provider_attempts_idx ON provider_attempts (channel, tried_at);
"""


def upgrade() -> None:
    for statement in (NOTIFICATIONS, DELIVERIES, BRIEFS, RATES):
        op.execute(statement)


def downgrade() -> None:
    op.execute(
        "DROP TABLE provider_attempts; DROP VIEW dead_letters;"
        "ALTER TABLE shift_briefs DROP unit_id, DROP headcount, DROP people, DROP holders;"
        "ALTER TABLE deliveries DROP id, DROP kind, DROP html, DROP quiet_start, DROP quiet_end,"
        " DROP quiet_zone, DROP resends, DROP resent_by, DROP resent_at;"
        "CREATE INDEX deliveries_dead_idx ON deliveries (position) WHERE status = 'dead';"
        "CREATE VIEW dead_letters AS SELECT * FROM deliveries WHERE status = 'dead';"
        "ALTER TABLE notifications DROP subject, DROP body"
    )
