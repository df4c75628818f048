"""One process alone sends and receives on a line: rates are counted per line."""

import zlib

from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from storage.database import Database, is_outage


class SenderLock:
    """One sender per line: a lock file beside SQLite, an advisory lock on PostgreSQL.

    `try_hold` says whether this process holds it; it may be asked again and again.
    """

    def __init__(self, database: Database, line: str) -> None:
        self._database = database
        self._line = line
        self._has_file = False
        self._connection: Connection | None = None

    def try_hold(self) -> bool:
        """Take the lock unless another process has it."""
        if self._database.is_postgres:
            return self._hold_advisory()
        return self._hold_file()

    def release(self) -> None:
        """Let go."""
        self._drop_connection()
        if self._has_file:
            self._has_file = False
            self._database.lock_file.let_go()

    def _drop_connection(self) -> None:
        """Not back to the pool: there it would hold the lock on."""
        if self._connection is not None:
            self._connection.invalidate()
            self._connection.close()
            self._connection = None

    def _hold_file(self) -> bool:
        if not self._has_file:
            self._has_file = self._database.lock_file.hold()
        return self._has_file

    def _hold_advisory(self) -> bool:
        """The session of its own connection holds the lock; a lost connection loses it."""
        try:
            if self._connection is not None:
                self._connection.exec_driver_sql("SELECT 1")
                return True
            self._connection = self._database.engine.connect().execution_options(isolation_level="AUTOCOMMIT")
            key = zlib.crc32(self._line.encode())
            if self._connection.execute(text("SELECT pg_try_advisory_lock(7209, :key)"), {"key": key - 2**31}).scalar():
                return True
        except PoolTimeout:  # every connection waits for a server that is away
            return False
        except DBAPIError as error:
            if not is_outage(error):
                raise
        self._drop_connection()
        return False


def sender_lock(database: Database, line: str) -> SenderLock:
    """The lock of a line."""
    return SenderLock(database, line)
