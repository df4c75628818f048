"""States and data of an aiogram bot, kept on Hamroh's database: `open_storage` and, for its events, `open_isolation`.

Both follow aiogram 3's own contract, and are true subclasses of its classes where aiogram is installed.  What is kept
is sealed and found by keyed hashes; erasing a person reaches it, and 90 days after its last change it goes.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

from bot.core.ports import Clock
from storage.database import Database
from storage.fsm_contract import BaseEventIsolation, BaseStorage, DataNotDictLikeError
from storage.fsm_keys import Key, hashes, number
from storage.fsm_locks import BITS, TurnLocks, open_locks
from storage.fsm_room import Keys, Room
from storage.fsm_rows import Record, pack
from storage.sealing import Sealer

_T = TypeVar("_T")
_FIRST_PAUSE = 0.005
_LONGEST_PAUSE = 0.05
"""Seconds between two looks at a lock that another process holds."""


def open_storage(url: str, keys: Keys | None = None, *, clock: Clock | None = None) -> "Storage":
    """A storage for aiogram's `Dispatcher`; returns at once, the database is opened at the first use.

    `url` is `sqlite:///FILE` or `postgresql://…`.  Without `keys` they are where `HAMROH_KEYS_*` say.  The first use
    raises ConfigurationError for wrong keys; any use raises StorageUnavailable while the database is away.
    """
    return Storage(Room(url, keys, clock))


def open_isolation(url: str, keys: Keys | None = None) -> "Isolation":
    """A lock for each key, shared by all processes on this database, for aiogram's `Dispatcher(events_isolation=…)`."""
    return Isolation(Room(url, keys, None, threads=1))


class Storage(BaseStorage):
    """States and data by key: one transaction for each call, in a thread."""

    def __init__(self, room: Room) -> None:
        self._room = room

    async def set_state(self, key: Key, state: Any = None) -> None:  # noqa: ANN401 - text, None, or aiogram's State
        """Replace the state; None takes it away."""
        told = state if isinstance(state, str) else getattr(state, "state", state)
        if told is not None and not isinstance(told, str):
            raise TypeError(f"a state is text or nothing, not {type(told).__name__}")
        await self._write(key, lambda record, now: record.set_state(told, now))

    async def get_state(self, key: Key) -> str | None:
        """The state; None for a key without one."""
        return await self._read(key, Record.state)

    async def set_data(self, key: Key, data: Mapping[str, Any]) -> None:
        """Replace the data; an empty dictionary takes it away.  Raises DataNotDictLikeError."""
        if not isinstance(data, dict):
            raise DataNotDictLikeError(f"data must be a dictionary, not {type(data).__name__}")
        packed = pack(data)
        await self._write(key, lambda record, now: record.set_data(packed, now))

    async def get_data(self, key: Key) -> dict[str, Any]:
        """The data; empty for a key without any."""
        return await self._read(key, Record.data)

    async def get_value(self, storage_key: Key, dict_key: str, default: Any = None) -> Any:  # noqa: ANN401 - any JSON
        """One value of the data."""
        return (await self.get_data(storage_key)).get(dict_key, default)

    async def update_data(self, key: Key, data: Mapping[str, Any]) -> dict[str, Any]:
        """Add to the data in one transaction, whoever else writes; the whole of it.  Raises DataNotDictLikeError."""
        if not isinstance(data, Mapping):
            raise DataNotDictLikeError(f"data must be a dictionary, not {type(data).__name__}")
        packed = pack(dict(data))
        return await self._write(key, lambda record, now: record.update_data(packed, now))

    async def close(self) -> None:
        """Let go of the database; a later use opens it again."""
        await self._room.close()

    async def _read(self, key: Key, look: Callable[[Record], _T]) -> _T:
        def work(database: Database, sealer: Sealer) -> _T:
            with database.reading() as connection:
                return look(Record(connection, sealer, hashes(sealer, key)))

        return await self._room.hop(work)

    async def _write(self, key: Key, change: Callable[[Record, datetime], _T]) -> _T:
        def work(database: Database, sealer: Sealer) -> _T:
            with database.transaction() as connection:
                return change(Record(connection, sealer, hashes(sealer, key)), self._room.clock.now())

        return await self._room.hop(work)


@dataclass(slots=True)
class _Turns:
    """The tasks of this process that want the same key, one after the other."""

    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    wanted: int = 0


class Isolation(BaseEventIsolation):
    """One event of a key at a time, among the tasks of this process and among processes."""

    def __init__(self, room: Room) -> None:
        self._room = room
        self._locks: TurnLocks | None = None
        self._turns: dict[int, _Turns] = {}

    @asynccontextmanager
    async def lock(self, key: Key) -> AsyncGenerator[None, None]:
        """Wait for this key, and have it until the end of the block."""
        lock = await self._room.hop(lambda _, sealer: number(hashes(sealer, key), BITS))
        async with self._turn(lock):
            try:
                await self._take(lock)
                yield
            finally:
                if self._room.is_open:  # otherwise closing has let go, and nobody would close it again
                    await asyncio.shield(asyncio.wrap_future(self._room.submit(lambda *_: self._free(lock))))

    async def close(self) -> None:
        """Let go of every lock and of the database; a later use opens it again."""
        await self._room.close(self._close_locks)

    @asynccontextmanager
    async def _turn(self, lock: int) -> AsyncGenerator[None, None]:
        turns = self._turns.setdefault(lock, _Turns())
        turns.wanted += 1
        try:
            async with turns.lock:
                yield
        finally:
            turns.wanted -= 1
            if not turns.wanted:
                del self._turns[lock]

    async def _take(self, lock: int) -> None:
        """Neither kind tells when a lock of another process becomes free, so look again and again."""
        pause = _FIRST_PAUSE
        while not await self._room.hop(lambda database, _: self._try(database, lock)):
            await asyncio.sleep(pause)
            pause = min(2 * pause, _LONGEST_PAUSE)

    def _try(self, database: Database, lock: int) -> bool:
        if self._locks is None:
            self._locks = open_locks(database)
        return self._locks.try_hold(lock)

    def _free(self, lock: int) -> None:
        if self._locks is not None:
            self._locks.release(lock)

    def _close_locks(self) -> None:
        if self._locks is not None:
            self._locks.close()
            self._locks = None
