"""Locks that processes share, one for each number; the operating system or the server frees those of a dead process.

SQLite: a byte of a file beside the database, for processes of one machine, as the database itself is.  PostgreSQL: an
advisory lock, many on one connection; when that connection breaks its locks are gone.
"""

import os
import struct
from contextlib import suppress
from typing import Protocol

from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from bot.core.errors import ConfigurationError, StorageUnavailable
from storage.database import Database

BITS = 62
"""How many bits the number of a lock has: both kinds can count so far."""


class Locks(Protocol):
    """The locks as one of the processes sees them; one thread at a time."""

    def try_hold(self, number: int) -> bool:
        """Take a lock that this process does not hold; whether it was free."""

    def release(self, number: int) -> None:
        """Let go of a lock; one that is not held stays as it is."""

    def close(self) -> None:
        """Let go of all."""


def open_locks(database: Database) -> Locks:
    """The locks beside this database."""
    return AdvisoryLocks(database) if database.is_postgres else FileLocks(database)


class FileLocks:
    """Each lock is one byte of a file that stays empty."""

    def __init__(self, database: Database) -> None:
        path = database.path
        if path is None:
            raise ConfigurationError("there is no file beside which the locks could lie")
        self._file = os.open(path.with_name(f"{path.name}.fsm.lock"), os.O_CREAT | os.O_RDWR, 0o600)

    def try_hold(self, number: int) -> bool:
        """Take it unless it is held."""
        import fcntl  # noqa: PLC0415 - not on every system

        try:
            self._set(number, fcntl.F_WRLCK)
        except (BlockingIOError, PermissionError):
            return False
        return True

    def release(self, number: int) -> None:
        """Free the byte."""
        import fcntl  # noqa: PLC0415 - not on every system

        self._set(number, fcntl.F_UNLCK)

    def close(self) -> None:
        """The locks belong to the open file and go with it."""
        os.close(self._file)

    def _set(self, number: int, kind: int) -> None:
        """The lock is the open file's, not the process's, so that two of them in one process exclude each other."""
        import fcntl  # noqa: PLC0415 - not on every system

        wanted = struct.pack("hhqqi4x", kind, os.SEEK_SET, number, 1, 0)
        fcntl.fcntl(self._file, fcntl.F_OFD_SETLK, wanted)


class AdvisoryLocks:
    """Each lock is a number that the server knows for our connection."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._connection: Connection | None = None
        self._held: set[int] = set()

    def try_hold(self, number: int) -> bool:
        """Take it unless it is held."""
        is_free = self._ask("SELECT pg_try_advisory_lock(:number)", number)
        if is_free:
            self._held.add(number)
        return is_free

    def release(self, number: int) -> None:
        """Tell the server."""
        if number in self._held:
            self._held.discard(number)
            self._ask("SELECT pg_advisory_unlock(:number)", number)

    def close(self) -> None:
        """The connection is not given back to the pool: there it would hold them on."""
        self._held.clear()
        if self._connection is not None:
            connection, self._connection = self._connection, None
            with suppress(DBAPIError):
                connection.invalidate()
            connection.close()

    def _ask(self, question: str, number: int) -> bool:
        try:
            if self._connection is None:
                self._connection = self._database.engine.connect().execution_options(isolation_level="AUTOCOMMIT")
            return bool(self._connection.execute(text(question), {"number": number}).scalar())
        except DBAPIError as error:
            self.close()
            raise StorageUnavailable(type(error.orig).__name__) from None
