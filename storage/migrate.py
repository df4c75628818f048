"""Brings a database up to this version of Hamroh; a copy is made first when anything has to change."""

import sqlite3
from datetime import datetime
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util.exc import CommandError
from sqlalchemy import Connection, text

from bot.core.errors import ConfigurationError
from bot.core.ports import Clock
from storage.database import Database, open_database


def migrate(url: str, clock: Clock) -> str:
    """Apply what is missing; says what it did.  Raises ConfigurationError for a database newer than the code."""
    database = open_database(url)
    try:
        return _migrate(database, clock.now())
    finally:
        database.dispose()


def _migrate(database: Database, now: datetime) -> str:
    config = _config()
    script = ScriptDirectory.from_config(config)
    with database.transaction() as connection:
        _lock(connection)
        present = MigrationContext.configure(connection).get_current_revision()
        newest = script.get_current_head()
        if present == newest:
            return "the database is up to date"
        _refuse_newer(script, present)
        copy = _copy(database, now) if present is not None else None
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
    return f"the database is up to date now{f'; the copy from before is {copy}' if copy else ''}"


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    return config


def _refuse_newer(script: ScriptDirectory, present: str | None) -> None:
    try:
        known = present is None or script.get_revision(present) is not None
    except CommandError:
        known = False
    if not known:
        raise ConfigurationError("the database was made by a newer Hamroh than this one: install that version again")


def _lock(connection: Connection) -> None:
    """Two processes that start together must not both migrate."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(7212)"))


def _copy(database: Database, now: datetime) -> Path | None:
    """SQLite's own online copy, beside the file; on PostgreSQL the operator's backups serve."""
    if database.path is None:
        return None
    target = database.path.with_name(f"{database.path.name}.before-{now:%Y%m%d-%H%M%S}")
    source = sqlite3.connect(database.path)
    copy = sqlite3.connect(target)
    try:
        source.backup(copy)
    finally:
        source.close()
        copy.close()
    return target
