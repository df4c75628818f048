"""What must leave leaves: everything past its date, a little at a time."""

import asyncio

from bot.core.ports import Clock
from storage.store import Store


class Privacy:
    """Empties and deletes what is past its date (S18); what goes when is written in the schema."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def sweep(self) -> int:
        """Purge one bounded portion; how many rows it concerned, so that the next portion follows at once."""
        return await asyncio.to_thread(self._store.purge, self._clock.now())
