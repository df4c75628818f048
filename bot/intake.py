"""The door: updates come in through it and are confirmed only after their commit; posts left over are picked up."""

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta

from bot.core.messages import Inbound
from bot.turns import Turns
from storage.store import Store

LEFT_OVER = 1000
"""The most posts picked up in one look; the rest follow in the next."""
NOTED_EVERY = timedelta(minutes=1)


class Intake:
    """Takes what channels bring, and what lies in the inbox because a process died or a command put it there."""

    def __init__(self, store: Store, turns: Turns) -> None:
        self._store = store
        self._turns = turns
        self._noted_at: dict[str, datetime] = {}
        self.is_refused = False

    async def accept(self, inbounds: Sequence[Inbound]) -> None:
        """Play updates; returns after their commit, raises StorageUnavailable when they must come again.

        `is_refused` tells whether the last ones could not be written.
        """
        self.is_refused = True
        await self._turns.accept(inbounds)
        self.is_refused = False

    async def is_taking(self) -> bool:
        """Whether what comes can be written down; after a refusal the database is asked by a small writing."""
        if self.is_refused:
            self.is_refused = not await asyncio.to_thread(self._store.takes_writing)
        return not self.is_refused and await asyncio.to_thread(self._store.is_available)

    async def alarm(self, line: str, trouble: str, since: datetime) -> None:
        """Tell coordinators, once for each time, that a line does not hear.  Raises StorageUnavailable."""
        self._turns.play_posted(await asyncio.to_thread(self._store.alarm_of_line, line, trouble, since))

    async def hear(self, line: str, heard_at: datetime) -> None:
        """Note every minute that a line is heard; coordinators are told of what may be lost after too long a silence.

        Raises StorageUnavailable.
        """
        noted_at = self._noted_at.get(line)
        if noted_at is not None and heard_at - noted_at < NOTED_EVERY:
            return
        self._turns.play_posted(await asyncio.to_thread(self._store.hear_line, line, heard_at))
        self._noted_at[line] = heard_at

    async def sweep(self) -> int:
        """Play events that were posted but not played yet; returns how many, once they are settled."""
        waiting = await asyncio.to_thread(self._store.pending_posts, LEFT_OVER)
        played = self._turns.play_posted(waiting)
        await asyncio.wait([played.settled])
        return played.size
