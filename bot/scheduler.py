"""Time as an event: timers that fell due become turns, in the commit that deletes them."""

import asyncio
from datetime import datetime

from bot.core.ports import Clock
from bot.turns import Turns
from storage.store import Store

AT_ONCE = 1000
"""The most timers taken in one look; the rest follow in the next."""


class Scheduler:
    """Looks for due timers; takes no lease, because playing a timer deletes it."""

    def __init__(self, store: Store, turns: Turns, clock: Clock) -> None:
        self._store = store
        self._turns = turns
        self._clock = clock

    async def sweep(self) -> int:
        """Play what is due now; returns how many timers there were, once they are settled."""
        due = await asyncio.to_thread(self._store.due_timers, self._clock.now(), AT_ONCE)
        played = self._turns.play_timers(due)
        await asyncio.wait([played.settled])
        return played.size

    async def next_due(self) -> datetime | None:
        """When the earliest timer falls due; None when there is none."""
        return await asyncio.to_thread(self._store.next_due)
