"""Files of private keys: made once, and readable by their owner alone."""

import os
import tempfile
from collections.abc import Callable
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes

from infrastructure.settings import WrongSettingsError


def read_or_make(path: Path, generate: Callable[[], PrivateKeyTypes]) -> bytes:
    """The PEM in the file, which is made when there is none yet. Raises WrongSettingsError."""
    try:
        if not path.exists():
            _make(path, generate())
        return path.read_bytes()
    except OSError as error:
        raise WrongSettingsError(f"{path}: {error.strerror}") from error


def _make(path: Path, key: PrivateKeyTypes) -> None:
    """Several processes may start at once: the first file stays, whole, and all read it."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    pem = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    # Readable by its owner alone from the first byte on, and unlike that of any other process.
    descriptor, draft = tempfile.mkstemp(dir=path.parent, prefix=f"{path.name}.")
    with os.fdopen(descriptor, "wb") as file:
        file.write(pem)
        file.flush()
        os.fsync(descriptor)
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        Path(draft).unlink()
