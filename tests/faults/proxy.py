"""A line between two processes that can be cut, slowed down, half-opened, or lose one answer."""

import asyncio
import contextlib
from typing import Self

_CHUNK = 65536


class Proxy:
    """Listens on 127.0.0.1 and forwards to a server there. It begins whole; `heal` makes it so."""

    def __init__(self, name: str, target: int) -> None:
        self.name = name
        self.port = 0
        self.connections = 0
        self.lost_answers = 0
        self._target = target
        self._refuses = False
        self._delay = 0.0
        self._whole = asyncio.Event()
        self._whole.set()
        self._marker = b""
        self._to_lose = 0
        self._server: asyncio.Server | None = None
        self._lines: set[_Line] = set()
        self._serving: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._connected, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.close()
        self.heal()
        self.cut()
        if self._serving:
            await asyncio.wait(self._serving)

    def cut(self) -> None:
        """Break every connection; new ones are welcome."""
        for line in tuple(self._lines):
            line.abort()

    def refuse(self) -> None:
        """Break every connection and every new one, until healed."""
        self._refuses = True
        self.cut()

    def delay(self, seconds: float) -> None:
        """Each chunk, in both directions, comes this much later."""
        self._delay = seconds

    def half_open(self) -> None:
        """Swallow what both sides say from now on; nobody is told that it does not arrive."""
        for line in self._lines:
            line.is_deaf = True
        self._whole.clear()

    def lose_answers(self, marker: bytes, count: int) -> None:
        """The server gets the next requests that contain the marker, and their answers are lost
        together with the connection.
        """
        self._marker, self._to_lose = marker, count

    def heal(self) -> None:
        """What was swallowed stays lost, so connections that were half open are cut at last."""
        self._refuses, self._delay, self._to_lose = False, 0.0, 0
        self._whole.set()
        for line in tuple(self._lines):
            if line.is_deaf:
                line.abort()

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        task = asyncio.current_task()
        assert task is not None
        self._serving.add(task)
        task.add_done_callback(self._serving.discard)
        line = _Line([writer])
        self._lines.add(line)
        try:
            await self._serve(line, reader, writer)
        except OSError:
            pass
        finally:
            self._lines.discard(line)
            await line.close()

    async def _serve(
        self, line: "_Line", reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        if self._refuses:
            return
        line.is_deaf = not self._whole.is_set()
        from_server, to_server = await asyncio.open_connection("127.0.0.1", self._target)
        line.writers.append(to_server)
        both = (
            asyncio.create_task(self._requests(line, reader, to_server)),
            asyncio.create_task(self._answers(line, from_server, writer)),
        )
        try:
            await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in both:
                task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await asyncio.gather(*both, return_exceptions=True)

    async def _requests(
        self, line: "_Line", source: asyncio.StreamReader, sink: asyncio.StreamWriter
    ) -> None:
        tail = b""
        while data := await source.read(_CHUNK):
            if self._to_lose:
                if self._marker in tail + data:
                    self._to_lose -= 1
                    line.is_doomed = True
                tail = data[-len(self._marker) :]
            await self._pass_on(line, data, sink)

    async def _answers(
        self, line: "_Line", source: asyncio.StreamReader, sink: asyncio.StreamWriter
    ) -> None:
        while data := await source.read(_CHUNK):
            if line.is_doomed:
                self.lost_answers += 1
                return
            await self._pass_on(line, data, sink)

    async def _pass_on(self, line: "_Line", data: bytes, sink: asyncio.StreamWriter) -> None:
        if line.is_deaf:
            return
        if self._delay:
            await asyncio.sleep(self._delay)
        sink.write(data)
        await sink.drain()


class _Line:
    """One connection, with both of its ends."""

    def __init__(self, writers: list[asyncio.StreamWriter]) -> None:
        self.writers = writers
        self.is_deaf = False
        self.is_doomed = False

    async def close(self) -> None:
        """What was passed on before still arrives, if it can within a second."""
        for writer in self.writers:
            writer.close()
        for writer in self.writers:
            with contextlib.suppress(OSError, TimeoutError):
                async with asyncio.timeout(1):
                    await writer.wait_closed()
            writer.transport.abort()

    def abort(self) -> None:
        for writer in self.writers:
            writer.transport.abort()
