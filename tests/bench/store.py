"""Keeps a run as JSON beside the others, with what one must know of the machine to compare them."""

import os
import platform
from collections.abc import Mapping, Sequence
from dataclasses import asdict, is_dataclass
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


def store(folder: Path, facts: Mapping[str, Any], parts: Mapping[str, Sequence[Any]]) -> Path:
    """Writes `<folder>/<timestamp>.json`: the facts, and each part as a list of its records."""
    records = {name: [_record(each) for each in part] for name, part in parts.items()}
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{stamp}.json"
    options = orjson.OPT_INDENT_2 | orjson.OPT_NON_STR_KEYS
    path.write_bytes(orjson.dumps({**facts, **records}, option=options))
    return path


def _record(value: Any) -> dict[str, Any]:
    if not is_dataclass(value) or isinstance(value, type):
        raise TypeError(f"not a record: {value!r}")
    return asdict(value)


def _cpu_model() -> str:
    lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.machine())
