import os

import pytest

from infrastructure.embedded.engines import Engines
from infrastructure.embedded.probe import Probe
from tests.infrastructure.embedded.support import new_folder


@pytest.fixture
def open_folder():
    """Unlike tmp_path one that Postgres' unprivileged user may enter."""
    with new_folder() as folder:
        yield folder


@pytest.fixture
def data_dir(open_folder):
    """As `serve` makes it: closed to everybody else."""
    return open_folder / "data"


@pytest.fixture
def away_root(open_folder):
    return open_folder / "away"


@pytest.fixture
def engines(data_dir, away_root):
    with Engines(data_dir, away_root=away_root) as engines:
        yield engines


@pytest.fixture
def as_root():
    if os.geteuid() != 0:
        pytest.skip("needs root")


@pytest.fixture
def fast_probes(monkeypatch):
    """Children are asked all the time instead of every second."""
    monkeypatch.setattr(Probe.__init__, "__kwdefaults__", {"every": 0.0})
