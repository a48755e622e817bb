"""The schema comes up to date, however often and from however many processes it is asked to."""

from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import psycopg
import pytest
from psycopg import errors

from infrastructure.postgres.migrate import migrate, newest_revision

ROW = """INSERT INTO stored_events VALUES (
    gen_random_uuid(), 1, 'test.Happened', '{}', 1,
    gen_random_uuid(), gen_random_uuid(), '{}', now()
)"""
UPSERT = """INSERT INTO stored_events SELECT * FROM stored_events
    ON CONFLICT (originator_id, originator_version) DO UPDATE SET topic = 'test.Other'"""


@pytest.fixture
def empty_url(engines):
    """A database in which nobody has been."""
    name = f"empty_{uuid4().hex}"
    with psycopg.connect(engines.database_url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
        yield f"{engines.database_url.rsplit('/', 1)[0]}/{name}"
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


def test_an_empty_database_comes_to_the_newest_revision(empty_url):
    assert migrate(empty_url) == (None, newest_revision())


def test_a_second_time_changes_nothing(database_url):
    newest = newest_revision()
    assert migrate(database_url) == (newest, newest)


def test_several_processes_may_ask_at_once(empty_url):
    with ThreadPoolExecutor(4) as threads:
        results = list(threads.map(migrate, [empty_url] * 4))
    newest = newest_revision()
    assert sorted(results, key=str) == [(newest, newest)] * 3 + [(None, newest)]


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE stored_events SET topic = 'test.Other'",
        "DELETE FROM stored_events",
        "TRUNCATE stored_events",
        UPSERT,
    ],
    ids=["update", "delete", "truncate", "upsert"],
)
def test_the_log_only_grows(database_url, change):
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute(ROW)
        with pytest.raises(errors.RestrictViolation, match="stored_events only grows"):
            connection.execute(change)
        assert connection.execute("SELECT topic FROM stored_events").fetchall() == [
            ("test.Happened",)
        ]


SAME_VERSION = ROW.replace("gen_random_uuid(), 1,", f"'{uuid4()}', 1,")
SAME_VERSION_LATER = SAME_VERSION.replace("'{}', 1,", "'{}', 2,")


@pytest.mark.parametrize(
    ("first", "second"),
    [(ROW, ROW), (SAME_VERSION, SAME_VERSION_LATER)],
    ids=["position", "version"],
)
def test_nothing_is_there_twice_at_the_same(database_url, first, second):
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute(first)
        with pytest.raises(errors.UniqueViolation):
            connection.execute(second)
