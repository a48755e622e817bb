"""One database and one API per module: most requests leave the others alone."""

from pathlib import Path
from uuid import uuid4

import pytest

from tests.conftest import _execute, _of
from tests.interfaces.http.documented import documented
from tests.support.api import running_api


@pytest.fixture(scope="module")
def a_database(engines, template):
    yield from _new_database(engines, template)


@pytest.fixture(scope="module")
def another_database(engines, template):
    yield from _new_database(engines, template)


def _new_database(engines, template):
    name = f"http_{uuid4().hex}"
    _execute(engines.database_url, f"CREATE DATABASE {name} TEMPLATE {template}")
    yield _of(engines.database_url, name)
    _execute(engines.database_url, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(scope="module")
def a_folder(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("data")


@pytest.fixture(scope="module")
async def api(a_database, a_folder):
    async with running_api(a_database, a_folder, documented) as running:
        yield running
