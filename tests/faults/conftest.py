"""A village for every test: a copy of one that is built once for each kind of database."""

import asyncio
import contextlib
import fcntl
import os
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
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


@dataclass(frozen=True, slots=True)
class SmallDisk:
    """A file system of its own that holds little."""

    folder: Path

    def fill(self) -> None:
        """Nothing more fits."""
        with contextlib.suppress(OSError), (self.folder / "ballast").open("wb", buffering=0) as ballast:
            while True:
                ballast.write(bytes(4096))

    def empty(self) -> None:
        """There is room again."""
        (self.folder / "ballast").unlink()


@pytest.fixture
def small_disk(postgres: Server) -> Iterator[SmallDisk]:
    """A file system of 64 MB in memory, owned by whoever runs PostgreSQL."""
    folder = Path(tempfile.mkdtemp(prefix="hamroh-disk-"))
    mount = ["mount", "-t", "tmpfs", "-o", "size=64m", "hamroh-test", str(folder)]
    if os.geteuid() or subprocess.run(mount, check=False, capture_output=True).returncode:
        folder.rmdir()
        pytest.skip("a small disk cannot be mounted here: only root may")
    owner = postgres.folder.stat()
    os.chown(folder, owner.st_uid, owner.st_gid)
    try:
        yield SmallDisk(folder)
    finally:
        release = ["umount", "--lazy", str(folder)]
        subprocess.run(release, check=True)
        folder.rmdir()


@pytest.fixture(scope="session")
def nursery() -> Iterator[Nursery]:
    opened = Nursery()
    yield opened
    opened.close()
