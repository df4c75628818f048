"""Carries broadcasts out: one event for each mother, in chunks; her own turn decides whether and when it goes (S4)."""

import asyncio

from bot.faults import faultpoint
from storage.store import Store

CHUNK = 200
"""How many mothers share one commit: replies to others come in between."""


class Broadcasts:
    """Expands what is due and ends what has gone out; pausing and cancelling are turns of the coordinator."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def sweep(self) -> int:
        """Bring every running broadcast on by one chunk; how many events were posted.

        Raises StorageUnavailable.
        """
        return await asyncio.to_thread(self._expand)

    def _expand(self) -> int:
        moved = 0
        for broadcast_id in self._store.running_broadcasts():
            moved += len(self._store.expand_broadcast(broadcast_id, CHUNK))
            faultpoint("mid_broadcast")
        return moved
