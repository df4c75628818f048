"""A village for every test: a copy of one that is built once for each kind of database."""

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.faults.harness import Nursery
from tests.faults.village import Village, copy_file, found
from tests.storage.conftest import Server, name_of, postgres

__all__ = ["postgres"]


@pytest.fixture(scope="session")
def sqlite_village(tmp_path_factory: pytest.TempPathFactory) -> Village:
    folder = tmp_path_factory.mktemp("village")
    return asyncio.run(found(folder, f"sqlite:///{folder / 'hamroh.db'}"))


@pytest.fixture(scope="session")
def postgres_village(postgres: Server, tmp_path_factory: pytest.TempPathFactory) -> Village:
    folder = tmp_path_factory.mktemp("village-postgres")
    return asyncio.run(found(folder, postgres.url(postgres.create(postgres.template))))


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
        yield replace(built, folder=tmp_path, url=f"sqlite:///{tmp_path / 'hamroh.db'}")
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
