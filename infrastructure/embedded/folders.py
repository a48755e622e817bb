"""Folders of our own: made with the rights they need, and never changed when they were there."""

import os
import stat
from dataclasses import dataclass
from pathlib import Path
from pwd import getpwnam, getpwuid

from infrastructure.embedded.errors import StartupFailed

_READ, _ENTER = 4, 1


@dataclass(frozen=True)
class Account:
    """A user of this machine under whom a child runs."""

    uid: int
    gid: int


def unprivileged_account() -> Account | None:
    """Whom Postgres runs as: nobody special unless we are root, whom it refuses."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            entry = getpwnam(name)
        except KeyError:
            continue
        return Account(entry.pw_uid, entry.pw_gid)
    raise StartupFailed("Postgres refuses to run as root, and there is no user postgres or nobody.")


def owner_of(path: Path) -> Account:
    uid = path.stat().st_uid
    try:
        return Account(uid, getpwuid(uid).pw_gid)
    except KeyError:
        return Account(uid, path.stat().st_gid)


def can_enter(account: Account, folder: Path) -> bool:
    """Whether the account can pass through the folder and all above it, by the mode bits."""
    folder = folder.resolve()
    return all(_allows(account, step, _ENTER) for step in (folder, *folder.parents))


def can_read(account: Account, file: Path) -> bool:
    return can_enter(account, file.parent) and _allows(account, file, _READ)


def _allows(account: Account, path: Path, right: int) -> bool:
    status = path.stat()
    if status.st_uid == account.uid:
        right <<= 6
    elif status.st_gid == account.gid:
        right <<= 3
    return bool(stat.S_IMODE(status.st_mode) & right)


def make_private(folder: Path, account: Account | None = None) -> Path:
    """A folder that only its owner may enter; an existing one stays as it is."""
    return _make(folder, 0o700, account)


def make_passable(folder: Path) -> Path:
    """A folder others may pass through but not list; an existing one stays as it is."""
    return _make(folder, 0o711, None)


def _make(folder: Path, mode: int, account: Account | None) -> Path:
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        folder.mkdir()
        folder.chmod(mode)  # mkdir's own mode is cut by the umask
        give(folder, account)
    except FileExistsError:
        _require_usable(folder)
    except OSError as error:
        raise StartupFailed(f"The folder {folder} can't be used: {error.strerror}.") from error
    return folder


def _require_usable(folder: Path) -> None:
    if not folder.is_dir():
        raise StartupFailed(f"The folder {folder} can't be used: it is no folder.")
    if not os.access(folder, os.W_OK | os.X_OK):
        raise StartupFailed(f"The folder {folder} can't be used: it is not writable.")


def give(path: Path, account: Account | None) -> None:
    """Hand something we made over to the account it is for."""
    if account is not None:
        os.chown(path, account.uid, account.gid)
