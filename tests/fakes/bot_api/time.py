"""The server's own time, and a bell that wakes whoever waits for something to change."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from bot.core.ports import Clock


class ServerClock:
    """The given clock (or the machine's), which a test may push forward."""

    def __init__(self, clock: Clock | None, bell: "Bell") -> None:
        self._clock = clock
        self._bell = bell
        self._ahead = timedelta()

    def now(self) -> datetime:
        """The current instant: aware, UTC."""
        return (self._clock.now() if self._clock else datetime.now(UTC)) + self._ahead  # noqa: TID251  (this is the clock)

    def advance(self, by: timedelta) -> None:
        """Let time pass for the server and wake what was waiting for it."""
        self._ahead += by
        self._bell.ring()


class Bell:
    """Rung at every change; waiting costs nothing in between."""

    def __init__(self) -> None:
        self._waiting: set[asyncio.Future[None]] = set()

    def ring(self) -> None:
        """Wake everybody."""
        for waiting in self._waiting:
            if not waiting.done():
                waiting.set_result(None)
        self._waiting.clear()

    async def until(self, holds: Callable[[], bool], seconds: float) -> bool:
        """Wait until `holds()`; False when that did not happen within so many seconds."""
        try:
            async with asyncio.timeout(seconds):
                while not holds():
                    await self.rung()
        except TimeoutError:
            return holds()
        return True

    async def rung(self) -> None:
        """Wait for the next change."""
        waiting = asyncio.get_running_loop().create_future()
        self._waiting.add(waiting)
        try:
            await waiting
        finally:
            self._waiting.discard(waiting)
