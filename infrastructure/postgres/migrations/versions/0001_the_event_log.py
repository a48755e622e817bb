"""The event log, snapshots, idempotency keys and checkpoints."""

from alembic import op

revision = "0001"
down_revision = None

TABLES = """
-- The columns up to notification_id are those of the eventsourcing library, so that its tools can
-- read our log. notification_id is the position: 1, 2, 3, … without holes, in commit order.
CREATE TABLE stored_events (
    originator_id uuid NOT NULL,
    originator_version bigint NOT NULL,
    topic text NOT NULL,
    state bytea NOT NULL,
    notification_id bigint NOT NULL,
    tenant_id uuid NOT NULL,
    command_id uuid NOT NULL,
    metadata jsonb NOT NULL,
    recorded_at timestamptz NOT NULL,
    PRIMARY KEY (originator_id, originator_version)
) WITH (
    -- Rows are never changed, so there is nothing to vacuum but the transaction ids.
    autovacuum_vacuum_threshold = 100000000,
    autovacuum_analyze_threshold = 1000,
    autovacuum_analyze_scale_factor = 0.01
);
CREATE UNIQUE INDEX stored_events_notification_id_idx ON stored_events (notification_id);

CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% only grows: % is refused', TG_TABLE_NAME, TG_OP
        USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER stored_events_only_grows
    BEFORE UPDATE OR DELETE OR TRUNCATE ON stored_events
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TABLE snapshots (
    originator_id uuid PRIMARY KEY,
    originator_version bigint NOT NULL,
    topic text NOT NULL,
    state bytea NOT NULL
);

CREATE TABLE idempotency_keys (
    tenant_id uuid NOT NULL,
    account_id uuid NOT NULL,
    key text NOT NULL,
    fingerprint text NOT NULL,
    answer jsonb NOT NULL,
    position bigint NOT NULL,
    recorded_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, account_id, key)
);
CREATE INDEX idempotency_keys_recorded_at_idx ON idempotency_keys (recorded_at);

CREATE TABLE checkpoints (
    name text PRIMARY KEY,
    position bigint NOT NULL,
    updated_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
"""

# Stores all commands of a batch, or only one of them. Raises unique_violation when a version or an
# idempotency key is taken, serialization_failure when something that a command read is newer.
APPEND_SOME = """
CREATE FUNCTION append_some(batch json, only_command int)
RETURNS TABLE (command int, last_position bigint) LANGUAGE plpgsql AS $$
DECLARE
    top bigint := (SELECT coalesce(max(notification_id), 0) FROM stored_events);
    recorded timestamptz := clock_timestamp();
BEGIN
    RETURN QUERY
    WITH commands AS (
        SELECT * FROM json_to_recordset(batch->'commands')
            AS c(n int, id uuid, tenant_id uuid, account_id uuid, metadata jsonb,
                 key text, fingerprint text, answer jsonb)
        WHERE only_command IS NULL OR c.n = only_command
    ), stored AS (
        INSERT INTO stored_events
        SELECT e.originator_id, e.originator_version, e.topic, convert_to(e.state, 'UTF8'),
               top + row_number() OVER (ORDER BY e.place), e.tenant_id, c.id, c.metadata, recorded
        FROM json_to_recordset(batch->'events')
            AS e(command int, place int, originator_id uuid, originator_version bigint,
                 topic text, state text, tenant_id uuid)
        JOIN commands c ON c.n = e.command
        RETURNING notification_id, command_id
    ), ends AS (
        SELECT c.n, max(s.notification_id) AS last_position
        FROM stored s JOIN commands c ON c.id = s.command_id GROUP BY c.n
    ), keys AS (
        INSERT INTO idempotency_keys
        SELECT c.tenant_id, c.account_id, c.key, c.fingerprint, c.answer,
               ends.last_position, recorded
        FROM commands c JOIN ends ON ends.n = c.n WHERE c.key IS NOT NULL
    )
    SELECT n, ends.last_position FROM ends;

    -- After the insert, so that commands of the same batch see each other's changes too.
    IF EXISTS (
        SELECT FROM json_to_recordset(batch->'reads')
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
CREATE FUNCTION append_commands(batch json)
RETURNS TABLE (command int, outcome text, last_position bigint) LANGUAGE plpgsql AS $$
DECLARE
    violated text;
    n int;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('opstream.append'));
    BEGIN
        RETURN QUERY SELECT s.command, 'stored', s.last_position FROM append_some(batch, NULL) s;
    EXCEPTION WHEN unique_violation OR serialization_failure THEN
        FOR n IN SELECT c.n FROM json_to_recordset(batch->'commands') AS c(n int) ORDER BY 1 LOOP
            BEGIN
                RETURN QUERY
                SELECT s.command, 'stored', s.last_position FROM append_some(batch, n) s;
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


def upgrade() -> None:
    for statement in (TABLES, APPEND_SOME, APPEND_COMMANDS):
        op.execute(statement)


def downgrade() -> None:
    raise NotImplementedError("The event log is never taken down by a migration.")
