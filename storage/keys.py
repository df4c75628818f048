"""Keys: numbered master keys in a directory, wrapped data keys in a store of their own, one key for the blind index.

A data key belongs to one subject (`participant:…`, `account:…`, `staff:…`, `case:…`, `group:…`).  It is committed to the
key store before its first use, and destroying it makes everything sealed with it unreadable for ever.
"""

import hmac
import os
from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import (
    Column,
    Connection,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    delete,
    func,
    insert,
    select,
    text,
    update,
)

from bot.core.errors import ConfigurationError, SealBroken
from bot.core.ports import Clock
from storage.database import Database, open_database

SIZE = 32
_NONCE = 12
_CHECK = b"hamroh master key"

metadata = MetaData()
data_keys = Table(
    "data_keys",
    metadata,
    Column("subject", String(80), primary_key=True),
    Column("wrapped", LargeBinary, nullable=False),
    Column("master", Integer, nullable=False),
)
masters = Table(
    "masters",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("check", LargeBinary, nullable=False),
)


class Keyring:
    """The open key store with the master keys of the directory."""

    def __init__(self, directory: Path, store: Database, index_key: bytes, clock: Clock) -> None:
        self.directory = directory
        self.store = store
        self.index_key = index_key
        self.clock = clock
        self._masters: dict[int, bytes] = {}

    def create(self, subjects: Sequence[str]) -> dict[str, bytes]:
        """Make the missing data keys of these subjects, in one commit; gives all of their keys."""
        with self.store.transaction() as connection:
            self._lock(connection)
            known = self._stored(connection, subjects)
            current = self._current(connection)
            fresh = {subject: os.urandom(SIZE) for subject in subjects if subject not in known}
            if fresh:
                rows = [
                    {"subject": s, "wrapped": self._wrap(current, s, key), "master": current} for s, key in fresh.items()
                ]
                connection.execute(insert(data_keys), rows)
        return known | fresh

    def find(self, subjects: Sequence[str]) -> dict[str, bytes]:
        """The data keys of these subjects; a destroyed or never made one is left out."""
        with self.store.reading() as connection:
            return self._stored(connection, subjects)

    def destroy(self, subjects: Iterable[str]) -> None:
        """Destroy data keys; on SQLite the write-ahead log is emptied, so that no copy stays on disk."""
        wanted = sorted(set(subjects))
        with self.store.transaction() as connection:
            self._lock(connection)
            for start in range(0, len(wanted), 500):
                connection.execute(delete(data_keys).where(data_keys.c.subject.in_(wanted[start : start + 500])))
        self.store.checkpoint()

    def rotate(self) -> int:
        """A new master key wraps every data key, then the old files go; returns how many keys were wrapped again.

        Killed half-way nothing is lost: until the commit the old key counts, afterwards the new one.
        """
        with self.store.transaction() as connection:
            self._lock(connection)
            old = self._current(connection)
            number = old + 1
            self._add_master(connection, number)
            rows = connection.execute(select(data_keys.c.subject, data_keys.c.wrapped, data_keys.c.master)).all()
            for subject, wrapped, master in rows:
                again = self._wrap(number, subject, self._unwrap(master, subject, wrapped))
                connection.execute(
                    update(data_keys).where(data_keys.c.subject == subject).values(wrapped=again, master=number)
                )
            connection.execute(delete(masters).where(masters.c.number < number))
        self.store.checkpoint()
        for path in self.directory.glob("[0-9][0-9][0-9][0-9].key"):
            if int(path.stem) < number:
                _shred(path)
                self._masters.pop(int(path.stem), None)
        return len(rows)

    def close(self) -> None:
        """Close the key store."""
        self.store.dispose()

    # ---- master keys

    def prepare(self) -> None:
        """Check the master keys of the directory against the store; make the first one on a fresh installation."""
        with self.store.transaction() as connection:
            self._lock(connection)
            known = connection.execute(select(masters.c.number, masters.c.check)).all()
            if not known:
                has_keys = connection.execute(select(func.count()).select_from(data_keys)).scalar()
                if has_keys:
                    raise ConfigurationError("the key store names no master key: it is damaged; restore it from FILE.keys")
                self._add_master(connection, 1)
            for number, check in known:
                if not hmac.compare_digest(_check_of(self._master(number)), check):
                    raise ConfigurationError(
                        f"{self._path(number)} is not the key that this key store was made with; put the right file there"
                    )

    def _add_master(self, connection: Connection, number: int) -> None:
        path = self._path(number)
        if not path.exists():
            _write_secret(path, os.urandom(SIZE))
        key = _read_key(path)
        self._masters[number] = key
        connection.execute(insert(masters).values(number=number, check=_check_of(key)))

    def _current(self, connection: Connection) -> int:
        number = connection.execute(select(func.max(masters.c.number))).scalar()
        if number is None:
            raise ConfigurationError("the key store names no master key; restore it from FILE.keys")
        return int(number)

    def _master(self, number: int) -> bytes:
        if number not in self._masters:
            path = self._path(number)
            if not path.exists():
                raise ConfigurationError(f"{path} is missing: without it nothing sealed can be read; put the file back")
            self._masters[number] = _read_key(path)
        return self._masters[number]

    def _path(self, number: int) -> Path:
        return self.directory / f"{number:04d}.key"

    # ---- data keys

    def _stored(self, connection: Connection, subjects: Sequence[str]) -> dict[str, bytes]:
        found: dict[str, bytes] = {}
        for start in range(0, len(subjects), 500):
            portion = select(data_keys).where(data_keys.c.subject.in_(subjects[start : start + 500]))
            for subject, wrapped, master in connection.execute(portion):
                found[subject] = self._unwrap(master, subject, wrapped)
        return found

    def _wrap(self, master: int, subject: str, key: bytes) -> bytes:
        nonce = os.urandom(_NONCE)
        return nonce + AESGCM(self._master(master)).encrypt(nonce, key, subject.encode())

    def _unwrap(self, master: int, subject: str, wrapped: bytes) -> bytes:
        try:
            return AESGCM(self._master(master)).decrypt(wrapped[:_NONCE], wrapped[_NONCE:], subject.encode())
        except (InvalidTag, ConfigurationError) as error:
            raise SealBroken(f"the key of {subject} cannot be unwrapped") from error

    def _lock(self, connection: Connection) -> None:
        """Making keys and rotating exclude each other; SQLite's one writer does it by itself."""
        if self.store.is_postgres:
            connection.execute(text("SELECT pg_advisory_xact_lock(7210)"))


def open_keyring(directory: Path, url: str, index_key_file: Path | None, clock: Clock) -> Keyring:
    """Open the keys; on the first run makes the directory (0700), the first master key and the index key.

    Raises ConfigurationError with one line when a key is missing, damaged or not the right one.
    """
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    store = open_database(url)
    with store.transaction() as connection:
        metadata.create_all(connection)
    index_path = index_key_file or directory / "index.key"
    if not index_path.exists():
        with store.reading() as connection:
            if connection.execute(select(func.count()).select_from(masters)).scalar():
                raise ConfigurationError(f"{index_path} is missing: without it nobody is recognised; put the file back")
        _write_secret(index_path, os.urandom(SIZE))
    keyring = Keyring(directory, store, _read_key(index_path), clock)
    keyring.prepare()
    return keyring


def _check_of(key: bytes) -> bytes:
    return hmac.digest(key, _CHECK, "sha256")


def _read_key(path: Path) -> bytes:
    try:
        key = path.read_bytes()
    except OSError as error:
        raise ConfigurationError(f"{path} cannot be read ({error.strerror})") from None
    if len(key) != SIZE:
        raise ConfigurationError(f"{path} is damaged: a key has {SIZE} bytes; put the right file there")
    return key


def _write_secret(path: Path, secret: bytes) -> None:
    """Durable before anybody relies on it, readable by this account only."""
    descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o400)
    try:
        os.write(descriptor, secret)
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _shred(path: Path) -> None:
    """Overwrite, then remove; on copy-on-write disks only the removal counts."""
    with suppress(OSError):
        path.chmod(0o600)
        with path.open("r+b") as file:
            file.write(os.urandom(SIZE))
            file.flush()
            os.fsync(file.fileno())
    path.unlink()
