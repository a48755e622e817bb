"""A thousand edits of log, trail and checkpoints, chosen by chance: each is found, and where."""

from collections import Counter
from random import Random

import psycopg
import pytest

from infrastructure.sealing.checking import check
from infrastructure.sealing.evidence import Evidence
from tests.infrastructure.sealing.conftest import EVENTS
from tests.infrastructure.sealing.tampering import LEDGERS, Attacker
from tests.support.sealing import KEY

EDITS = 1000
SEED = 20261121
TRUSTED = {KEY.id: KEY.public}
WITH_ROWS = ("delete", "truncate", "swap", "insert", "repeat", "add_nowhere")
KINDS = {
    **{(kind, table): 2 for kind in WITH_ROWS for table in LEDGERS},
    **{("change", table): 8 for table in LEDGERS},
    ("checkpoint_row", "signed_checkpoints"): 6,
    ("checkpoint_line", "signed_checkpoints"): 6,
    ("forged_everywhere", "signed_checkpoints"): 2,
}
"""With their weights."""

_COLUMNS = """
SELECT column_name, data_type FROM information_schema.columns
WHERE table_name = %s ORDER BY ordinal_position
"""


async def columns_of(connection, table):
    return await (await connection.execute(_COLUMNS, (table,))).fetchall()


@pytest.fixture
async def attacker(connection, sealed):
    columns = {table: await columns_of(connection, table) for table in LEDGERS}
    return Attacker(Random(SEED), columns, sealed.lines(), EVENTS)


async def findings_after(connection, sealed, edit, before):
    """None when it changed nothing."""
    lines = sealed.lines() if edit.lines is None else edit.lines
    async with connection.transaction(force_rollback=True):
        for statement in edit.statements:
            await connection.execute(statement)
        if lines == sealed.lines() and await fingerprint(connection) == before:
            return None
        return (await check(connection, Evidence(TRUSTED, lambda: lines))).findings


async def fingerprint(connection):
    tables = (*LEDGERS, "signed_checkpoints")
    query = " UNION ALL ".join(
        f"SELECT md5(string_agg(t::text, '|' ORDER BY t::text)) FROM {table} t" for table in tables
    )
    return await (await connection.execute(query)).fetchall()


async def test_a_thousand_random_edits_are_all_found(connection, sealed, attacker):
    missed, misplaced, made = [], [], Counter()
    before = await fingerprint(connection)
    while made.total() < EDITS:
        ((kind, table),) = attacker.random.choices(list(KINDS), KINDS.values())
        edit = attacker.edit(kind, table)
        try:
            findings = await findings_after(connection, sealed, edit, before)
        except psycopg.errors.DataError:
            continue  # such as a byte that is not there
        if findings is None:
            continue
        made[kind, table, edit.column] += 1
        there = [each for each in findings if each.where == edit.where]
        if not findings:
            missed.append(edit.what)
        elif edit.where and (not there or there[0].place not in edit.places):
            misplaced.append((edit.what, [str(each) for each in findings]))
    assert (missed, misplaced) == ([], [])
    changed = {(table, column) for kind, table, column in made if kind == "change"}
    assert changed == {(table, name) for table in LEDGERS for name, _ in attacker.columns[table]}
    assert {(kind, table) for kind, table, _ in made} == set(KINDS)
    assert not (await check(connection, Evidence(TRUSTED, sealed.lines))).findings
