"""The API in this process: the real app and projector on a real database, and a client per role."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx
import psycopg
from fastapi import FastAPI

from application.access import Actor
from application.attempt import Request
from application.commands import Command
from application.dispatch import Dispatcher
from application.identity.accounts import FoundTenant, RegisterAccount, SetMemberRoles
from application.scheduling.imports import ImportShifts
from application.scheduling.roles import AddRole
from application.scheduling.shifts import PublishShift
from domain.scheduling.staffing import assignment_id
from domain.shared.ids import PLATFORM, AccountId, PersonId, ShiftId, TenantId
from infrastructure.bootstrap import Core, now, observe
from infrastructure.event_store.mapper import EventMapper
from infrastructure.imports.importer import Importer
from infrastructure.imports.queue import LEASE
from infrastructure.imports.staged import Sent
from infrastructure.postgres.projector.runner import PROMPT, Manner, Projector
from infrastructure.registry import read_models
from infrastructure.settings import Settings
from interfaces.http.app import build_app
from projections.read_model import ReadModel
from tests.support.sheets import a_sheet

EachAnswer = Callable[[httpx.Response], Awaitable[None]]
PAST = datetime(2020, 1, 1, 8, tzinfo=UTC)
ROLES = ("admin", "coordinator", "staff", "volunteer", "manager", "member", "auditor")
WORK = ("cook", "nurse")
"""What the catalogues of both tenants hold from the start."""
EXTERNAL = {
    "external_issuer": "https://ours.supabase.test/auth/v1",
    "external_secret": "a secret that is shared with Supabase",
}
"""Settings of an issuer whose tokens are accepted beside ours."""


@dataclass
class Api:
    """Who is asked for by role: ``await api.coordinator.post("/shifts", json=…)``."""

    app: FastAPI
    core: Core
    tenant_id: TenantId
    accounts: dict[str, AccountId]
    projector: asyncio.Task[None]
    each_answer: EachAnswer | None = None
    clients: dict[str, httpx.AsyncClient] = field(default_factory=dict)

    def __getattr__(self, role: str) -> httpx.AsyncClient:
        if role in self.clients:
            return self.clients[role]
        raise AttributeError(role)

    def actor(self, role: str, tenant_id: TenantId | None = None) -> Actor:
        return Actor.with_roles(self.accounts[role], tenant_id or self.tenant_id, (role,))

    def client(self, token: str | None, address: str = "127.0.0.1") -> httpx.AsyncClient:
        headers = {} if token is None else {"Authorization": f"Bearer {token}"}
        transport = httpx.ASGITransport(self.app, raise_app_exceptions=False, client=(address, 1))
        hooks = {"response": [self.each_answer]} if self.each_answer else {}
        return httpx.AsyncClient(
            transport=transport, base_url="http://api", headers=headers, event_hooks=hooks
        )

    async def run(
        self, command: Command[Any], actor: Actor, at: Callable[[], datetime] = now
    ) -> Any:
        """Dispatch a command beside HTTP and wait until reads show it; answers with its id."""
        request = Request(actor, request_id=str(uuid4()))
        dispatcher = Dispatcher(self.core.log, at, uuid4, observe)
        done = await dispatcher.run(command, request, lambda made: made and made.id)
        assert await self.core.watch.reached(done.position, 5)
        return done.result


@asynccontextmanager
async def running_api(
    database_url: str,
    folder: Path,
    each_answer: EachAnswer | None = None,
    *,
    imports: bool = False,
    models: Sequence[ReadModel] | None = None,
    **settings: Any,
) -> AsyncIterator[Api]:
    """The API with one tenant, an account per role, and another tenant's admin: ``stranger``.

    `each_answer` looks at every response; with `imports`, files of shifts are imported, too; of
    `models` only these are projected.
    """
    chosen = Settings(
        database_url=database_url,
        data_dir=folder,
        **{"login_rate": "1000/minute", **EXTERNAL, **settings},
    )
    app = build_app(chosen)
    async with projecting(database_url, models) as projector, app.router.lifespan_context(app):
        core: Core = app.state.core
        api = Api(app, core, TenantId(uuid4()), {}, projector, each_answer)
        await _settle(api)
        async with contextlib.AsyncExitStack() as clients:
            if imports:
                await clients.enter_async_context(importing(chosen))
            for role, client in api.clients.items():
                api.clients[role] = await clients.enter_async_context(client)
            yield api


@asynccontextmanager
async def projecting(
    database_url: str, models: Sequence[ReadModel] | None = None, manner: Manner = PROMPT
) -> AsyncIterator[asyncio.Task[None]]:
    """As a worker does it: begun again when the connection is lost; all read models by default."""
    task = asyncio.create_task(_project(database_url, models or read_models(), manner))
    try:
        yield task
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def _project(database_url: str, models: Sequence[ReadModel], manner: Manner) -> None:
    while True:
        with contextlib.suppress(psycopg.Error):
            await Projector(database_url, EventMapper(), models, manner).run()
        await asyncio.sleep(0.1)


@asynccontextmanager
async def importing(settings: Settings, lease: float = LEASE) -> AsyncIterator[None]:
    task = asyncio.create_task(Importer(settings, lease).run())
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def _settle(api: Api) -> None:
    system = Actor.system(PLATFORM)
    await api.run(FoundTenant("ours", api.tenant_id), system)
    elsewhere = TenantId(await api.run(FoundTenant("theirs"), system))
    for role in (*ROLES, "stranger"):
        email = f"{role}@example.test"
        account_id = AccountId(await api.run(RegisterAccount(email, role.capitalize()), system))
        tenant_id, granted = (elsewhere, "admin") if role == "stranger" else (api.tenant_id, role)
        await api.run(SetMemberRoles(account_id, (granted,)), Actor.system(tenant_id))
        api.accounts[role] = account_id
        actor = Actor.with_roles(account_id, tenant_id, (granted,))
        api.clients[role] = api.client(api.core.tokens.issue(actor).text)
    for tenant_id in (api.tenant_id, elsewhere):
        for name in WORK:
            await api.run(AddRole(name), Actor.system(tenant_id))
    api.clients["nobody"] = api.client(None)


async def a_role(api: Api, name: str, **changes: Any) -> str:
    """The id of a new one."""
    response = await api.admin.post("/roles", json={"name": name, **changes})
    assert response.status_code == 201, response.text
    return str(response.json()["id"])


async def a_unit(api: Api, zone: str = "Europe/Berlin") -> str:
    """The id of a new one."""
    response = await api.admin.post("/units", json={"name": "Ward 1", "zone": zone})
    return str(response.json()["id"])


async def a_person(api: Api, account: str | None = None, **changes: Any) -> str:
    """The id of a new nurse, for whom the account of that role acts if it is named."""
    account_id = None if account is None else str(api.accounts[account])
    body = {"name": "Ana", "email": "ana@example.test", "kind": "volunteer", "roles": ["nurse"]}
    response = await api.admin.post("/people", json=body | {"account_id": account_id} | changes)
    return str(response.json()["id"])


async def somebody(
    api: Api, role: str = "volunteer", **changes: Any
) -> tuple[httpx.AsyncClient, str]:
    """A client with a new account of that role, and the id of the new nurse it acts for."""
    client, account_id = await an_account(api, role)
    return client, await a_person(api, **{"account_id": str(account_id), **changes})


async def an_account(api: Api, role: str) -> tuple[httpx.AsyncClient, AccountId]:
    """A new member of that role, and a client of its own."""
    command = RegisterAccount(f"{uuid4().hex}@example.test", "Somebody")
    system = Actor.system(api.tenant_id)
    account_id = AccountId(await api.run(command, system))
    await api.run(SetMemberRoles(account_id, (role,)), system)
    actor = Actor.with_roles(account_id, api.tenant_id, (role,))
    return api.client(api.core.tokens.issue(actor).text), account_id


async def a_draft(api: Api, unit_id: str | None = None, **changes: Any) -> str:
    """The id of a new one, in a new unit if none is named."""
    body = new_shift(unit_id or await a_unit(api), **changes)
    return str((await api.coordinator.post("/shifts", json=body)).json()["id"])


async def a_shift(api: Api, unit_id: str | None = None, *people: str, **changes: Any) -> str:
    """The id of a published one, with these people assigned."""
    shift_id = await a_draft(api, unit_id, **{"headcount": max(1, len(people)), **changes})
    await api.coordinator.post(f"/shifts/{shift_id}/publish")
    if people:
        body = {"person_ids": people}
        response = await api.coordinator.post(f"/shifts/{shift_id}/assign", json=body)
        assert response.status_code == 200, response.text
    return shift_id


async def a_past_shift(api: Api, unit_id: str | None = None) -> str:
    """The id of one that was published in time, and has ended since."""
    shift_id = await a_draft(api, unit_id, start=PAST.isoformat(), end=f"{PAST:%Y-%m-%d}T16:00Z")
    command = PublishShift(ShiftId(UUID(shift_id)))
    await api.run(command, Actor.system(api.tenant_id), at=lambda: PAST)
    return shift_id


async def a_pattern(api: Api, unit_id: str | None = None, **changes: Any) -> str:
    """The id of a new one, for a new unit if none is named."""
    body = new_pattern(unit_id or await a_unit(api), **changes)
    return str((await api.coordinator.post("/shift-patterns", json=body)).json()["id"])


async def an_import(api: Api) -> str:
    """The id of a file that waits, as long as nobody imports."""
    sent = Sent(a_sheet(), "week.xlsx", dry_run=True, request_id="1", correlation_id="1", key=None)
    return str(await api.core.staging.stage(ImportShifts, sent, api.actor("coordinator")))


def assignment_of(shift_id: str, person_id: str) -> str:
    return str(assignment_id(ShiftId(UUID(shift_id)), PersonId(UUID(person_id))))


async def position(api: Api) -> int:
    """How long the log is."""
    async with api.core.pool.connection() as connection:
        cursor = await connection.execute(
            "SELECT coalesce(max(notification_id), 0) FROM stored_events"
        )
        row = await cursor.fetchone()
    assert row is not None
    return int(row[0])


def new_shift(unit_id: UUID | str, **changes: Any) -> dict[str, Any]:
    """The body of a good shift, far enough in the future."""
    return {
        "unit_id": str(unit_id),
        "role": "nurse",
        "start": "2199-03-01T08:00:00+01:00",
        "end": "2199-03-01T16:00:00+01:00",
        "headcount": 1,
        "notes": {},
        **changes,
    }


def new_pattern(unit_id: UUID | str, **changes: Any) -> dict[str, Any]:
    """The body of a good pattern: a nurse each Friday night."""
    return {
        "unit_id": str(unit_id),
        "role": "nurse",
        "start": "22:00",
        "end": "06:00",
        "rrule": "FREQ=WEEKLY;BYDAY=FR",
        "first_day": "2027-03-01",
        **changes,
    }
