"""``uv run check``: everything that must hold before a commit, fastest first."""

import subprocess
import sys
from pathlib import Path

STEPS = (
    ("format", ["ruff", "format", "--check", "."]),
    ("lint", ["ruff", "check", "."]),
    ("types", ["mypy"]),
    ("imports", ["lint-imports", "--no-logo"]),
    (
        "unit tests",
        ["pytest", "-n", "0", "-q", "tests/domain", "tests/application", "tests/architecture"],
    ),
)


def main() -> None:
    """Run every step, tell which failed, exit 1 if any did."""
    failed = [name for name, command in STEPS if not _passes(name, command)]
    if failed:
        sys.exit(f"failed: {', '.join(failed)}")


def _passes(name: str, command: list[str]) -> bool:
    print(f"== {name}", flush=True)  # noqa: T201 - a command's output
    # The tools of this very environment, whether or not it is on the PATH.
    tool = Path(sys.executable).parent / command[0]
    return subprocess.run([tool, *command[1:]], check=False).returncode == 0
