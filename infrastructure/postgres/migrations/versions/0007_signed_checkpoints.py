"""Signed checkpoints of the event log and the audit trail."""

from alembic import op

revision = "0007"
down_revision = "0006"

SIGNED_CHECKPOINTS = """
-- A line is the checkpoint as it is signed. The digests are those of the rows since the checkpoint
-- before, 32 bytes each, by which the very row is found that was changed; the line's hashes vouch
-- for them.
CREATE TABLE signed_checkpoints (
    number bigint PRIMARY KEY,
    line text NOT NULL,
    log_digests bytea NOT NULL,
    trail_digests bytea NOT NULL
);
ALTER TABLE signed_checkpoints ALTER log_digests SET STORAGE EXTERNAL;
ALTER TABLE signed_checkpoints ALTER trail_digests SET STORAGE EXTERNAL;

CREATE TRIGGER signed_checkpoints_only_grow
    BEFORE UPDATE OR DELETE OR TRUNCATE ON signed_checkpoints
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
"""


def upgrade() -> None:
    op.execute(SIGNED_CHECKPOINTS)


def downgrade() -> None:
    raise NotImplementedError("Signed checkpoints are never taken down by a migration.")
