"""Files that wait to be imported, and what became of them."""

from alembic import op

revision = "0009"
down_revision = "0008"

# What ends loses its file in the same statement. The shifts are those that were planned, which are
# those that were drafted, unless it was a dry run.
IMPORTS = """
CREATE TABLE imports (
    id uuid PRIMARY KEY,
    tenant_id uuid NOT NULL,
    account_id uuid NOT NULL,
    idempotency_key text,
    request_id text NOT NULL,
    correlation_id text NOT NULL,
    dry_run boolean NOT NULL,
    file_name text NOT NULL,
    sha256 text NOT NULL,
    file bytea,
    state text NOT NULL DEFAULT 'queued' CHECK
        (state IN ('queued', 'parsing', 'checking', 'storing', 'done', 'refused', 'failed')),
    rows_done int NOT NULL DEFAULT 0,
    rows_total int,
    failure jsonb,
    shifts jsonb,
    created int NOT NULL DEFAULT 0,
    position bigint NOT NULL DEFAULT 0,
    attempts int NOT NULL DEFAULT 0,
    lease uuid,
    leased_until timestamptz NOT NULL DEFAULT '-infinity',
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    ended_at timestamptz,
    UNIQUE (tenant_id, account_id, idempotency_key),
    CHECK ((file IS NULL) = (state IN ('done', 'refused', 'failed')))
);
-- It is a zip file already.
ALTER TABLE imports ALTER file SET STORAGE EXTERNAL;
CREATE INDEX imports_waiting_idx ON imports (created_at) WHERE file IS NOT NULL;
CREATE INDEX imports_tenant_idx ON imports (tenant_id, created_at, id);
"""


def upgrade() -> None:
    op.execute(IMPORTS)


def downgrade() -> None:
    op.execute("DROP TABLE imports")
