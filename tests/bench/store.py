"""Keeps a run as JSON beside the others, with what one must know of the machine to compare them."""

import os
import platform
from collections.abc import Mapping
from dataclasses import dataclass, is_dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

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


@dataclass(frozen=True)
class Kept:
    """The file of one run, written anew after each part."""

    path: Path

    @classmethod
    def new(cls, folder: Path) -> Self:
        stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
        return cls(folder / f"{stamp}.json")

    def write(self, facts: Mapping[str, Any], parts: Mapping[str, Any]) -> None:
        """The facts, and what each part has recorded."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        options = orjson.OPT_INDENT_2 | orjson.OPT_NON_STR_KEYS | orjson.OPT_PASSTHROUGH_DATACLASS
        content = orjson.dumps({**facts, "parts": parts}, _record, options)
        self.path.write_bytes(content)


def _record(value: Any) -> dict[str, Any]:
    """A dataclass with its properties, which is where the ratios are."""
    if not is_dataclass(value):
        raise TypeError(f"not a record: {value!r}")
    properties = (name for name, what in vars(type(value)).items() if isinstance(what, property))
    return {name: getattr(value, name) for name in (*vars(value), *properties)}


def _cpu_model() -> str:
    lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.machine())
