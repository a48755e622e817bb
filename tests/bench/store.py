"""Keeps a run as JSON beside the others, with what one must know of the machine to compare them."""

import os
import platform
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson


def machine(durability: Mapping[str, str]) -> dict[str, Any]:
    return {
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "cores": len(os.sched_getaffinity(0)),
        "cpu": _cpu_model(),
        "load_before": os.getloadavg()[0],
        "python": platform.python_version(),
        "postgres": dict(durability),
    }


def store(folder: Path, facts: Mapping[str, Any], parts: Mapping[str, Any]) -> Path:
    """Writes `<folder>/<timestamp>.json`: the facts, and what each part has recorded."""
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{stamp}.json"
    options = orjson.OPT_INDENT_2 | orjson.OPT_NON_STR_KEYS
    path.write_bytes(orjson.dumps({**facts, "parts": parts}, option=options))
    return path


def _cpu_model() -> str:
    lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.machine())
