import asyncio
import contextlib
import gc
import socket

import pytest

from infrastructure.nats.connection import connected
from infrastructure.nats.streams import STREAM
from infrastructure.settings import Settings
from interfaces.workers.main import run_worker


@pytest.fixture
async def nats_url(engines):
    """A NATS without the stream of an earlier test."""
    async with connected(engines.nats_url, "cleaner") as client:
        js = client.jetstream()
        if STREAM in [info.config.name for info in await js.streams_info()]:
            await js.delete_stream(STREAM)
    return engines.nats_url


@pytest.fixture
def settings(database_url, nats_url, tmp_path):
    return Settings(
        database_url=database_url,
        nats_url=nats_url,
        data_dir=tmp_path,
        worker_port=free_port(),
    )


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return listening.getsockname()[1]


@pytest.fixture
def work():
    """Run a worker for as long as the block lasts."""

    @contextlib.asynccontextmanager
    async def working(settings, roles=None):
        task = asyncio.create_task(run_worker(settings, roles))
        await asyncio.sleep(0.05)
        try:
            yield task
        finally:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
            # A connection whose making was cancelled is nobody's; no database is dropped beside it.
            gc.collect()

    return working
