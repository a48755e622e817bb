"""What somebody who owns the database and its disk might do, chosen by chance."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field

from infrastructure.sealing.checkpoint import Checkpoint
from tests.support.sealing import ANOTHER

CHANGES = {
    "uuid": ["gen_random_uuid()", "'00000000-0000-0000-0000-00000000000f'"],
    "bigint": ["{column} + 1000", "-{column} - 1", "{column} * 1000000007"],
    "text": [
        "{column} || ' '",
        "''",
        "upper({column}) || 'x'",
        "overlay({column} placing '~' from 1)",
    ],
    "bytea": [
        "set_byte({column}, {byte}, get_byte({column}, {byte}) # {mask})",
        "{column} || '\\x00'",
        "''",
    ],
    "jsonb": [
        "{column} || '{{\"forged\": true}}'",
        "'{{}}'",
        "'[]'",
        "jsonb_build_object('was', {column})",
    ],
    "timestamp with time zone": [
        "{column} + interval '1 microsecond'",
        "{column} - interval '1 day'",
        "'infinity'",
        "'-infinity'",
    ],
}
"""By a column's type. Most kinds of nothing, such as NULL, are tried of every column."""

POSITIONS = {"stored_events": "notification_id", "audit_trail": "position"}
LEDGERS = {"stored_events": "event log", "audit_trail": "audit trail"}
REST = "line, log_digests, trail_digests FROM signed_checkpoints"
ANYWHERE = None


@dataclass
class Edit:
    what: str
    statements: Sequence[str] = ()
    lines: Sequence[str] | None = None
    """Of the file afterwards; None when it is left alone."""
    where: str | None = ANYWHERE
    places: Sequence[int] = field(default=())
    """Where the first finding there may be."""
    column: str | None = None


class Attacker:
    def __init__(self, random, columns, lines, events):
        self.random = random
        self.columns = columns
        self.lines = lines
        self.events = events

    def edit(self, kind, table):
        return getattr(self, kind)(table)

    # The log and the trail

    def change(
        self,
        table,
    ):
        name, type_ = self.random.choice(self.columns[table])
        row = self.random.randint(1, self.events)
        value = self._value(name, type_)
        change = f"UPDATE {table} SET {name} = {value} WHERE {POSITIONS[table]} = {row}"
        free = _freed(table, name)
        places = [row, 0] if name == POSITIONS[table] else [row]
        return Edit(change, [*free, change], None, LEDGERS[table], places, name)

    def _value(self, name, type_):
        value = self.random.choice([*CHANGES[type_], "NULL"])
        return value.format(
            column=name, byte=self.random.randint(0, 20), mask=1 << self.random.randint(0, 7)
        )

    def delete(self, table):
        row = self.random.randint(1, self.events)
        statement = f"DELETE FROM {table} WHERE {POSITIONS[table]} = {row}"
        return Edit(statement, [statement], where=LEDGERS[table], places=[row])

    def truncate(self, table):
        kept = self.random.randint(0, self.events - 1)
        statement = f"DELETE FROM {table} WHERE {POSITIONS[table]} > {kept}"
        return Edit(statement, [statement], where=LEDGERS[table], places=[kept + 1])

    def swap(self, table):
        one, other = sorted(self.random.sample(range(1, self.events + 1), 2))
        position = POSITIONS[table]
        steps = [(one, -1), (other, one), (-1, other)]
        statements = [
            f"UPDATE {table} SET {position} = {to} WHERE {position} = {of}" for of, to in steps
        ]
        return Edit(f"{table}: {one} <-> {other}", statements, where=LEDGERS[table], places=[one])

    def insert(self, table):
        """A forged row in the middle, the others moved on."""
        row, position = self.random.randint(1, self.events), POSITIONS[table]
        move = [
            f"UPDATE {table} SET {position} = -{position} - 1 WHERE {position} >= {row}",
            f"UPDATE {table} SET {position} = -{position} WHERE {position} < 0",
        ]
        like = self.random.choice([n for n in range(1, self.events + 1) if n != row])
        forged = self._forge(table, row, like + (like >= row))
        return Edit(forged, [*move, forged], where=LEDGERS[table], places=[row])

    def repeat(self, table):
        """A row at a place that is taken; also the very same row once more."""
        row, like = (self.random.randint(1, self.events) for _ in range(2))
        like = self.random.choice([like, row])
        forged = self._forge(table, row, like, new_id=like != row)
        free = _freed(table, POSITIONS[table])
        return Edit(forged, [*free, forged], where=LEDGERS[table], places=[row])

    def add_nowhere(self, table):
        """A row at a place that nobody counts."""
        place = self.random.choice(["0", "-1", "-1000", "NULL"])
        forged = self._forge(table, place, self.random.randint(1, self.events))
        free = _freed(table, POSITIONS[table])
        return Edit(forged, [*free, forged], where=LEDGERS[table], places=[0])

    def _forge(self, table, place, like, *, new_id=True):
        position = POSITIONS[table]
        others = [name for name, _ in self.columns[table] if name != position]
        values = [
            "gen_random_uuid()" if new_id and name == "originator_id" else name for name in others
        ]
        return (
            f"INSERT INTO {table} ({position}, {', '.join(others)}) "
            f"SELECT {place}, {', '.join(values)} FROM {table} WHERE {position} = {like}"
        )

    # The checkpoints, in the database or in the file

    def checkpoint_row(self, _table):
        number = self.random.randint(1, len(self.lines))
        flipped = self._flipped(self.lines[number - 1])
        statement = self.random.choice(
            [
                f"DELETE FROM signed_checkpoints WHERE number = {number}",
                f"DELETE FROM signed_checkpoints WHERE number >= {number}",
                f"UPDATE signed_checkpoints SET number = number + 100 WHERE number = {number}",
                f"UPDATE signed_checkpoints SET number = -1 WHERE number = {number}",
                f"UPDATE signed_checkpoints SET line = {_quoted(flipped)} WHERE number = {number}",
                f"UPDATE signed_checkpoints SET line = '' WHERE number = {number}",
                f"UPDATE signed_checkpoints SET line = line || ' ' WHERE number = {number}",
                *(
                    f"UPDATE signed_checkpoints SET {column} = {value} WHERE number = {number}"
                    for column in ("log_digests", "trail_digests")
                    for value in self._digests(column)
                ),
                f"INSERT INTO signed_checkpoints SELECT number + 5, {REST} WHERE number = {number}",
            ]
        )
        return Edit(statement, [statement])

    def _digests(self, column):
        byte = self.random.randint(0, 2 * 32 - 1)
        return (
            f"set_byte({column}, {byte}, get_byte({column}, {byte}) # 1)",
            f"{column} || sha256('x')",
            f"substr({column}, 33)",
        )

    def checkpoint_line(self, _table):
        lines, index = list(self.lines), self.random.randrange(len(self.lines))
        other = self.random.choice([n for n in range(len(lines)) if n != index])
        how = self.random.choice(["flip", "cut", "leave out", "swap", "repeat", "empty", "forge"])
        if how == "flip":
            lines[index] = self._flipped(lines[index])
        elif how == "cut":
            lines = lines[:index]
        elif how == "leave out":
            del lines[index]
        elif how == "swap":
            lines[index], lines[other] = lines[other], lines[index]
        elif how == "repeat":
            lines.insert(index, lines[other])
        elif how == "empty":
            lines[index] = ""
        else:
            lines.append(self._forged(lines[-1]))
        return Edit(f"file: {how} {index} {other}", lines=lines)

    def forged_everywhere(self, _table):
        """A further checkpoint, or another newest one, in both; but not by our key."""
        if self.random.random() < 0.5:
            forged, statement = (
                self._forged(self.lines[-1]),
                "INSERT INTO signed_checkpoints VALUES ({number}, {line}, '', '')",
            )
            lines = [*self.lines, forged]
        else:
            forged = self._resigned(self.lines[-1])
            statement = "UPDATE signed_checkpoints SET line = {line} WHERE number = {number}"
            lines = [*self.lines[:-1], forged]
        statement = statement.format(number=len(lines), line=_quoted(forged))
        return Edit(statement, [statement], lines)

    def _flipped(self, line):
        at = self.random.randrange(len(line))
        return line[:at] + ("0" if line[at] != "0" else "1") + line[at + 1 :]

    def _forged(self, newest):
        before = Checkpoint.read(newest)
        raw = json.loads(newest)
        raw |= {"number": before.number + 1, "previous": before.hash}
        if self.random.random() < 0.5:
            raw["key_id"] = ANOTHER.id
        return Checkpoint(**raw).signed(ANOTHER.private).line

    def _resigned(self, line):
        raw = json.loads(line)
        raw["made_at"] = "2030-01-01T00:00:00+00:00"
        return Checkpoint(**raw).signed(ANOTHER.private).line


def _freed(table, column):
    """Who may do everything may also do away with what stands in the way."""
    return [
        f"ALTER TABLE {table} DROP CONSTRAINT {table}_pkey",
        "DROP INDEX IF EXISTS stored_events_notification_id_idx",
        f"ALTER TABLE {table} ALTER {column} DROP NOT NULL",
    ]


def _quoted(text):
    return "'" + text.replace("'", "''") + "'"
