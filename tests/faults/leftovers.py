"""Processes that work on a data folder although nobody keeps them."""

import os
from collections.abc import Sequence
from pathlib import Path

import psutil


def processes_of(data_dir: Path, besides: Sequence[int]) -> list[str]:
    """Those that name the folder, on their command line or in their environment, and are neither
    one of `besides` nor a descendant of one.
    """
    kept = set(besides) | {os.getpid()}
    return [
        f"{process.pid} {process.name()}"
        for process in psutil.process_iter()
        if not _descends_from(process, kept) and _names(process, str(data_dir))
    ]


def _descends_from(process: psutil.Process, kept: set[int]) -> bool:
    try:
        ours = kept - {os.getpid()}
        return process.pid in kept or any(parent.pid in ours for parent in process.parents())
    except psutil.Error:
        return True


def _names(process: psutil.Process, folder: str) -> bool:
    try:
        told = [*process.cmdline(), process.environ().get("OPSTREAM_DATA_DIR", "")]
    except psutil.Error:
        return False
    return process.status() != psutil.STATUS_ZOMBIE and any(folder in text for text in told)
