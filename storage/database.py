"""Opens the database: SQLite by default, PostgreSQL beyond one machine; every failure to reach it is one error."""

import contextlib
import logging
import os
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DatabaseError, DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from bot.core.errors import ConfigurationError, StorageUnavailable
from storage.lock_file import LockFile
from storage.turnstile import Turnstile

BUSY_SECONDS = 5.0
_PAUSE = 0.02
_PRAGMAS = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",
    "PRAGMA foreign_keys=ON",
    "PRAGMA secure_delete=ON",
)

_WANTED = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "secure_delete": 1}
"""What the pragmas must have led to; 2 is FULL."""


logging.getLogger("sqlalchemy.engine.Engine").addFilter(lambda record: not str(record.msg).startswith("Row "))
"""At the level of debugging SQLAlchemy tells every row it fetches; `hide_parameters` hides only what it sends (S18)."""


class Database:
    """An open database; synchronous, for worker threads: one hop per transaction."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.is_postgres = engine.dialect.name == "postgresql"
        self.lock_file = LockFile(self.path)
        self._writing = Turnstile()

    @contextlib.contextmanager
    def transaction(self) -> Iterator[Connection]:
        """One durable transaction, committed at the end; raises StorageUnavailable when it cannot be."""
        with _outages_named(), self._turn_to_write(), self.engine.begin() as connection:
            yield connection

    @contextlib.contextmanager
    def _turn_to_write(self) -> Iterator[None]:
        """SQLite's own wait is a lottery that may starve a thread for seconds; our threads queue instead."""
        if self.is_postgres:
            yield
            return
        if not self._writing.enter(BUSY_SECONDS):
            raise StorageUnavailable("another thread writes for too long")
        try:
            yield
        finally:
            self._writing.leave()

    @contextlib.contextmanager
    def reading(self) -> Iterator[Connection]:
        """A look without the write lock."""
        with _outages_named(), self.engine.connect() as connection:
            connection.execution_options(is_reading=True, postgresql_readonly=True)
            with connection.begin():
                yield connection

    @property
    def path(self) -> Path | None:
        """The file of an SQLite database."""
        name = self.engine.url.database
        return None if self.is_postgres or not name else Path(name)

    def checkpoint(self) -> None:
        """Empty SQLite's write-ahead log, so that nothing deleted stays in it."""
        if not self.is_postgres:
            with _outages_named(), self.engine.connect() as connection:
                driver: sqlite3.Connection = connection.connection.driver_connection  # type: ignore[assignment]
                driver.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()

    def dispose(self) -> None:
        """Close all connections."""
        self.engine.dispose()


def open_database(url: str, *, busy_seconds: float = BUSY_SECONDS) -> Database:
    """Open `sqlite:///FILE`, a bare file name, or `postgresql://…`; checks that commits are durable."""
    try:
        parsed = make_url(url if "://" in url else f"sqlite:///{url}")
    except ArgumentError:
        raise ConfigurationError("HAMROH_DATABASE_URL is not an address: sqlite:///FILE or postgresql://…") from None
    if parsed.drivername in {"postgresql", "postgres"}:
        return _open_postgres(parsed.set(drivername="postgresql+psycopg"))
    if parsed.drivername == "sqlite":
        return _open_sqlite(parsed, busy_seconds)
    raise ConfigurationError(f"HAMROH_DATABASE_URL: {parsed.drivername} is not supported; use sqlite or postgresql")


def _open_sqlite(url: Any, busy_seconds: float) -> Database:  # noqa: ANN401 - SQLAlchemy's URL
    if not url.database or url.database == ":memory:":
        raise ConfigurationError("HAMROH_DATABASE_URL names no file: sqlite:///FILE")
    _make_private(Path(url.database))
    engine = create_engine(
        url, hide_parameters=True, connect_args={"timeout": busy_seconds, "check_same_thread": False}
    )

    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, _: object) -> None:  # noqa: ANN401 - the driver's connection
        connection.isolation_level = None  # we say BEGIN ourselves
        for pragma in _PRAGMAS:
            tell(connection, pragma, busy_seconds)

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        is_reading = connection.get_execution_options().get("is_reading")
        connection.exec_driver_sql("BEGIN" if is_reading else "BEGIN IMMEDIATE")

    database = Database(engine)
    with _disposed_on_refusal(database), _reached(url), database.reading() as connection:
        for pragma, wanted in _WANTED.items():
            if connection.execute(text(f"PRAGMA {pragma}")).scalar() != wanted:
                raise ConfigurationError(f"this SQLite, or the disk of its file, does not keep our word: {pragma}")
    return database


def tell(connection: Any, pragma: str, busy_seconds: float) -> None:  # noqa: ANN401 - the driver's connection
    """Set a pragma; SQLite waits for nobody when it turns a new file to WAL: of two openers one is refused."""
    for _ in range(int(busy_seconds / _PAUSE)):
        try:
            connection.execute(pragma)
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
                raise
            time.sleep(_PAUSE)
        else:
            return
    connection.execute(pragma)


def _open_postgres(url: Any) -> Database:  # noqa: ANN401 - SQLAlchemy's URL
    engine = create_engine(
        url,
        hide_parameters=True,
        isolation_level="READ COMMITTED",
        pool_pre_ping=True,
        pool_size=8,
        connect_args={"connect_timeout": 5, "keepalives_idle": 10, "tcp_user_timeout": 15_000},
    )
    database = Database(engine)
    with _disposed_on_refusal(database), _reached(url), database.reading() as connection:
        if connection.execute(text("SHOW synchronous_commit")).scalar() == "off":
            raise ConfigurationError("PostgreSQL does not commit durably: set synchronous_commit = on")
    return database


@contextlib.contextmanager
def _disposed_on_refusal(database: Database) -> Iterator[None]:
    try:
        yield
    except BaseException:
        database.dispose()
        raise


@contextlib.contextmanager
def _reached(url: Any) -> Iterator[None]:  # noqa: ANN401 - SQLAlchemy's URL
    """At the first look whoever started us is still there: say in one line what is wrong and what to do."""
    try:
        yield
    except StorageUnavailable as error:
        if url.host is None:
            raise
        where = f"{url.host}:{url.port or 5432}"
        raise StorageUnavailable(
            f"the database at {where} cannot be reached; does it run, and is HAMROH_DATABASE_URL right?"
        ) from error
    except DatabaseError as error:
        what = _SQLITE_BROKEN.get(getattr(error.orig, "sqlite_errorcode", 0) & 0xFF)
        if what is None:
            raise
        raise ConfigurationError(f"{url.database} is {what}: choose another file, or put a backup back") from None


@contextlib.contextmanager
def _outages_named() -> Iterator[None]:
    """Anything that says "the database is away, locked or full" becomes StorageUnavailable; mistakes stay mistakes."""
    try:
        yield
    except PoolTimeout:
        raise StorageUnavailable("every connection is busy") from None
    except DBAPIError as error:
        if is_outage(error):
            raise StorageUnavailable(type(error.orig).__name__) from None
        raise


_SQLITE_OUTAGES = frozenset({5, 6, 7, 8, 10, 13, 14, 15})
"""busy, locked, no memory, read-only, I/O error, full, cannot open, protocol: the primary result codes of SQLite."""
_SQLITE_BROKEN = {sqlite3.SQLITE_NOTADB: "not a database", sqlite3.SQLITE_CORRUPT: "damaged"}
_READ_ONLY = "25006"
"""PostgreSQL's word for writing to a server that is no longer the primary one."""


def is_outage(error: DBAPIError) -> bool:
    """PostgreSQL's driver calls every outage operational; SQLite's calls so mistakes in our own statements too."""
    cause = error.orig
    if isinstance(cause, sqlite3.Error):
        return getattr(cause, "sqlite_errorcode", 0) & 0xFF in _SQLITE_OUTAGES
    if getattr(cause, "sqlstate", None) == _READ_ONLY:
        return True
    return error.connection_invalidated or isinstance(error, (OperationalError, InterfaceError))


def _make_private(path: Path) -> None:
    """A file that only this account can read, before anything is in it."""
    try:
        path.absolute().parent.mkdir(parents=True, exist_ok=True)
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    except OSError as error:
        raise ConfigurationError(f"{path} cannot be opened ({error.strerror})") from None
