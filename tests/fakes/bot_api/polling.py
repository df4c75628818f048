"""getUpdates: one long poll at a time; a newer one ends the older with 409."""

import asyncio
from collections.abc import Mapping
from typing import Any

from tests.fakes.bot_api.feed import Feed
from tests.fakes.bot_api.limits import Refusal, bad_request

OTHER_POLLER = "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running"
LONGEST_POLL = 50
SAME_OFFSET_SECONDS = 0.5
CONFLICT_SECONDS = 3.0
MOST_UPDATES = 100


class Poller:
    """Gives updates to whoever polled last."""

    def __init__(self, feed: Feed, time_scale: float) -> None:
        self._feed = feed
        self._time_scale = time_scale
        self._turn = 0
        self._last: tuple[int, float] | None = None
        self._next_conflict_at = 0.0

    async def poll(self, params: Mapping[str, Any]) -> list[dict[str, Any]] | Refusal:
        """Answer one getUpdates; waits up to `timeout` seconds for an update."""
        limit = params.get("limit", MOST_UPDATES)
        if not 1 <= limit <= MOST_UPDATES:
            return bad_request("limit must be between 1 and 100")
        if "allowed_updates" in params:
            self._feed.allowed = frozenset(params["allowed_updates"])
        offset = params.get("offset", 0)
        self._turn += 1
        mine = self._turn
        self._feed.bell.ring()
        if (updates := self._feed.take(offset, 1 if self._is_hasty(offset) else limit)) or not params.get("timeout"):
            return updates
        seconds = min(max(params["timeout"], 0), LONGEST_POLL)
        await self._feed.bell.until(lambda: bool(self._feed.pending) or mine != self._turn, seconds)
        return await self._conflict() if mine != self._turn else self._feed.take(offset, limit)

    def end(self) -> None:
        """Cut the poll that waits, as setWebhook does."""
        self._turn += 1
        self._feed.bell.ring()

    def _is_hasty(self, offset: int) -> bool:
        now = asyncio.get_running_loop().time()
        last, self._last = self._last, (offset, now)
        return last is not None and last[0] == offset and now - last[1] < SAME_OFFSET_SECONDS

    async def _conflict(self) -> Refusal:
        loop = asyncio.get_running_loop()
        if loop.time() < self._next_conflict_at:
            await asyncio.sleep(CONFLICT_SECONDS * self._time_scale)
        else:
            self._next_conflict_at = loop.time() + CONFLICT_SECONDS * self._time_scale
        return Refusal(409, OTHER_POLLER)
