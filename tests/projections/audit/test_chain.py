"""A chain of hashes that any change breaks."""

import json
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta, timezone
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from projections.audit.chain import GENESIS, Entry, Sealed, canonical, first_break, hash_of, sealed

SOMEBODY = UUID("aaaaaaaa-0000-4000-8000-000000000001")
NOW = datetime(2026, 11, 21, 8, 0, 0, 123456, tzinfo=UTC)


def entry(position=1, **changed):
    values = {
        "position": position,
        "tenant_id": SOMEBODY,
        "actor": SOMEBODY,
        "command": "PublishShift",
        "action": "ShiftPublished",
        "topic": "scheduling.ShiftPublished",
        "entity": "Shift",
        "entity_id": SOMEBODY,
        "entity_version": position,
        "before": {"status": "draft"},
        "after": {"status": "published", "rate": 1.5},
        "request_id": "r",
        "correlation_id": "c",
        "causation_id": None,
        "occurred_at": NOW,
        "recorded_at": NOW,
    }
    return Entry(**values | changed)


CHAIN = sealed([entry(position) for position in range(1, 5)], GENESIS)


def test_a_chain_as_sealed_has_no_break():
    assert first_break(CHAIN, GENESIS) is None
    assert CHAIN[0].previous_hash == GENESIS
    assert [row.previous_hash for row in CHAIN[1:]] == [row.hash for row in CHAIN[:-1]]


def test_a_batch_continues_the_chain_of_the_one_before():
    more = sealed([entry(5)], CHAIN[-1].hash)
    assert first_break([*CHAIN, *more], GENESIS) is None


CHANGED = {
    "position": 9,
    "entity_version": 9,
    "before": {"status": "Draft"},
    "after": None,
    "causation_id": "why",
    "occurred_at": NOW + timedelta(microseconds=1),
    "recorded_at": NOW + timedelta(microseconds=1),
    "tenant_id": UUID(int=1),
    "actor": UUID(int=1),
    "entity_id": UUID(int=1),
}


@pytest.mark.parametrize("name", [field.name for field in fields(Entry)])
def test_a_change_of_any_column_breaks_the_chain_there(name):
    tampered = replace(CHAIN[2].entry, **{name: CHANGED.get(name, "changed")})
    rows = [*CHAIN[:2], replace(CHAIN[2], entry=tampered), CHAIN[3]]
    assert first_break(rows, GENESIS) == tampered.position


def test_a_row_sealed_anew_breaks_the_chain_at_the_next():
    anew = replace(CHAIN[2].entry, command="Nothing")
    forged = Sealed(anew, CHAIN[2].previous_hash, hash_of(anew, CHAIN[2].previous_hash))
    assert first_break([*CHAIN[:2], forged, CHAIN[3]], GENESIS) == 4


def test_a_row_left_out_breaks_the_chain():
    assert first_break([CHAIN[0], CHAIN[2], CHAIN[3]], GENESIS) == 3


def test_the_hash_is_the_same_in_every_time_zone():
    elsewhere = NOW.astimezone(timezone(timedelta(hours=5, minutes=30)))
    assert hash_of(entry(occurred_at=elsewhere), "") == hash_of(entry(), "")


def test_the_way_a_number_is_written_does_not_count():
    assert canonical([1e3, 1e22, 0.5, -0.0]) == canonical([1000, 10**22, 0.50, 0])


def test_a_number_is_not_a_string():
    assert canonical(0.5) != canonical("0.5")
    assert canonical(10**22) != canonical(str(10**22))
    assert hash_of(entry(after={"a": 1}), "") != hash_of(entry(after={"a": "1"}), "")


@given(st.floats(allow_nan=False, allow_infinity=False), st.integers())
def test_numbers_survive_another_notation(number, whole):
    assert canonical(json.loads(f"{number:.400e}".replace("e+", "e"))) == canonical(number)
    assert canonical(json.loads(json.dumps(whole))) == canonical(whole)
