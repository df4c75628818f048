"""A village for every test: a copy of one that is built once for each kind of database."""

import asyncio
import fcntl
import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from storage.copying import copy_file, copy_rows
from storage.database import open_database
from tests.faults.harness import Nursery
from tests.faults.village import Village, found, url_of
from tests.storage.conftest import Server, name_of, postgres

__all__ = ["postgres"]


@pytest.fixture(scope="session")
def sqlite_village(tmp_path_factory: pytest.TempPathFactory) -> Village:
    """Built by whichever worker needs it first."""
    shared = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        shared = shared.parent
    folder, note = shared / "village", shared / "village.zone"
    with (shared / "village.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not note.exists():
            folder.mkdir()
            note.write_text(asyncio.run(found(folder, url_of(folder))).zone)
    return Village(folder, url_of(folder), note.read_text(), folder / "lessons")


@pytest.fixture(scope="session")
def postgres_village(sqlite_village: Village, postgres: Server) -> Village:
    """The same village, row by row."""
    name = postgres.create(postgres.template)
    source, target = open_database(sqlite_village.url), open_database(postgres.url(name))
    with source.reading() as old, target.transaction() as new:
        copy_rows(old, new, leave=("alembic_version",))
    source.dispose()
    target.dispose()
    return replace(sqlite_village, url=postgres.url(name))


@pytest.fixture(params=["sqlite", "postgres"])
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def village(kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Village]:
    """A copy of the village of this kind, with the same keys."""
    built: Village = request.getfixturevalue(f"{kind}_village")
    built.copy_keys(tmp_path)
    if kind == "sqlite":
        copy_file(built.folder / "hamroh.db", tmp_path / "hamroh.db")
        yield replace(built, folder=tmp_path, url=url_of(tmp_path))
        return
    server: Server = request.getfixturevalue("postgres")
    name = server.create(name_of(built.url))
    try:
        yield replace(built, folder=tmp_path, url=server.url(name))
    finally:
        server.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(scope="session")
def nursery() -> Iterator[Nursery]:
    opened = Nursery()
    yield opened
    opened.close()
