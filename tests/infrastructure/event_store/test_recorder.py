"""The library's own test cases, on our tables and our append."""

import pytest
from eventsourcing.postgres import PostgresDatastore
from psycopg.conninfo import conninfo_to_dict

from infrastructure.event_store.recorder import (
    CheckpointRecorder,
    OpstreamAggregateRecorder,
    OpstreamRecorder,
)
from tests.infrastructure.event_store.library import cases


def datastore_of(database_url, **settings):
    given = conninfo_to_dict(database_url)
    where = {name: given[name] for name in ("dbname", "host", "port", "user", "password")}
    return PostgresDatastore(**where, pool_size=1, max_overflow=12, **settings)


@pytest.fixture
def datastore(database_url):
    with datastore_of(database_url) as datastore:
        yield datastore


class OnOurTables:
    """Hands the library's cases, which are no pytest functions, a database of their own."""

    @pytest.fixture(autouse=True)
    def _on_a_database_of_its_own(self, datastore):
        self.datastore = datastore


class TestApplicationRecorder(OnOurTables, cases.ApplicationRecorderTestCase):
    def create_recorder(self):
        return OpstreamRecorder(self.datastore)

    def test_insert_subscribe(self):
        self.optional_test_insert_subscribe()


class TestAggregateRecorder(OnOurTables, cases.AggregateRecorderTestCase):
    def create_recorder(self):
        return OpstreamAggregateRecorder(self.datastore)


class TestNonInterleavingNotificationIDs(OnOurTables, cases.NonInterleavingNotificationIDsBaseCase):
    def create_recorder(self):
        return OpstreamRecorder(self.datastore)


class TestTrackingRecorder(OnOurTables, cases.TrackingRecorderTestCase):
    def create_recorder(self):
        recorder = CheckpointRecorder(self.datastore)
        recorder.create_table()
        return recorder


def test_the_path_without_a_lock_is_refused(database_url):
    with (
        datastore_of(database_url, enable_db_functions=True) as datastore,
        pytest.raises(ValueError, match="takes no lock"),
    ):
        OpstreamRecorder(datastore)
