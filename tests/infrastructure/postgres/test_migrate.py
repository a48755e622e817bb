"""The schema comes up to date, however often and from however many processes it is asked to."""

import socket
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from uuid import uuid4

import psycopg
import pytest
import sqlalchemy.exc
from alembic.script import ScriptDirectory
from psycopg import errors

from domain.shared.errors import Unavailable
from infrastructure.postgres.migrate import migrate
from infrastructure.postgres.revisions import MIGRATIONS, is_outdated, newest_revision, revisions

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


def test_the_names_of_the_files_tell_the_revisions():
    scripts = ScriptDirectory(str(MIGRATIONS))
    assert [script.revision for script in scripts.walk_revisions()][::-1] == revisions()
    assert scripts.get_heads() == [newest_revision()]


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


def test_who_waits_for_another_too_long_is_told(database_url):
    with psycopg.connect(database_url) as another:
        another.execute("SELECT pg_advisory_lock(hashtext('opstream.migrate'))")
        with pytest.raises(Unavailable, match="Another process"):
            migrate(database_url, patience=0.2)


def test_a_server_that_never_answers_is_given_up():
    with (
        closing(socket.create_server(("127.0.0.1", 0))) as mute,
        pytest.raises(sqlalchemy.exc.OperationalError),
    ):
        migrate(f"postgresql://opstream@127.0.0.1:{mute.getsockname()[1]}/opstream")


def test_a_schema_is_outdated_when_migrations_are_missing(empty_url):
    assert outdated(empty_url)
    migrate(empty_url)
    assert not outdated(empty_url)
    assert outdated(empty_url, "0001")
    assert not outdated(empty_url, "9999"), "a newer release has been here"


def outdated(url, revision=None):
    with psycopg.connect(url) as connection:
        if revision is not None:
            connection.execute("UPDATE alembic_version SET version_num = %s", (revision,))
        return is_outdated(connection)


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
