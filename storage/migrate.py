"""Brings a database up to this version of Hamroh; a copy is made first when there is something to change."""

from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection, text

from bot.core.errors import ConfigurationError
from bot.core.ports import Clock
from storage import places
from storage.backup import copy_database
from storage.database import Database, open_database
from storage.revisions import newest_revision, revision_of, upgrade

UP_TO_DATE = "the database is up to date"


def migrate(url: str, clock: Clock, copies: Path | None = None) -> str:
    """Apply what is missing; says what it did.  Raises ConfigurationError for a database newer than the code.

    The copy lies in `copies`: by default beside an SQLite file, for PostgreSQL in the current directory.
    """
    database = open_database(url)
    try:
        return _migrate(database, clock.now(), copies, newest_revision())
    finally:
        database.dispose()


def _migrate(database: Database, now: datetime, copies: Path | None, newest: str) -> str:
    with database.transaction() as connection:
        _lock(connection)
        present = revision_of(connection)
        if present == newest:
            return UP_TO_DATE
        copy = _copy(database, copies, now) if present is not None else None
        upgrade(connection)
        places.passed("migration_half")
    return f"{UP_TO_DATE} now; the copy from before is {copy}" if copy else f"{UP_TO_DATE} now"


def _lock(connection: Connection) -> None:
    """Two processes that start together must not both migrate."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(7212)"))


def _copy(database: Database, copies: Path | None, now: datetime) -> Path:
    beside = database.path.parent if database.path is not None else Path()
    name = database.path.name if database.path is not None else "hamroh"
    target = (copies or beside) / f"{name}.before-{now:%Y%m%d-%H%M%S}"
    try:
        copy_database(database, target)
    except OSError as error:
        raise ConfigurationError(
            f"{target}: no copy can be made before migrating ({error.strerror}); run `hamroh migrate` where it can"
        ) from None
    return target
