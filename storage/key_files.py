"""Files that hold a key: written whole or not at all, readable by this account alone, shredded at their end."""

import os
import secrets
from contextlib import suppress
from pathlib import Path

from bot.core.errors import ConfigurationError

SIZE = 32
"""Bytes of every key."""


def make_key(path: Path) -> None:
    """Write a fresh key there, durably; one that is there already, perhaps made by another process just now, stays."""
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o400)
    try:
        os.write(descriptor, os.urandom(SIZE))
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    try:
        path.hardlink_to(draft)
    except OSError:  # it is there already, or this disk knows no links
        if not path.exists():
            draft.rename(path)
    draft.unlink(missing_ok=True)
    _sync(path.parent)


def read_key(path: Path, without_it: str) -> bytes:
    """The key in this file; raises ConfigurationError that says what is not possible without it."""
    try:
        key = path.read_bytes()
    except FileNotFoundError:
        raise ConfigurationError(f"{path} is missing: without it {without_it}; put the file back") from None
    except OSError as error:
        raise ConfigurationError(f"{path} cannot be read ({error.strerror}): without it {without_it}") from None
    if len(key) != SIZE:
        raise ConfigurationError(f"{path} is damaged: a key has {SIZE} bytes; put the right file there")
    return key


def shred(path: Path) -> None:
    """Overwrite and remove a key; on a disk that copies on write only the removal counts."""
    with suppress(OSError):
        path.chmod(0o600)
        with path.open("r+b") as file:
            file.write(os.urandom(SIZE))
            file.flush()
            os.fsync(file.fileno())
    path.unlink(missing_ok=True)
    _sync(path.parent)


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
