"""Wake-ups between processes that share a PostgreSQL: what a commit has put into mailboxes is sent at once.

A wake-up may be missed (the connection was away just then); the sender's own look every second makes up for it.  One
process with SQLite wakes itself and needs none of this.
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, text

from bot.core.errors import StorageUnavailable
from storage.database import Database

if TYPE_CHECKING:
    import psycopg

CHANNEL = "hamroh"


def notify(connection: Connection, lines: Iterable[str]) -> None:
    """Tell the senders of these lines, once this transaction is committed."""
    if connection.dialect.name == "postgresql":
        for line in sorted(lines):
            connection.execute(text("SELECT pg_notify(:channel, :line)"), {"channel": CHANNEL, "line": line})


class Listener:
    """Hears which lines have something to send; for a worker thread of its own, on PostgreSQL only."""

    def __init__(self, database: Database) -> None:
        address = database.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
        self._address = address
        self._driver: Any = database.engine.dialect.loaded_dbapi  # psycopg, which nobody with SQLite need import
        self._connection: psycopg.Connection | None = None

    def wait(self, seconds: float) -> set[str]:
        """The lines that were told of, at most so long after; empty when none was.  Raises StorageUnavailable."""
        try:
            connection = self._connect()
            heard = {told.payload for told in connection.notifies(timeout=seconds, stop_after=1)}
            return heard | {told.payload for told in connection.notifies(timeout=0)} if heard else heard
        except self._driver.OperationalError as error:
            self.close()
            raise StorageUnavailable(type(error).__name__) from None

    def close(self) -> None:
        """Hear no more."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _connect(self) -> "psycopg.Connection":
        if self._connection is None:
            self._connection = self._driver.connect(self._address, autocommit=True, connect_timeout=5)
            self._connection.execute(f"LISTEN {CHANNEL}")
        return self._connection
