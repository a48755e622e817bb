"""``uv run pin``: write the versions of this environment into pyproject.toml.

`uv.lock` would name the hosts of package registries, so the full set is pinned as constraints.
"""

import re
from importlib.metadata import distributions
from pathlib import Path

PYPROJECT = Path(__file__).parents[2] / "pyproject.toml"
_LIST = re.compile(r"^constraint-dependencies = \[.*?^\]", re.DOTALL | re.MULTILINE)
_PIN = re.compile(r'^    "([^=]+)==([^"]+)",$', re.MULTILINE)


def installed() -> dict[str, str]:
    """Every distribution of this environment but our own, by normalized name."""
    found = {
        re.sub(r"[-_.]+", "-", each.metadata["Name"]).lower(): each.version
        for each in distributions()
    }
    return {name: found[name] for name in sorted(found) if name not in {"opstream", "pip", "uv"}}


def pinned() -> dict[str, str]:
    """What pyproject.toml pins."""
    match = _LIST.search(PYPROJECT.read_text())
    return dict(_PIN.findall(match.group())) if match else {}


def main() -> None:
    """Replace the pins."""
    lines = [f'    "{name}=={version}",' for name, version in installed().items()]
    pins = "\n".join(["constraint-dependencies = [", *lines, "]"])
    PYPROJECT.write_text(_LIST.sub(pins, PYPROJECT.read_text()))
