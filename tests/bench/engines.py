"""The servers that all systems share: given by URL, or embedded in a folder of the bench."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Servers:
    database_url: str
    nats_url: str | None


@contextmanager
def servers(database_url: str | None, nats_url: str | None, folder: Path) -> Iterator[Servers]:
    """`folder` lies on a real disk: on a memory disk every commit would be free, for everybody."""
    if database_url:
        yield Servers(database_url, nats_url)
        return
    with _embedded(folder) as embedded:
        yield Servers(embedded.database_url, nats_url or embedded.nats_url)


@contextmanager
def _embedded(folder: Path) -> Iterator[Servers]:
    from infrastructure.embedded.engines import Engines  # noqa: PLC0415 - not needed with URLs

    folder.mkdir(parents=True, exist_ok=True)
    data_dir = Path(tempfile.mkdtemp(prefix="engines-", dir=folder)).resolve()
    engines = Engines(data_dir)
    try:
        with engines:
            yield Servers(engines.database_url, engines.nats_url)
    finally:
        engines.remove()
        shutil.rmtree(data_dir, ignore_errors=True)
