"""Answers that leave in one piece.

uvicorn writes an answer's head and then its body; each is a system call and wakes the client. Here
the head waits for what follows it within the same turn of the event loop.
"""

import asyncio
from typing import Any, cast

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol


class OneWrite(HttpToolsProtocol):
    """uvicorn's protocol on a transport that joins two writes."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(Joining(cast("asyncio.Transport", transport), self.loop))


class Joining(asyncio.Transport):
    """What is written first goes out together with what is written next, or, when that is nothing,
    at the end of the loop's turn. Nothing is reordered, and nothing waits for longer.
    """

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__()
        self._transport = transport
        self._loop = loop
        self._held = b""
        self._due: asyncio.Handle | None = None

    def write(self, data: bytes | bytearray | memoryview) -> None:
        if self._due is None:
            self._held = bytes(data)
            self._due = self._loop.call_soon(self.flush)
        else:
            self._held += data
            self.flush()

    def flush(self) -> None:
        """Send what is held; to a client that has gone, nothing."""
        if self._due is None:
            return
        self._due.cancel()
        held, self._held, self._due = self._held, b"", None
        if not self._transport.is_closing():
            self._transport.write(held)

    def close(self) -> None:
        self.flush()
        self._transport.close()

    def abort(self) -> None:
        self._transport.abort()

    def is_closing(self) -> bool:
        return self._transport.is_closing()

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        return self._transport.get_extra_info(name, default)

    def pause_reading(self) -> None:
        self._transport.pause_reading()

    def resume_reading(self) -> None:
        self._transport.resume_reading()

    def set_protocol(self, protocol: asyncio.BaseProtocol) -> None:
        self._transport.set_protocol(protocol)
