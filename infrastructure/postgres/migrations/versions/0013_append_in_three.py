"""A batch of appends comes as three arguments: taking it out of one reads it three times over."""

from alembic import op

revision = "0013"
down_revision = "0012"

# Stores all commands of a batch, or only one of them. Raises unique_violation when a version or an
# idempotency key is taken, serialization_failure when something that a command read is newer.
APPEND_SOME = """
CREATE FUNCTION append_some(commands json, events json, reads json, only_command int)
RETURNS TABLE (command int, last_position bigint) LANGUAGE plpgsql AS $$
DECLARE
    top bigint := (SELECT coalesce(max(notification_id), 0) FROM stored_events);
    recorded timestamptz := clock_timestamp();
BEGIN
    RETURN QUERY
    WITH wanted AS (
        SELECT * FROM json_to_recordset(commands)
            AS c(n int, id uuid, tenant_id uuid, account_id uuid, metadata jsonb,
                 key text, fingerprint text, answer jsonb)
        WHERE only_command IS NULL OR c.n = only_command
    ), stored AS (
        INSERT INTO stored_events
        SELECT e.originator_id, e.originator_version, e.topic, convert_to(e.state, 'UTF8'),
               top + row_number() OVER (ORDER BY e.place), e.tenant_id, c.id, c.metadata, recorded
        FROM json_to_recordset(events)
            AS e(command int, place int, originator_id uuid, originator_version bigint,
                 topic text, state text, tenant_id uuid)
        JOIN wanted c ON c.n = e.command
        RETURNING notification_id, command_id
    ), ends AS (
        SELECT c.n, max(s.notification_id) AS last_position
        FROM stored s JOIN wanted c ON c.id = s.command_id GROUP BY c.n
    ), keys AS (
        INSERT INTO idempotency_keys
        SELECT c.tenant_id, c.account_id, c.key, c.fingerprint, c.answer,
               ends.last_position, recorded
        FROM wanted c JOIN ends ON ends.n = c.n WHERE c.key IS NOT NULL
    )
    SELECT n, ends.last_position FROM ends;

    -- After the insert, so that commands of the same batch see each other's changes too.
    IF EXISTS (
        SELECT FROM json_to_recordset(reads)
            AS r(command int, command_id uuid, originator_id uuid, originator_version bigint)
        JOIN stored_events e ON e.originator_id = r.originator_id
            AND e.originator_version > r.originator_version AND e.command_id <> r.command_id
        WHERE only_command IS NULL OR r.command = only_command
    ) THEN
        RAISE EXCEPTION 'something that was read is newer' USING ERRCODE = 'serialization_failure';
    END IF;
END $$;
"""

# One call is one transaction. The advisory lock makes the order of positions the order of commits:
# a reader that has seen position n has seen everything before it, for ever.
APPEND_COMMANDS = """
CREATE FUNCTION append_commands(commands json, events json, reads json)
RETURNS TABLE (command int, outcome text, last_position bigint) LANGUAGE plpgsql AS $$
DECLARE
    violated text;
    n int;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('opstream.append'));
    BEGIN
        RETURN QUERY SELECT s.command, 'stored', s.last_position
        FROM append_some(commands, events, reads, NULL) s;
    EXCEPTION WHEN unique_violation OR serialization_failure THEN
        FOR n IN SELECT c.n FROM json_to_recordset(commands) AS c(n int) ORDER BY 1 LOOP
            BEGIN
                RETURN QUERY SELECT s.command, 'stored', s.last_position
                FROM append_some(commands, events, reads, n) s;
            EXCEPTION WHEN unique_violation OR serialization_failure THEN
                GET STACKED DIAGNOSTICS violated = CONSTRAINT_NAME;
                RETURN QUERY SELECT n, CASE violated WHEN 'idempotency_keys_pkey'
                    THEN 'key_taken' ELSE 'conflict' END, NULL::bigint;
            END;
        END LOOP;
    END;
    PERFORM pg_notify('stored_events', '');
END $$;
"""

# For processes that are not of this version yet, and for whoever has it all in one.
IN_ONE = """
CREATE OR REPLACE FUNCTION append_commands(batch json)
RETURNS TABLE (command int, outcome text, last_position bigint) LANGUAGE sql AS $$
    SELECT * FROM append_commands(batch->'commands', batch->'events', batch->'reads')
$$;
"""


def upgrade() -> None:
    for statement in (APPEND_SOME, APPEND_COMMANDS, IN_ONE, "DROP FUNCTION append_some(json, int)"):
        op.execute(statement)


def downgrade() -> None:
    raise NotImplementedError("What appends to the event log is never taken back by a migration.")
