"""A read model's tables in one schema: made, loaded, written and dropped set by set."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, cast

import orjson
import psycopg
from psycopg.rows import dict_row
from psycopg.sql import SQL, Composed, Identifier
from sqlalchemy import Column, MetaData, Table
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import CreateIndex, CreateTable

from projections.read_model import ReadModel
from projections.rows import Key, Rows

Connection = psycopg.AsyncConnection[Any]
_DIALECT = postgresql.dialect()  # type: ignore[no-untyped-call]


@dataclass(frozen=True, slots=True)
class Change:
    """A statement that changes one table, and what it is given."""

    statement: str
    parameters: Sequence[Any]


class ReadModelTables:
    """`schema` is the model's own, or another one in which it is built beside."""

    def __init__(self, model: ReadModel, schema: str | None = None) -> None:
        self.model = model
        self.schema = schema or model.schema
        self._statements = {table: _Statements(table, self.schema) for table in model.tables}

    async def create(self, connection: Connection) -> None:
        await connection.execute(SQL("CREATE SCHEMA {}").format(Identifier(self.schema)))
        elsewhere = MetaData()
        for table in self.model.tables:
            copy = table.to_metadata(elsewhere, schema=self.schema)
            await connection.execute(_raw(str(CreateTable(copy).compile(dialect=_DIALECT))))
            for index in copy.indexes:
                await connection.execute(_raw(str(CreateIndex(index).compile(dialect=_DIALECT))))

    async def drop(self, connection: Connection) -> None:
        drop = SQL("DROP SCHEMA IF EXISTS {} CASCADE").format(Identifier(self.schema))
        await connection.execute(drop)

    async def exist(self, connection: Connection) -> bool:
        cursor = await connection.execute(
            "SELECT count(*) FROM pg_namespace WHERE nspname = %s", (self.schema,)
        )
        row = await cursor.fetchone()
        return bool(row and row[0])

    async def load(
        self, connection: Connection, keys: Mapping[Table, Collection[Key]], rows: Rows
    ) -> None:
        """One select per table that has keys."""
        for table, wanted in keys.items():
            if wanted:
                found = await self._statements[table].load(connection, list(wanted))
                rows[table].supply(wanted, found)

    async def write(self, connection: Connection, rows: Rows) -> None:
        """What `changes` says, one statement after the other."""
        for change in self.changes(rows):
            await connection.execute(change.statement, change.parameters, prepare=True)

    def changes(self, rows: Rows) -> Iterator[Change]:
        """One statement per table for what is new or changed, one for what is gone.

        Raises orjson.JSONEncodeError for what JSON has no place for.
        """
        for table, changes in rows:
            statements = self._statements[table]
            if written := changes.written():
                payload = orjson.dumps(written, default=str).decode()
                yield Change(statements.upsert, (payload,))
            if deleted := changes.deleted():
                yield Change(statements.delete, statements.key_arrays(deleted))

    def qualified(self, table: Table) -> Composed:
        return SQL("{}.{}").format(Identifier(self.schema), Identifier(table.name))


class _Statements:
    """The SQL of one table, composed once."""

    def __init__(self, table: Table, schema: str) -> None:
        self._name = SQL("{}.{}").format(Identifier(schema), Identifier(table.name))
        self._columns = [column.name for column in table.columns]
        self._keys = list(table.primary_key.columns)

    async def load(self, connection: Connection, keys: Sequence[Key]) -> list[dict[str, Any]]:
        cursor = connection.cursor(row_factory=dict_row, binary=True)
        await cursor.execute(self.select, self.key_arrays(keys), prepare=True)
        return await cursor.fetchall()

    def key_arrays(self, keys: Sequence[Key]) -> list[list[Any]]:
        if len(self._keys) == 1:
            return [list(keys)]
        return [
            list(column) for column in zip(*cast("Sequence[tuple[Any, ...]]", keys), strict=True)
        ]

    @cached_property
    def select(self) -> Composed:
        return SQL("SELECT {} FROM {} JOIN {} USING ({})").format(
            _identifiers(self._columns), self._name, self._wanted, self._key_names
        )

    @cached_property
    def upsert(self) -> str:
        others = [name for name in self._columns if name not in {k.name for k in self._keys}]
        assignments = SQL(", ").join(
            SQL("{0} = EXCLUDED.{0}").format(Identifier(name)) for name in others
        )
        on_conflict = SQL("UPDATE SET {}").format(assignments) if others else SQL("NOTHING")
        upsert = SQL(
            "INSERT INTO {0} SELECT * FROM json_populate_recordset(NULL::{0}, %s::json) "
            "ON CONFLICT ({1}) DO {2}"
        )
        return upsert.format(self._name, self._key_names, on_conflict).as_string()

    @cached_property
    def delete(self) -> str:
        delete = SQL("DELETE FROM {} USING {} WHERE {}")
        return delete.format(self._name, self._wanted, self._same_key).as_string()

    @property
    def _wanted(self) -> Composed:
        arrays = SQL(", ").join(SQL("%s::{}[]").format(_raw(_type(key))) for key in self._keys)
        return SQL("unnest({}) AS wanted({})").format(arrays, self._key_names)

    @property
    def _same_key(self) -> Composed:
        return SQL(" AND ").join(
            SQL("{}.{} = wanted.{}").format(self._name, Identifier(key.name), Identifier(key.name))
            for key in self._keys
        )

    @property
    def _key_names(self) -> Composed:
        return _identifiers([key.name for key in self._keys])


def _identifiers(names: Sequence[str]) -> Composed:
    return SQL(", ").join(Identifier(name) for name in names)


def _type(column: Column[Any]) -> str:
    return column.type.compile(dialect=_DIALECT)


def _raw(text: str) -> SQL:
    """SQL that SQLAlchemy composed from our own table definitions."""
    return SQL(text)
