"""One API without an importer for a whole file: each test starts its own, or is one itself."""

import pytest

from tests.infrastructure.nats.support import query
from tests.interfaces.http.conftest import a_database, a_folder
from tests.support.api import running_api

__all__ = ["a_database", "a_folder"]


@pytest.fixture(scope="module")
async def api(a_database, a_folder):
    async with running_api(a_database, a_folder) as running:
        yield running


@pytest.fixture(autouse=True)
def database_url(a_database):
    """Nothing waits in it."""
    query(a_database, "DELETE FROM imports")
    return a_database
