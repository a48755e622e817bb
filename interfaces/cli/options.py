"""What the subcommands have in common."""

import asyncio
from collections.abc import Coroutine
from pathlib import Path
from typing import Annotated, TypeVar

import typer
import uvloop

T = TypeVar("T")

DataDir = Annotated[
    Path | None,
    typer.Option("--data-dir", help="Folder of the embedded servers, keys and the outbox."),
]
LogDir = Annotated[
    Path | None,
    typer.Option(
        "--data-dir",
        help="Folder of a running `opstream serve`; its database is used when "
        "OPSTREAM_DATABASE_URL is not set.",
    ),
]


def finish(work: Coroutine[object, object, T]) -> T:
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(work)
