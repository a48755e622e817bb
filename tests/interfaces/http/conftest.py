"""One database and one API per module: most requests leave the others alone."""

from pathlib import Path

import pytest

from tests.interfaces.http.documented import documented
from tests.support.api import running_api


@pytest.fixture(scope="module")
def a_database(new_database):
    with new_database() as url:
        yield url


@pytest.fixture(scope="module")
def another_database(new_database):
    with new_database() as url:
        yield url


@pytest.fixture(scope="module")
def a_folder(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("data")


@pytest.fixture(scope="module")
async def api(a_database, a_folder):
    async with running_api(a_database, a_folder, documented) as running:
        yield running
