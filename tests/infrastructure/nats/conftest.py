import tempfile
from pathlib import Path

import pytest

from infrastructure.embedded.nats import EmbeddedNats
from infrastructure.nats.connection import connected
from infrastructure.nats.streams import STREAM
from tests.infrastructure.nats.support import Taken


@pytest.fixture
async def nats_url(engines):
    """A NATS without the stream of an earlier test."""
    async with connected(engines.nats_url, "cleaner") as client:
        js = client.jetstream()
        for name in [info.config.name for info in await js.streams_info()]:
            if name == STREAM:
                await js.delete_stream(name)
    return engines.nats_url


@pytest.fixture
async def link(nats_url):
    async with connected(nats_url, "test") as client:
        yield client


@pytest.fixture
def own_nats():
    """A NATS that a test may kill and rob of its store."""
    with tempfile.TemporaryDirectory(prefix="opstream-nats-") as folder:
        server = EmbeddedNats(Path(folder))
        server.prepare()
        server.start_child()
        server.wait_ready()
        yield server
        server._child.kill()


@pytest.fixture
def taken(database_url):
    return Taken(database_url)
