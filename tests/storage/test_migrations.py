"""Bringing databases up to date."""

import sqlite3
from concurrent.futures import ThreadPoolExecutor

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import inspect, text

from bot.core.errors import ConfigurationError
from storage.database import open_database
from storage.fsm_schema import metadata
from storage.migrate import UP_TO_DATE, _migrate, migrate
from storage.revisions import newest_revision


def test_migrations_and_tables_agree(empty_url, clock):
    migrate(empty_url, clock)
    database = open_database(empty_url)
    with database.transaction() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        assert compare_metadata(context, metadata) == []
    database.dispose()


def test_migrating_twice_changes_nothing(empty_url, clock, tmp_path):
    assert migrate(empty_url, clock, tmp_path) == f"{UP_TO_DATE} now"
    before = sorted(tmp_path.iterdir())
    assert migrate(empty_url, clock, tmp_path) == UP_TO_DATE
    assert sorted(tmp_path.iterdir()) == before


def test_processes_that_start_together_migrate_once(empty_url, clock):
    with ThreadPoolExecutor(4) as threads:
        told = list(threads.map(lambda _: migrate(empty_url, clock), range(4)))
    assert sorted(told) == [UP_TO_DATE] * 3 + [f"{UP_TO_DATE} now"]


def test_a_database_newer_than_the_code_is_refused_and_left_alone(url, clock):
    database = open_database(url)
    with database.transaction() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(ConfigurationError, match="made by a newer Hamroh than this one"):
        migrate(url, clock)
    with database.reading() as connection:
        assert connection.execute(text("SELECT version_num FROM alembic_version")).scalar() == "9999"
    database.dispose()


NEXT = "9998"  # as if this code knew one revision more than the database has


def test_a_copy_is_made_before_anything_changes(database, clock, tmp_path):
    with database.transaction() as connection:
        connection.execute(text("INSERT INTO facts (name, value) VALUES ('invented', 'kept')"))
    told = _migrate(database, clock.now(), tmp_path, NEXT)
    [copy] = tmp_path.glob("*.before-20260302-050000")
    assert told.endswith(f"the copy from before is {copy}")
    assert copy.stat().st_mode & 0o077 == 0
    with sqlite3.connect(copy) as connection:
        assert connection.execute("SELECT value FROM facts").fetchall() == [("kept",)]
        assert connection.execute("SELECT version_num FROM alembic_version").fetchall() == [(newest_revision(),)]
    connection.close()


def test_nothing_changes_when_no_copy_can_be_made(database, clock, tmp_path):
    with pytest.raises(ConfigurationError, match="no copy can be made before migrating"):
        _migrate(database, clock.now(), tmp_path / "nowhere", NEXT)


def test_every_table_of_ours_is_there(database):
    with database.reading() as connection:
        assert set(metadata.tables) <= set(inspect(connection).get_table_names())
