"""A wire to Postgres that can be cut at the worst moment."""

import asyncio
from contextlib import asynccontextmanager

from psycopg.conninfo import conninfo_to_dict, make_conninfo


class Wire:
    """Forwards bytes; loses the server's answer to what it is told to, and then the connection."""

    def __init__(self, database_url: str) -> None:
        server = conninfo_to_dict(database_url)
        self._server = (str(server["host"]), int(server["port"] or 5432))
        self._original = database_url
        self._lose: list[bytes] = []
        self.url = ""
        self.connections = 0

    def lose_the_answer_to(self, *markers: bytes) -> None:
        """Each of these is lost once: the first request that contains it."""
        self._lose.extend(markers)

    @property
    def has_lost_all(self) -> bool:
        return not self._lose

    async def connected(
        self, from_client: asyncio.StreamReader, to_client: asyncio.StreamWriter
    ) -> None:
        self.connections += 1
        from_server, to_server = await asyncio.open_connection(*self._server)
        doomed = asyncio.Event()
        async with asyncio.TaskGroup() as both:
            both.create_task(self._requests(from_client, to_server, doomed))
            both.create_task(self._answers(from_server, to_client, doomed))
        for side in (to_client, to_server):
            side.close()

    async def _requests(
        self, source: asyncio.StreamReader, sink: asyncio.StreamWriter, doomed: asyncio.Event
    ) -> None:
        while data := await source.read(65536):
            for marker in self._lose:
                if marker in data:
                    self._lose.remove(marker)
                    doomed.set()
                    break
            sink.write(data)
        sink.close()

    async def _answers(
        self, source: asyncio.StreamReader, sink: asyncio.StreamWriter, doomed: asyncio.Event
    ) -> None:
        while data := await source.read(65536):
            if doomed.is_set():
                break
            sink.write(data)
        sink.close()


@asynccontextmanager
async def wire(database_url: str):
    line = Wire(database_url)
    server = await asyncio.start_server(line.connected, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    line.url = make_conninfo(database_url, host="127.0.0.1", port=port)
    try:
        yield line
    finally:
        server.close()
