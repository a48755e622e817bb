"""The audit trail, and what consumers set aside."""

from alembic import op

revision = "0003"
down_revision = "0002"

AUDIT_TRAIL = """
-- One row per event, each with the hash of the row before: nothing can be changed or left out
-- without breaking the chain.
CREATE TABLE audit_trail (
    position bigint PRIMARY KEY,
    tenant_id uuid NOT NULL,
    actor uuid NOT NULL,
    command text NOT NULL,
    action text NOT NULL,
    topic text NOT NULL,
    entity text NOT NULL,
    entity_id uuid NOT NULL,
    entity_version bigint NOT NULL,
    before jsonb,
    after jsonb,
    request_id text NOT NULL,
    correlation_id text NOT NULL,
    causation_id text,
    occurred_at timestamptz NOT NULL,
    recorded_at timestamptz NOT NULL,
    previous_hash text NOT NULL,
    hash text NOT NULL
) WITH (
    -- Rows are never changed, so there is nothing to vacuum but the transaction ids.
    autovacuum_vacuum_threshold = 100000000,
    autovacuum_analyze_threshold = 1000,
    autovacuum_analyze_scale_factor = 0.01
);
CREATE INDEX audit_trail_tenant_idx ON audit_trail (tenant_id, position);
CREATE INDEX audit_trail_actor_idx ON audit_trail (tenant_id, actor, position);
CREATE INDEX audit_trail_entity_idx ON audit_trail (entity_id, position);
CREATE INDEX audit_trail_kind_idx ON audit_trail (tenant_id, entity, position);
CREATE INDEX audit_trail_action_idx ON audit_trail (tenant_id, action, position);
CREATE INDEX audit_trail_recorded_at_idx ON audit_trail (tenant_id, recorded_at);

CREATE TRIGGER audit_trail_only_grows
    BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_trail
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
"""

PARKED = """
CREATE TABLE parked_messages (
    consumer text NOT NULL,
    position bigint NOT NULL,
    topic text NOT NULL,
    error text NOT NULL,
    parked_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (consumer, position)
);
"""


def upgrade() -> None:
    op.execute(AUDIT_TRAIL)
    op.execute(PARKED)


def downgrade() -> None:
    raise NotImplementedError("The audit trail is never taken down by a migration.")
