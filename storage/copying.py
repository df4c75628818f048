"""Copies databases: SQLite by its own online copy, PostgreSQL row by row into an SQLite file, and back."""

import os
import sqlite3
from collections.abc import Collection, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from sqlalchemy import Connection, MetaData, Table, create_engine, insert, select, text

from storage.database import Database

PORTION = 1_000


@contextmanager
def written(path: Path) -> Iterator[Path]:
    """A draft, readable by this account alone, that takes the name only once it is whole and on the disk."""
    draft = path.with_name(f"{path.name}.part")
    draft.unlink(missing_ok=True)
    os.close(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
    try:
        yield draft
        _sync(draft)
        draft.replace(path)
        _sync(path.parent)
    finally:
        draft.unlink(missing_ok=True)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def copy_file(source: Path, target: Path) -> None:
    """SQLite's online copy: whole even while others write; the copy is a single file."""
    with written(target) as draft, closing(sqlite3.connect(source)) as old, closing(sqlite3.connect(draft)) as new:
        old.backup(new)
        new.execute("PRAGMA journal_mode=DELETE").fetchall()


@contextmanager
def plain(path: Path) -> Iterator[Connection]:
    """A transaction on an SQLite file that nobody else uses, without a write-ahead log beside it."""
    engine = create_engine(f"sqlite:///{path}", hide_parameters=True)
    try:
        with engine.begin() as connection:
            yield connection
    finally:
        engine.dispose()


@contextmanager
def snapshot(database: Database) -> Iterator[Connection]:
    """One unchanging view of a whole PostgreSQL database."""
    frozen = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
    with database.engine.connect().execution_options(**frozen) as connection:
        yield connection


def copy_rows(source: Connection, target: Connection, leave: Collection[str] = ()) -> int:
    """Copy every table that both know, in the order that references need; how many rows there were.

    Columns are read from the databases, not from our tables, so that older copies can be copied too.
    """
    there = {table.name: table for table in _order(target) if table.name not in leave}
    return sum(_copy_table(source, target, table, there[table.name]) for table in _order(source) if table.name in there)


def _order(connection: Connection) -> list[Table]:
    found = MetaData()
    found.reflect(connection)
    return found.sorted_tables


def _copy_table(source: Connection, target: Connection, old: Table, new: Table) -> int:
    count = 0
    with source.execute(select(old).execution_options(yield_per=PORTION)) as result:
        for portion in result.mappings().partitions(PORTION):
            target.execute(insert(new), [dict(row) for row in portion])
            count += len(portion)
    if target.dialect.name == "postgresql":
        for column in new.columns:
            _go_on_counting(target, new, column.name)
    return count


def _go_on_counting(connection: Connection, table: Table, column: str) -> None:
    """A column that counts by itself counts on after the copied rows."""
    names = {"table": table.name, "column": column}
    counter = connection.execute(text("SELECT pg_get_serial_sequence(:table, :column)"), names).scalar()
    if counter is not None:
        highest = connection.exec_driver_sql(f'SELECT max("{column}") FROM "{table.name}"').scalar()  # noqa: S608 - names of our own tables
        if highest is not None:
            connection.execute(
                text("SELECT setval(CAST(:counter AS regclass), :highest)"), {"counter": counter, "highest": highest}
            )
