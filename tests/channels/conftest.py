"""A Telegram of our own and our channel to it; time stands still and nobody sleeps."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import pytest

from bot.channels.telegram import TelegramChannel
from bot.core.errors import StorageUnavailable
from bot.core.messages import Inbound
from tests.fakes.telegram import FakeTelegram

NOON = datetime(2026, 11, 2, 7, 0, tzinfo=UTC)


class Noon:
    def now(self) -> datetime:
        return NOON


class Pauses:
    """Pauses that take no time, remembered; a minute or more lasts until the test lets it pass."""

    def __init__(self) -> None:
        self.taken: list[float] = []
        self._looks = asyncio.Semaphore(0)

    async def __call__(self, seconds: float) -> None:
        self.taken.append(seconds)
        if seconds >= 60:
            await self._looks.acquire()
        await asyncio.sleep(0)

    def let_a_minute_pass(self) -> None:
        self._looks.release()


class Door:
    """The door of intake: keeps what it took; `failures` are raised first, `gate` holds it open or shut."""

    def __init__(self) -> None:
        self.taken: list[Inbound] = []
        self.batches: list[int] = []
        self.failures: list[Exception] = []
        self.gate = asyncio.Event()
        self.gate.set()
        self._rung = asyncio.Event()

    async def accept(self, inbounds: Sequence[Inbound]) -> None:
        self.batches.append(len(inbounds))
        self._rung.set()
        await self.gate.wait()
        if self.failures:
            raise self.failures.pop(0)
        self.taken += inbounds
        self._rung.set()

    async def is_knocked_at(self) -> None:
        await self._until(lambda: bool(self.batches))

    async def waits_for(self, count: int) -> list[Inbound]:
        await self._until(lambda: len(self.taken) >= count)
        return self.taken

    async def _until(self, holds: Callable[[], bool]) -> None:
        async with asyncio.timeout(5):
            while not holds():
                self._rung.clear()
                await self._rung.wait()

    def is_away(self, times: int) -> None:
        self.failures += [StorageUnavailable("the database is away")] * times


@asynccontextmanager
async def receiving(channel: TelegramChannel, door: Door) -> AsyncIterator[asyncio.Task[None]]:
    task = asyncio.create_task(channel.receive(door.accept))
    try:
        yield task
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


@pytest.fixture
async def tg() -> AsyncIterator[FakeTelegram]:
    async with FakeTelegram(clock=Noon()) as server:
        yield server
        assert server.violations == []


@pytest.fixture
def pauses() -> Pauses:
    return Pauses()


@pytest.fixture
def door() -> Door:
    return Door()


@pytest.fixture
async def channel(tg: FakeTelegram, pauses: Pauses) -> AsyncIterator[TelegramChannel]:
    made = TelegramChannel(tg.token, tg.root, Noon(), pause=pauses)
    yield made
    await made.close()
