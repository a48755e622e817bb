"""A real server in a thread with a loop of its own: what is fuzzed is what a client would get."""

import asyncio
import socket
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import AbstractAsyncContextManager, contextmanager
from typing import Any, TypeVar

import uvicorn
import uvloop

T = TypeVar("T")
Prepare = Callable[[], AbstractAsyncContextManager[tuple[Any, T]]]
"""Gives an app, and what callers have to know of it, for as long as it is served."""


@contextmanager
def serving(prepare: Prepare[T]) -> Iterator[tuple[str, T]]:
    """The app's URL, and what was prepared with it."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        ready: Future[tuple[uvicorn.Server, T]] = Future()
        thread = threading.Thread(target=_serve, args=(prepare, listening, ready), daemon=True)
        thread.start()
        server, prepared = ready.result()
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}", prepared
        finally:
            server.should_exit = True
            thread.join()


def _serve(
    prepare: Prepare[T], listening: socket.socket, ready: Future[tuple[uvicorn.Server, T]]
) -> None:
    async def serve() -> None:
        async with prepare() as (app, prepared):
            config = uvicorn.Config(
                app, http="httptools", ws="none", lifespan="off", log_level="critical"
            )
            server = uvicorn.Server(config)
            ready.set_result((server, prepared))
            await server.serve([listening])

    try:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(serve())
    except BaseException as error:
        if ready.done():
            raise
        ready.set_exception(error)
