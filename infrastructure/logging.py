"""Structured logs: one JSON object per line on standard output.

Lines of one turn of the event loop leave in one write, as the turn ends.

Nothing secret or personal goes in: callers log ids, names of commands and routes, numbers and error
types; never bodies, query strings, tokens or addresses.
"""

import asyncio
import logging
import sys
from collections.abc import MutableMapping
from datetime import UTC, datetime
from typing import Any, BinaryIO, cast

import orjson
import structlog

from infrastructure.settings import Settings


def configure_logging(settings: Settings) -> None:
    level = logging.getLevelNamesMapping()[settings.log_level.upper()]
    structlog.configure(
        processors=[_as_line],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.BytesLoggerFactory(cast("BinaryIO", OnceATurn(sys.stdout.buffer))),
        cache_logger_on_first_use=True,
    )
    # Libraries log through the standard library: what matters of it, in the same form.
    handler = logging.StreamHandler()
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.add_log_level,
                structlog.processors.TimeStamper(fmt="iso", utc=True),
                structlog.processors.format_exc_info,
                structlog.processors.JSONRenderer(),
            ]
        )
    )
    # What an endpoint raises has its own line (`request.failed`) without the error's words.
    logging.getLogger("uvicorn.error").addFilter(lambda record: record.exc_info is None)
    logging.basicConfig(handlers=[handler], level=max(level, logging.WARNING), force=True)


class OnceATurn:
    """A buffered file that is flushed once for all that is written in a turn of the event loop; at
    once where no loop runs. Answers come in waves, and each has two lines.
    """

    def __init__(self, file: BinaryIO) -> None:
        self.write = file.write
        self._file = file
        self._due_in: asyncio.AbstractEventLoop | None = None

    def flush(self) -> None:
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            self._file.flush()
            return
        if self._due_in is not loop:
            self._due_in = loop
            loop.call_soon(self._flush_now)

    def _flush_now(self) -> None:
        self._due_in = None
        self._file.flush()


def told(error: BaseException) -> str:
    """What a log line may say of a failure: its type, and the SQLSTATE of a database's.

    Never its words: DETAIL and CONTEXT of Postgres, and pydantic's messages, quote values.
    """
    sqlstate = getattr(error, "sqlstate", None)
    name = type(error).__name__
    return f"{name} {sqlstate}" if sqlstate else name


def _as_line(_logger: object, method: str, event: MutableMapping[str, Any]) -> bytes:
    """One processor instead of structlog's five: each command writes two lines."""
    if event.get("exc_info"):
        structlog.processors.format_exc_info(None, method, event)
    event["level"] = method
    event["timestamp"] = datetime.now(UTC)
    return orjson.dumps(event, default=str, option=orjson.OPT_UTC_Z)
