"""The audit trail: read, filtered, in pages."""

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from psycopg.types.json import Jsonb

from tests.interfaces.http.answers import invalid, page
from tests.interfaces.http.documented import documented
from tests.support.api import running_api

NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)
SHIFT, PERSON = UUID(int=1), UUID(int=2)
ANA, BEN = UUID(int=11), UUID(int=12)


def row(position, tenant_id, actor, action, entity, entity_id):
    at = NOON + timedelta(minutes=position)
    return {
        "position": position,
        "tenant_id": tenant_id,
        "actor": actor,
        "command": "Command",
        "action": action,
        "topic": f"scheduling.{action}",
        "entity": entity,
        "entity_id": entity_id,
        "entity_version": position,
        "before": None if position == 1 else {"taken": position - 1},
        "after": {"taken": position},
        "request_id": f"request-{position}",
        "correlation_id": "story",
        "causation_id": None,
        "occurred_at": at,
        "recorded_at": at,
        "previous_hash": f"hash-{position - 1}",
        "hash": f"hash-{position}",
    }


def told(row):
    hidden = {"tenant_id", "topic", "causation_id", "previous_hash"}
    shown = {name: value for name, value in row.items() if name not in hidden}
    for name, value in shown.items():
        if isinstance(value, UUID):
            shown[name] = str(value)
        elif isinstance(value, datetime):
            shown[name] = value.isoformat().replace("+00:00", "Z")
    return shown


@pytest.fixture(scope="module")
async def api(a_database, a_folder):
    async with running_api(a_database, a_folder, documented) as running:
        yield running


@pytest.fixture(scope="module")
async def rows(api):
    """What the trail's consumer would have written."""
    ours = [
        row(1, api.tenant_id, ANA, "Drafted", "Shift", SHIFT),
        row(2, api.tenant_id, ANA, "Published", "Shift", SHIFT),
        row(3, api.tenant_id, BEN, "Added", "Person", PERSON),
        row(4, api.tenant_id, BEN, "PersonAssigned", "Shift", SHIFT),
    ]
    foreign = row(5, uuid4(), ANA, "Drafted", "Shift", SHIFT)
    names = ", ".join(ours[0])
    values = ", ".join(f"%({name})s" for name in ours[0])
    async with api.core.pool.connection() as connection:
        for one in [*ours, foreign]:
            json = {name: one[name] and Jsonb(one[name]) for name in ("before", "after")}
            statement = f"INSERT INTO audit_trail ({names}) VALUES ({values})"
            await connection.execute(statement, one | json)
    return ours


@pytest.mark.parametrize("role", ["admin", "auditor"])
async def test_the_trail_is_read_from_its_end(api, rows, role):
    response = await api.clients[role].get("/audit-logs")
    assert (response.status_code, response.json()) == (200, page(*map(told, reversed(rows))))


@pytest.mark.parametrize(
    ("query", "positions"),
    [
        ({"actor": str(BEN)}, [4, 3]),
        ({"entity": "Shift"}, [4, 2, 1]),
        ({"entity": "Person", "actor": str(ANA)}, []),
        ({"entity_id": str(PERSON)}, [3]),
        ({"action": "PersonAssigned"}, [4]),
        ({"since": "2026-11-02T12:03:00Z"}, [4, 3]),
        ({"until": "2026-11-02T13:03:00+01:00"}, [2, 1]),
        ({"since": "2026-11-02T12:02:00Z", "until": "2026-11-02T12:04:00Z"}, [3, 2]),
        ({"actor": str(uuid4())}, []),
    ],
)
@pytest.mark.usefixtures("rows")
async def test_the_trail_is_filtered(api, query, positions):
    listed = (await api.auditor.get("/audit-logs", params=query)).json()
    assert [item["position"] for item in listed["items"]] == positions


async def test_the_trail_comes_in_pages(api, rows):
    response = await api.auditor.get("/audit-logs", params={"page": 2, "pageSize": 3})
    assert response.json() == page(told(rows[0]), number=2, size=3, total=4)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("actor", "me"),
        ("entity", ""),
        ("entity_id", "1"),
        ("action", "x" * 201),
        ("since", "2026-11-02"),
        ("until", "2026-11-02T12:00:00"),
    ],
)
async def test_a_filter_that_can_not_be_read_is_named(api, name, value):
    invalid(await api.auditor.get("/audit-logs", params={name: value}), name)
