"""The CRUD peer with tasks as a workplace: tables, people and templates, and its process."""

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from uuid import UUID, uuid4

from sqlalchemy import insert, make_url
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

from tests.bench.crud_sessions import DATABASE_VARIABLE
from tests.bench.crud_tasks_tables import (
    Base,
    Eligibility,
    Member,
    Occasion,
    TaskType,
    Template,
    TemplateEdge,
    TemplateNode,
    User,
    UserType,
)
from tests.bench.servers import uvicorn
from tests.bench.shapes import KINDS, Shape
from tests.bench.tokens import PUBLIC_KEY_VARIABLE, Tokens
from tests.bench.workplace import WORKERS, Queries, Workplace

NAME = "sqlalchemy crud"
QUERIES = Queries(
    standing="""
        SELECT t.id, t.instance_id, t.node_id, t.state, t.blocked_by IS NOT DISTINCT FROM 'waiting',
            t.assignee_id
        FROM tasks t JOIN instances i ON i.id = t.instance_id
        WHERE i.name = %s ORDER BY t.instance_id, t.node_id
    """,
    trail="""
        SELECT what, count(*) FROM task_transitions r JOIN tasks t ON t.id = r.task_id
        JOIN instances i ON i.id = t.instance_id WHERE i.name = %s GROUP BY 1
    """,
)


@contextmanager
def crud_wedding(database_url: str, shapes: Sequence[Shape]) -> Iterator[Workplace]:
    url = make_url(database_url).set(drivername="postgresql+psycopg")
    dsn = url.render_as_string(hide_password=False)
    tokens, wedding = Tokens(), _Wedding()
    asyncio.run(wedding.store(dsn, tokens.tenant_id, shapes))
    settings = {DATABASE_VARIABLE: dsn, PUBLIC_KEY_VARIABLE: tokens.public_pem}
    with uvicorn("tests.bench.crud_tasks:app", settings) as base_url:
        yield Workplace(
            name=NAME,
            base_url=base_url,
            database_url=database_url,
            manager=tokens.issue(wedding.manager),
            workers=[tokens.issue(worker) for worker in wedding.workers],
            event_id=wedding.event,
            templates=wedding.templates,
            queries=QUERIES,
        )


class _Wedding:
    """Its ids, made before its rows are."""

    def __init__(self) -> None:
        self.event, self.manager = uuid4(), uuid4()
        self.workers = [uuid4() for _ in range(WORKERS)]
        self.types = {"EventManager": uuid4(), "Vendor": uuid4()}
        self.kinds = [uuid4() for _ in range(KINDS)]
        self.templates: dict[Shape, UUID] = {}

    async def store(self, dsn: str, tenant_id: UUID, shapes: Sequence[Shape]) -> None:
        engine = create_async_engine(dsn)
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.create_all)
            await self._store_people(connection, tenant_id)
            for shape in shapes:
                await self._store_template(connection, tenant_id, shape)
        await engine.dispose()

    async def _store_people(self, connection: AsyncConnection, tenant_id: UUID) -> None:
        takes = ["view", "take", "move_state"]
        for name, permissions in (("EventManager", [*takes, "assign"]), ("Vendor", takes)):
            row = {"id": self.types[name], "name": name, "permissions": permissions}
            await connection.execute(insert(UserType), row | {"read_only": False})
        types = {self.manager: "EventManager"} | dict.fromkeys(self.workers, "Vendor")
        users = [{"id": user, "user_type_id": self.types[type_]} for user, type_ in types.items()]
        fixed = {"tenant_id": tenant_id, "is_admin": False}
        await connection.execute(insert(User), [user | fixed for user in users])
        kinds = [{"id": kind, "name": f"Kind {n}"} for n, kind in enumerate(self.kinds)]
        await connection.execute(insert(TaskType), [kind | {"active": True} for kind in kinds])
        eligible = [
            {"user_type_id": type_, "task_type_id": kind}
            for type_ in self.types.values()
            for kind in self.kinds
        ]
        await connection.execute(insert(Eligibility), eligible)
        event = {"id": self.event, "tenant_id": tenant_id, "name": "Wedding"}
        await connection.execute(insert(Occasion), event)
        members = [{"occasion_id": self.event, "user_id": user["id"]} for user in users]
        await connection.execute(insert(Member), members)

    async def _store_template(
        self, connection: AsyncConnection, tenant_id: UUID, shape: Shape
    ) -> None:
        self.templates[shape] = template = uuid4()
        row = {"id": template, "tenant_id": tenant_id, "name": shape.name}
        await connection.execute(insert(Template), row | {"version": 1, "active": True})
        own = {"template_id": template, "description": ""}
        nodes = [
            own | {"node_id": node, "title": f"Task {node}", "task_type_id": self.kinds[n % KINDS]}
            for n, node in enumerate(shape.nodes)
        ]
        await connection.execute(insert(TemplateNode), nodes)
        edges = [
            {"template_id": template, "parent": parent, "child": child}
            for parent, child in shape.edges
        ]
        if edges:
            await connection.execute(insert(TemplateEdge), edges)
