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
        self._workshop: _Workshop | None = None
        self._closed: threading.Event | None = None
        self._tidying: asyncio.AbstractEventLoop | None = None

    @property
    def is_open(self) -> bool:
        """Whether it was used since it was made or closed."""
        return self._workshop is not None

    async def hop(self, work: Callable[[Database, Sealer], _T]) -> _T:
        """Do this in a thread; who gives up goes on when it is done, or will never be."""
        self._tidy_later()
        begun = self.submit(work)
        try:
            return await asyncio.wrap_future(begun)
        except asyncio.CancelledError:
            if not begun.cancel():
                await asyncio.gather(asyncio.wrap_future(begun), return_exceptions=True)
            raise

    def submit(self, work: Callable[[Database, Sealer], _T]) -> Future[_T]:
        """Have this done in a thread, whether or not somebody waits for it."""
        if self._workshop is None:
            self._workshop = _Workshop(self._open, self._threads, self._closed)
        return self._workshop.submit(work)

    async def close(self, let_go: Callable[[], None] | None = None) -> None:
        """Let go of everything, once what was begun is done, first of the caller's; a later use opens it again."""
        workshop, self._workshop = self._workshop, None
        if workshop is not None:
            self._closed = workshop.closed
            await asyncio.to_thread(workshop.close, let_go)

    def _open(self) -> tuple[Database, Sealer]:
        migrate(self._url, self.clock)
        database = open_database(self._url, busy_seconds=_PATIENCE)
        try:
            return database, self._sealer(database)
        except BaseException:
            database.dispose()
            raise

    def _sealer(self, database: Database) -> Sealer:
        keyring = _places(self._keys).open(self.clock)
        try:
            keyring.claim(database)
        except BaseException:
            keyring.close()
            raise
        return Sealer(keyring)

    def _tidy_later(self) -> None:
        """No key stays in memory for more than a minute or so, also when nobody writes any more (architecture §6)."""
        loop = asyncio.get_running_loop()
        if self._tidying is not loop:
            self._tidying = loop
            loop.call_later(CACHED.total_seconds(), self._tidy)

    def _tidy(self) -> None:
        self._tidying = None
        if self._workshop is not None:
            self._workshop.tidy()


class _Workshop:
    """One opening, from the first use to the closing: what is begun before a closing and after it never meets."""

    def __init__(
        self, open_: Callable[[], tuple[Database, Sealer]], threads: int, before: threading.Event | None
    ) -> None:
        self.closed = threading.Event()
        self._open = open_
        self._before = before
        self._pool = ThreadPoolExecutor(threads, "hamroh-fsm")
        self._opening = threading.Lock()
        self._opened: tuple[Database, Sealer] | None = None

    def submit(self, work: Callable[[Database, Sealer], _T]) -> Future[_T]:
        """Have this done in one of the threads."""
        return self._pool.submit(lambda: work(*self._enter()))

    def tidy(self) -> None:
        """Let go of the keys that were in memory long enough."""
        opened = self._opened
        if opened is not None:
            opened[1].tidy()

    def close(self, let_go: Callable[[], None] | None) -> None:
        """Finish what was begun, then let go; blocks."""
        try:
            self._pool.shutdown()
            if let_go is not None:
                let_go()
            if self._opened is not None:
                database, sealer = self._opened
                database.dispose()
                sealer.keyring.close()
        finally:
            self.closed.set()

    def _enter(self) -> tuple[Database, Sealer]:
        with self._opening:
            if self._opened is None:
                if self._before is not None:  # else what was asked for later could be done earlier
                    self._before.wait()
                self._opened = self._open()
            return self._opened


def _places(keys: Keys | None) -> KeyPlaces:
    if keys is None:
        return read_key_places()
    return keys if isinstance(keys, KeyPlaces) else KeyPlaces(Path(keys), store_beside(Path(keys)))
