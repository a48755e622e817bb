"""One wedding per module."""

import pytest

from tests.interfaces.http.conftest import a_database, a_folder, api
from tests.support.eventflow import a_wedding

__all__ = ["a_database", "a_folder", "api"]


@pytest.fixture(scope="module")
async def wedding(api):
    made = await a_wedding(api)
    yield made
    await made.close()
