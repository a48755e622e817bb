"""The rows that a batch of events touches, in memory, each there once."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import Table

from domain.shared.ids import PLATFORM, TenantId

Key = UUID | str | tuple[Any, ...]
"""A primary key: the value, or a tuple of values when it has several columns."""


class NotLoadedError(LookupError):
    """A handler asked for a row that was not loaded; the runner loads it and folds again."""

    def __init__(self, table: Table, key: Key) -> None:
        super().__init__(f"{table.name} {key}")
        self.table = table
        self.key = key


class Row:
    """One row; its columns are its attributes, and setting one marks it as changed."""

    __slots__ = ("_changed", "_key", "_values")

    def __init__(self, values: dict[str, Any], key: Key, changed: set[Key]) -> None:
        object.__setattr__(self, "_values", values)
        object.__setattr__(self, "_key", key)
        object.__setattr__(self, "_changed", changed)

    def __getattr__(self, column: str) -> Any:
        try:
            return self._values[column]
        except KeyError:
            raise AttributeError(f"no column {column}") from None

    def __setattr__(self, column: str, value: object) -> None:
        if column not in self._values:
            raise AttributeError(f"no column {column}")
        self._values[column] = value
        self._changed.add(self._key)


class TableRows:
    """The loaded rows of one table."""

    def __init__(self, table: Table, *, complete: bool) -> None:
        self._empty = {str(column.name): None for column in table.columns}
        self._has_tenant = "tenant_id" in self._empty
        self._key_columns = [str(column.name) for column in table.primary_key.columns]
        self._table = table
        self._complete = complete
        self._rows: dict[Key, dict[str, Any] | None] = {}
        self._changed: set[Key] = set()
        self._tenant_id: TenantId | None = None

    def __getitem__(self, key: Key) -> Row:
        """Raises KeyError when there is no such row."""
        if (row := self.get(key)) is None:
            raise KeyError(key)
        return row

    def get(self, key: Key) -> Row | None:
        if key not in self._rows and not self._complete:
            raise NotLoadedError(self._table, key)
        values = self._rows.get(key)
        return None if values is None else Row(values, key, self._changed)

    def insert(self, **values: object) -> None:
        """Add a row, or replace the one with its key. Columns not given are null; the tenant is
        the event's unless it is given.
        """
        row: dict[str, Any] = {**self._empty, **values}
        if len(row) != len(self._empty):
            unknown = ", ".join(values.keys() - self._empty.keys())
            raise AttributeError(f"no column {unknown} in {self._table.name}")
        if self._has_tenant and "tenant_id" not in values:
            row["tenant_id"] = self._tenant_id
        key = self.key_of(row)
        self._rows[key] = row
        self._changed.add(key)

    def delete(self, key: Key) -> None:
        self._rows[key] = None
        self._changed.add(key)

    def key_of(self, row: Mapping[str, Any]) -> Key:
        if len(self._key_columns) == 1:
            return row[self._key_columns[0]]  # type: ignore[no-any-return]
        return tuple(row[column] for column in self._key_columns)

    def supply(self, keys: Iterable[Key], rows: Iterable[dict[str, Any]]) -> None:
        """Give what the database holds under these keys."""
        self._rows.update(dict.fromkeys(keys))
        for row in rows:
            self._rows[self.key_of(row)] = row

    def written(self) -> list[dict[str, Any]]:
        return [row for key in self._changed if (row := self._rows[key]) is not None]

    def deleted(self) -> list[Key]:
        return [key for key in self._changed if self._rows[key] is None]

    def all(self) -> list[dict[str, Any]]:
        return [row for row in self._rows.values() if row is not None]

    def for_tenant(self, tenant_id: TenantId) -> None:
        self._tenant_id = tenant_id


class Rows:
    """What handlers change. With `complete`, what is not there does not exist anywhere."""

    position = 0
    """Where in the log the event stands that is handled."""
    tenant_id = PLATFORM
    """Whose it is."""

    def __init__(self, tables: Iterable[Table], *, complete: bool = False) -> None:
        self._tables = {table: TableRows(table, complete=complete) for table in tables}

    def __getitem__(self, table: Table) -> TableRows:
        return self._tables[table]

    def __iter__(self) -> Iterator[tuple[Table, TableRows]]:
        return iter(self._tables.items())

    def for_tenant(self, tenant_id: TenantId) -> None:
        """Say whose event is handled next."""
        self.tenant_id = tenant_id
        for rows in self._tables.values():
            rows.for_tenant(tenant_id)
