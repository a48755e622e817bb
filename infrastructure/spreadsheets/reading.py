"""A list in a spreadsheet, read by a process that may die of it."""

import asyncio
import contextlib
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from datetime import datetime, time, timedelta
from typing import Any

import orjson

from application.scheduling.import_cells import ERROR, FORMULA, Cell, SheetRow
from infrastructure.spreadsheets.package import RefusedError, must_look_like_one

PATIENCE = 20.0
"""Seconds that reading may take where the machine has much else to do. What bounds a hostile file
is its time on the CPU (`parse.CPU_SECONDS`): it has nothing to wait for.
"""
LONGEST_LINE = 1024 * 1024
"""Bytes of one row, as it comes out."""
LARGEST = 32 * 1024 * 1024
"""Bytes of all rows."""

_COMMAND = (sys.executable, "-I", "-m", "infrastructure.spreadsheets.parse")
_TOO_MUCH = "holds more than a list of shifts can"
_TOO_LONG = "takes too long to read"
_NOT_READ = "can't be read as an .xlsx file"


async def rows_of(
    file: bytes, columns: Sequence[str], patience: float = PATIENCE
) -> AsyncGenerator[SheetRow]:
    """The rows that are not blank. Raises RefusedError, for a time of `patience` seconds too."""
    must_look_like_one(file)
    process = await asyncio.create_subprocess_exec(
        *_COMMAND, *columns, stdin=PIPE, stdout=PIPE, stderr=DEVNULL, env={}, limit=LONGEST_LINE
    )
    feeding = asyncio.create_task(_feed(process, file))
    try:
        async with asyncio.timeout(patience):
            async for line in _lines(process):
                yield _row(line)
    except TimeoutError:
        raise RefusedError(_TOO_LONG) from None
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        feeding.cancel()
        await process.wait()


async def _feed(process: Process, file: bytes) -> None:
    """It reads all before it says anything; one that has died reads nothing."""
    assert process.stdin is not None  # noqa: S101 - a pipe was asked for
    with contextlib.suppress(ConnectionError):
        process.stdin.write(file)
        await process.stdin.drain()
        process.stdin.close()


async def _lines(process: Process) -> AsyncIterator[Mapping[str, Any]]:
    """Until it tells the end. Raises RefusedError, also when it ends without a word."""
    assert process.stdout is not None  # noqa: S101 - a pipe was asked for
    left = LARGEST
    while True:
        try:
            line = await process.stdout.readline()
        except ValueError:
            raise RefusedError(_TOO_MUCH) from None
        left -= len(line)
        if left < 0:
            raise RefusedError(_TOO_MUCH)
        if not line:
            raise RefusedError(_TOO_LONG if await _ran_out_of_time(process) else _NOT_READ)
        told = orjson.loads(line)
        if "refused" in told:
            raise RefusedError(told["refused"], told["row"], told["column"])
        if "end" in told:
            return
        yield told


async def _ran_out_of_time(process: Process) -> bool:
    return await process.wait() < 0


def _row(told: Mapping[str, Any]) -> SheetRow:
    return SheetRow(told["row"], {name: _cell(*cell) for name, cell in told["cells"].items()})


def _cell(kind: str, value: Any = None) -> Cell:
    match kind:
        case "text" | "truth" | "number":
            return value  # type: ignore[no-any-return]
        case "moment":
            return datetime.fromisoformat(value)
        case "clock":
            return time.fromisoformat(value)
        case "length":
            return timedelta(seconds=value)
        case "formula":
            return FORMULA
        case _:
            return ERROR
