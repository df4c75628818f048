"""A service's sweep, repeated: at once when woken, otherwise every so many seconds; what a start needs, until it is."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TypeVar

import structlog

from bot.core.errors import StorageUnavailable

log = structlog.get_logger()
T = TypeVar("T")
Pause = Callable[[float], Awaitable[None]]

AGAIN = 2.0
"""Seconds after which what a start needs of a database that was away is tried again."""


@dataclass(slots=True)
class Loop:
    """Sweeps until cancelled; `wake` cuts its pause short."""

    name: str
    sweep: Callable[[], Awaitable[int]]
    every: float
    wake: asyncio.Event = field(default_factory=asyncio.Event)

    async def run(self) -> None:
        """Sweep until cancelled; an outage or a mistake is logged by its kind and the next sweep follows."""
        while True:
            self.wake.clear()
            if await self._once():
                continue
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self.wake.wait(), self.every)

    async def _once(self) -> int:
        try:
            return await self.sweep()
        except StorageUnavailable:
            log.warning("storage_unavailable", loop=self.name)
        except Exception as error:  # noqa: BLE001 - the one catch of this loop
            log.warning("sweep_failed", loop=self.name, error=type(error).__name__)
        return 0


async def until_stored(work: Callable[[], T], pause: Pause = asyncio.sleep) -> T:
    """What this work gives, done in a worker thread; again and again while the database is away, which ends nothing."""
    while True:
        try:
            return await asyncio.to_thread(work)
        except StorageUnavailable:
            log.warning("storage_unavailable", loop="start")
            await pause(AGAIN)
