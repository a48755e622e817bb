"""A process that is told to stop answers what was on its way to it."""

import asyncio
import contextlib
import socket

import uvicorn

from interfaces.http.main import Server

REQUEST = b"GET / HTTP/1.1\r\nHost: here\r\n\r\n"


async def test_a_request_on_its_way_is_answered_by_a_process_that_stops():
    async with running() as (server, address):
        reader, writer = await asyncio.open_connection(*address)
        writer.write(REQUEST)
        assert (await reader.readuntil(b"ok")).startswith(b"HTTP/1.1 200")
        server.should_exit = True
        await asyncio.sleep(0.15)  # it looks each 0.1 s
        writer.write(REQUEST)
        answer = await asyncio.wait_for(reader.read(), 5)
        assert answer.startswith(b"HTTP/1.1 200")
        assert b"connection: close" in answer
        writer.close()


@contextlib.asynccontextmanager
async def running():
    listener = socket.create_server(("127.0.0.1", 0))
    server = Quiet(uvicorn.Config(app, log_config=None, lifespan="off", http="httptools"))
    address = listener.getsockname()
    task = asyncio.create_task(server.serve([listener]))
    yield server, address
    server.should_exit = True
    await task


class Quiet(Server):
    @contextlib.contextmanager
    def capture_signals(self):
        yield


async def app(_scope, _receive, send):
    headers = [(b"content-length", b"2")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b"ok"})
