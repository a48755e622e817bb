"""What the projector keeps beside the read models: parked events, and how checkpoints advance."""

from alembic import op

revision = "0002"
down_revision = "0001"

# Events that a read model could not take: they and their aggregate's later ones are set aside.
PARKED = """
CREATE TABLE parked_events (
    read_model text NOT NULL,
    position bigint NOT NULL,
    originator_id uuid NOT NULL,
    topic text NOT NULL,
    error text NOT NULL,
    parked_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (read_model, position)
);
"""

# The first statement of a batch: it locks the checkpoints, so that a rebuild's switch comes before
# or after the batch, and fails when somebody else has moved them.
ADVANCE = """
CREATE FUNCTION advance_checkpoints(names text[], from_position bigint, to_position bigint)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    advanced int;
BEGIN
    PERFORM FROM checkpoints WHERE name = ANY(names) ORDER BY name FOR UPDATE;
    UPDATE checkpoints SET position = to_position, updated_at = clock_timestamp()
    WHERE name = ANY(names) AND position = from_position;
    GET DIAGNOSTICS advanced = ROW_COUNT;
    IF advanced <> cardinality(names) THEN
        RAISE EXCEPTION 'a checkpoint is not at % any more', from_position
            USING ERRCODE = 'serialization_failure';
    END IF;
END $$;
"""


def upgrade() -> None:
    op.execute(PARKED)
    op.execute(ADVANCE)


def downgrade() -> None:
    op.execute("DROP FUNCTION advance_checkpoints; DROP TABLE parked_events")
