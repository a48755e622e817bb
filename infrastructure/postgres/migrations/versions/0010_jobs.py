"""What became of each slot of each job."""

from alembic import op

revision = "0010"
down_revision = "0009"

JOB_RUNS = """
CREATE TABLE job_runs (
    job text NOT NULL,
    slot timestamptz NOT NULL,
    slots int NOT NULL,
    state text NOT NULL CHECK (state IN ('running', 'done', 'failed', 'overtaken')),
    attempts int NOT NULL,
    started_at timestamptz NOT NULL,
    ended_at timestamptz,
    error text,
    PRIMARY KEY (job, slot)
);
COMMENT ON COLUMN job_runs.slots IS 'how many it stands for: itself, and those missed before it';
COMMENT ON COLUMN job_runs.error IS 'of the latest attempt that failed: its type, never its words';
"""


def upgrade() -> None:
    op.execute(JOB_RUNS)


def downgrade() -> None:
    op.execute("DROP TABLE job_runs")
