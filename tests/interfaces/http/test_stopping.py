"""A process that is told to stop answers what was on its way to it."""

import asyncio
import contextlib

import uvicorn

from interfaces.http.main import Server
from tests.support.served import _free_port

REQUEST = b"GET / HTTP/1.1\r\nHost: here\r\n\r\n"


async def test_a_request_on_its_way_is_answered_by_a_process_that_stops():
    async with running() as (server, port):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        await asyncio.sleep(0.1)
        server.should_exit = True
        await asyncio.sleep(0.15)
        writer.write(REQUEST)
        answer = await asyncio.wait_for(reader.read(), 5)
        assert answer.startswith(b"HTTP/1.1 200")
        assert b"connection: close" in answer
        writer.close()


@contextlib.asynccontextmanager
async def running():
    port = _free_port()
    config = uvicorn.Config(answer, port=port, log_config=None, lifespan="off", http="httptools")
    server = Quiet(config)
    task = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.01)
    yield server, port
    server.should_exit = True
    await task


class Quiet(Server):
    @contextlib.contextmanager
    def capture_signals(self):
        yield


async def answer(_scope, _receive, send):
    headers = [(b"content-length", b"2")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b"ok"})
