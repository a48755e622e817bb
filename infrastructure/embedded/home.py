"""Where a cluster lives: in the data folder, or away from it when Postgres' user can't get there.

As root the data folder usually is closed to the unprivileged user Postgres has to run as. We don't
open folders that are not ours; the cluster then lives in a folder of our own, and the data folder
remembers which.
"""

import hashlib
import secrets
from dataclasses import dataclass
from pathlib import Path

from infrastructure.embedded.binaries import postgres_install
from infrastructure.embedded.errors import StartupFailed
from infrastructure.embedded.folders import (
    Account,
    can_enter,
    make_passable,
    owner_of,
    unprivileged_account,
)
from infrastructure.embedded.memory import Memory, write_private

AWAY_ROOT = Path("/var/lib/opstream")


@dataclass(frozen=True)
class Home:
    """`path` holds the cluster, `install` the binaries, `account` is who may use both."""

    path: Path
    install: Path
    account: Account | None

    @property
    def cluster(self) -> Path:
        return self.path / "cluster"

    def program(self, name: str) -> Path:
        return self.install / "bin" / name


def settle(data_dir: Path, memory: Memory, away_root: Path) -> Home:
    """The same place as last time, or a new one; raises StartupFailed when the old one is gone."""
    account = unprivileged_account()
    path = _place(data_dir, memory, account, away_root)
    _require_the_old_cluster(path / "cluster", memory)
    if account and (path / "cluster").exists():
        account = owner_of(path / "cluster")
    return Home(path, postgres_install(account, away_root), account)


def _place(data_dir: Path, memory: Memory, account: Account | None, away_root: Path) -> Path:
    if (away := memory.get("away")) is not None:
        return _our_own(Path(away), data_dir)
    if memory.get("initialised") or account is None or can_enter(account, data_dir):
        return make_passable(data_dir / "postgres")
    away_path = make_passable(away_root) / _name_for(data_dir)
    memory.put(away=str(away_path))
    return _our_own(away_path, data_dir)


def _name_for(data_dir: Path) -> str:
    """Told apart by chance too: a data folder that was deleted and made again starts afresh."""
    return f"{hashlib.sha256(bytes(data_dir)).hexdigest()[:8]}-{secrets.token_hex(3)}"


def _our_own(away: Path, data_dir: Path) -> Path:
    """A moved data folder takes its cluster along; a copied one must not share the original's."""
    owner_file = make_passable(away) / "owner"
    owner = Path(owner_file.read_text()) if owner_file.exists() else None
    if owner != data_dir:
        if owner and Memory(owner / "postgres.json").get("away") == str(away):
            raise StartupFailed(
                f"The data folder {data_dir} is a copy of {owner}, whose database is in {away}; "
                "copy a database with pg_dump."
            )
        write_private(owner_file, str(data_dir))
    return away


def _require_the_old_cluster(cluster: Path, memory: Memory) -> None:
    if memory.get("initialised") and not cluster.exists():
        raise StartupFailed(
            f"The database {cluster} of {memory.path.parent} is gone; put it back, or start with "
            "an empty data folder."
        )
    if cluster.exists() and memory.get("password") is None:
        raise StartupFailed(f"{memory.path} with the password of {cluster} is gone; put it back.")
