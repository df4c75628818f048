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
"""How many bits the number of a lock has: with one more for its gate, both kinds can count so far."""
_GATE = 1 << BITS


class Locks(Protocol):
    """The locks as one of the processes sees them; one thread at a time."""

    def try_hold(self, number: int) -> bool:
        """Take a lock; whether it is this process's now."""

    def release(self, number: int) -> None:
        """Let go of a lock; one that is not held stays as it is."""

    def close(self) -> None:
        """Let go of all."""


def open_locks(database: Database) -> "TurnLocks":
    """The locks beside this database."""
    return TurnLocks(AdvisoryLocks(database) if database.is_postgres else FileLocks(database))


class TurnLocks:
    """Locks behind a gate each: who waits for one stands in its gate, and whoever let it go must pass there again.

    Without that a busy process would take a lock anew in the moment it lets it go, and another one wait for ever.
    """

    def __init__(self, locks: Locks) -> None:
        self._locks = locks

    def try_hold(self, number: int) -> bool:
        """Take it unless it is held or somebody else waits before us; if it is held, stand in the gate."""
        if not self._locks.try_hold(_GATE | number) or not self._locks.try_hold(number):
            return False
        self._locks.release(_GATE | number)
        return True

    def release(self, number: int) -> None:
        """Let go of it, or leave the gate."""
        self._locks.release(_GATE | number)
        self._locks.release(number)

    def close(self) -> None:
        """Let go of all."""
        self._locks.close()


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
        """Take it unless it is held; a connection that broke took its locks with it, so a new one is as good."""
        was_open = self._connection is not None
        try:
            if number not in self._held and self._ask("SELECT pg_try_advisory_lock(:number)", number):
                self._held.add(number)
        except StorageUnavailable:
            if not was_open:
                raise
            return self.try_hold(number)
        return number in self._held

    def release(self, number: int) -> None:
        """Tell the server; when it cannot be told the connection is gone, and the lock with it."""
        if number in self._held:
            self._held.discard(number)
            with suppress(StorageUnavailable):
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
