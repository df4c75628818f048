"""What the aiogram adapter works with: database and keys, opened at the first use, and threads of its own."""

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

from bot.core.ports import Clock
from storage.database import Database, open_database
from storage.fsm_settings import read_key_places, store_beside
from storage.keys import KeyPlaces
from storage.masters import CACHED
from storage.migrate import migrate
from storage.sealing import Sealer

Keys = KeyPlaces | Path | str
"""Where the keys are: everything said, or only the directory of master keys."""
_PATIENCE = 30.0
"""Seconds to wait for SQLite's one writer: the other processes are Hamroh's own, which never hold it for long."""
_T = TypeVar("_T")


class MachineClock:
    """The machine's clock, for a process that has no other."""

    def now(self) -> datetime:
        """The current instant, aware, UTC."""
        return datetime.now(UTC)  # noqa: TID251 - this is the adapter behind the port, as in bot.system


class Room:
    """A database with its sealer behind threads; nothing is touched before the first use, nor after closing."""

    def __init__(self, url: str, keys: Keys | None, clock: Clock | None, *, threads: int = 8) -> None:
        self.clock = clock or MachineClock()
        self._url = url
        self._keys = keys
        self._threads = threads if url.startswith("postgres") else 1  # SQLite has one writer: let them queue, not race
        self._opening = threading.Lock()
        self._pool: ThreadPoolExecutor | None = None
        self._opened: tuple[Database, Sealer] | None = None
        self._is_tidying = False

    async def hop(self, work: Callable[[Database, Sealer], _T]) -> _T:
        """Do this in a thread."""
        self._tidy_later()
        return await asyncio.wrap_future(self.submit(work))

    def submit(self, work: Callable[[Database, Sealer], _T]) -> Future[_T]:
        """Have this done in a thread, whether or not somebody waits for it."""
        if self._pool is None:
            self._pool = ThreadPoolExecutor(self._threads, "hamroh-fsm")
        return self._pool.submit(lambda: work(*self._open()))

    async def close(self) -> None:
        """Let go of everything, once what was begun is done; a later use opens it again."""
        pool, self._pool = self._pool, None
        if pool is not None:
            await asyncio.to_thread(self._shut, pool)

    def _open(self) -> tuple[Database, Sealer]:
        with self._opening:
            if self._opened is None:
                migrate(self._url, self.clock)
                database = open_database(self._url, busy_seconds=_PATIENCE)
                try:
                    self._opened = database, self._sealer(database)
                except BaseException:
                    database.dispose()
                    raise
            return self._opened

    def _sealer(self, database: Database) -> Sealer:
        keyring = _places(self._keys).open(self.clock)
        try:
            keyring.claim(database)
        except BaseException:
            keyring.close()
            raise
        return Sealer(keyring)

    def _shut(self, pool: ThreadPoolExecutor) -> None:
        pool.shutdown()
        with self._opening:
            opened, self._opened = self._opened, None
        if opened is not None:
            database, sealer = opened
            database.dispose()
            sealer.keyring.close()

    def _tidy_later(self) -> None:
        """No key stays in memory for more than a minute or so, also when nobody writes any more (architecture §6)."""
        if not self._is_tidying:
            self._is_tidying = True
            asyncio.get_running_loop().call_later(CACHED.total_seconds(), self._tidy)

    def _tidy(self) -> None:
        self._is_tidying = False
        opened = self._opened
        if opened is not None:
            opened[1].tidy()


def _places(keys: Keys | None) -> KeyPlaces:
    if keys is None:
        return read_key_places()
    return keys if isinstance(keys, KeyPlaces) else KeyPlaces(Path(keys), store_beside(Path(keys)))
