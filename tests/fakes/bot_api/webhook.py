"""Deliver updates to the bot's address: one in flight per queue, again and again until it answers 2xx."""

import asyncio
import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Any

import h11

from tests.fakes.bot_api.faults import Faults
from tests.fakes.bot_api.feed import Feed, Pending
from tests.fakes.bot_api.http import HttpAnswer, post

LONGEST_WAIT = 3600
SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"


@dataclass(frozen=True)
class Target:
    """What setWebhook asked for."""

    url: str
    secret: str | None
    max_connections: int


@dataclass(frozen=True)
class Attempt:
    """One delivery: which update, when by the server's clock, and the HTTP status (None: no answer)."""

    update_id: int
    at: datetime
    status: int | None


class Webhook:
    """Posts updates while a target is set; every pause is Telegram's, multiplied by `time_scale`."""

    def __init__(self, feed: Feed, faults: Faults, chance: Random, time_scale: float) -> None:
        self.target: Target | None = None
        self.attempts: list[Attempt] = []
        self.answered_with_method = False
        self.answer_seconds = 60.0
        self._feed = feed
        self._faults = faults
        self._chance = chance
        self._time_scale = time_scale
        self._slots = asyncio.Semaphore(1)
        self._queues: dict[int, asyncio.Task[None]] = {}
        self._watch: asyncio.Task[None] | None = None

    @property
    def is_busy(self) -> bool:
        """Whether a delivery is under way or waits for its next try."""
        return bool(self._queues)

    async def point_to(self, target: Target | None) -> None:
        """Deliver to another address from now on; None stops delivering."""
        await self.close()
        self.target = target
        if target is not None:
            self._slots = asyncio.Semaphore(target.max_connections)
            self._watch = asyncio.create_task(self._deliver())

    async def close(self) -> None:
        """Stop every delivery."""
        tasks = [*self._queues.values(), *([self._watch] if self._watch else [])]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._queues.clear()
        self._watch = None

    async def _deliver(self) -> None:
        while True:
            for queue in {pending.queue for pending in self._feed.live()} - self._queues.keys():
                self._queues[queue] = asyncio.create_task(self._drain(queue))
            await self._feed.bell.rung()

    async def _drain(self, queue: int) -> None:
        while (pending := self._first(queue)) is not None:
            await self._deliver_one(pending)
        self._queues.pop(queue, None)
        self._feed.bell.ring()

    async def _deliver_one(self, pending: Pending) -> None:
        failures = 0
        while pending in self._feed.live():
            answer = await self._attempt(pending)
            if answer is not None and answer.status // 100 == 2:
                if self._faults.is_delivered_twice():
                    await self._attempt(pending)
                self._feed.done(pending)
                return
            failures += 1
            await self._pause(self._wait_seconds(answer, failures))

    async def _attempt(self, pending: Pending) -> HttpAnswer | None:
        target = self.target
        if target is None:
            return None
        headers = {"Content-Type": "application/json"} | ({SECRET_HEADER: target.secret} if target.secret else {})
        body = json.dumps(pending.update, ensure_ascii=False).encode()
        answer: HttpAnswer | None = None
        async with self._slots:
            try:
                answer = await post(target.url, body, headers, self.answer_seconds)
            except (OSError, TimeoutError, h11.ProtocolError):
                answer = None
        self._note(pending, answer)
        return answer

    def _note(self, pending: Pending, answer: HttpAnswer | None) -> None:
        self.attempts.append(Attempt(pending.id, self._feed.clock.now(), answer.status if answer else None))
        self._feed.handed[pending.id] += 1
        self.answered_with_method |= answer is not None and _has_method(answer.body)
        self._feed.bell.ring()

    def _wait_seconds(self, answer: HttpAnswer | None, failures: int) -> float:
        asked = answer.headers.get("retry-after", "") if answer else ""
        if asked.isdigit():
            return min(int(asked), LONGEST_WAIT)
        return min(2.0**failures, self._chance.uniform(60, 120))

    async def _pause(self, seconds: float) -> None:
        due_at = self._feed.clock.now() + timedelta(seconds=seconds)
        await self._feed.bell.until(lambda: self._feed.clock.now() >= due_at, seconds * self._time_scale)

    def _first(self, queue: int) -> Pending | None:
        return next((pending for pending in self._feed.live() if pending.queue == queue), None)


def _has_method(body: bytes) -> bool:
    try:
        parsed: Any = json.loads(body or b"null")
    except ValueError:
        return False
    return isinstance(parsed, dict) and "method" in parsed
