"""Bringing webhooks: signed, again until they are confirmed, twice or out of order where a test wants it."""

import asyncio
import hashlib
import hmac
import json
from collections.abc import Awaitable, Callable, Mapping
from random import Random
from typing import Any

from tests.fakes.bot_api.time import Bell

Json = dict[str, Any]
TakeIn = Callable[[bytes, Mapping[str, str]], Awaitable[tuple[int, Mapping[str, str]]]]


class Hook:
    """What waits to be brought, and how it was received.

    `duplicates` is the share that comes a second time later; `shuffles` mixes what waits; `batch` is the most that
    one call carries.
    """

    def __init__(self, secret: str, chance: Random, bell: Bell) -> None:
        self.waiting: list[Json] = []
        self.statuses: list[int] = []
        self.duplicates = 0.0
        self.shuffles = False
        self.batch = 1
        self._secret = secret.encode()
        self._chance = chance
        self._bell = bell
        self._take_in: TakeIn | None = None
        self._task: asyncio.Task[None] | None = None

    def point_to(self, take_in: TakeIn) -> None:
        """Bring to this door from now on."""
        self._take_in = take_in
        if self._task is None:
            self._task = asyncio.create_task(self._run())

    async def close(self) -> None:
        """Stop."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    def add(self, change: Json) -> None:
        """Something happened."""
        self.waiting.append(change)
        self._bell.ring()

    def signed(self, body: bytes) -> dict[str, str]:
        """The headers of a call with this body."""
        digest = hmac.new(self._secret, body, hashlib.sha256).hexdigest()
        return {"Content-Type": "application/json", "X-Hub-Signature-256": f"sha256={digest}"}

    async def _run(self) -> None:
        while True:
            while self.waiting:
                await self._bring()
            await self._bell.rung()

    async def _bring(self) -> None:
        if self.shuffles:
            self._chance.shuffle(self.waiting)
        some = self.waiting[: self.batch]
        half = len(some) // 2 or 1
        entries = [{"id": "1", "changes": part} for part in (some[:half], some[half:]) if part]
        body = json.dumps({"object": "whatsapp_business_account", "entry": entries}, ensure_ascii=False).encode()
        status = 0
        if self._take_in is not None:
            status, _ = await self._take_in(body, self.signed(body))
        self.statuses.append(status)
        if status != 200:
            await asyncio.sleep(0.01)
            return
        for change in some:
            self.waiting.remove(change)
            if self._chance.random() < self.duplicates:
                self.waiting.append(change)
        self._bell.ring()
