"""One who writes without end slows nobody, and what she says in between is still heard (S7).

Here the clock moves: each commit and each turn costs time, as much as on a slow disk.  How long people wait by the
clock on the wall is measured by tests/faults/test_promptness.py.
"""

import asyncio
import heapq
from collections import deque
from collections.abc import Callable, Iterator
from datetime import timedelta
from itertools import count
from pathlib import Path
from random import Random
from statistics import quantiles

import pytest
from sqlalchemy import func, select

from bot.batch import Job, Written
from bot.core.addresses import Address
from bot.core.messages import Inbound, Sort
from bot.turns import Turns
from storage.schema import case_messages, cases
from tests.house import open_house
from tests.laws.desk import join, open_desk
from tests.laws.storm import StormyChannel
from tests.world import MORNING, FrozenClock

CALLS = ("шавҳарам маро мезанад", "муж меня бьёт", "ӯ мегӯяд, ки маро мекушад")
COMMIT, TURN = 0.08, 0.008
"""Seconds that a commit and a turn in it take: several times what they do on the page about speed."""
OTHERS, A_MINUTE = 30, 60.0
BOUND = 2.0


class Desk:
    """Stands where the batch stands: every commit moves the clock on, and what arrives meanwhile waits outside."""

    def __init__(self) -> None:
        self.now = 0.0
        self.done: dict[str, float] = {}

    def write(self, jobs: list[Job]) -> Written:
        self.now += COMMIT + TURN * len(jobs)
        for job in jobs:
            assert job.inbound is not None
            self.done[job.inbound.external_id] = self.now
        return Written()


class OneThread(Turns):
    """The very same, except that the world goes on for a moment after each write: so a run is always the same run."""

    async def _in_thread(self, write: Callable[[list[Job]], Written], batch: list[Job]) -> Written:
        written = write(batch)
        for _ in range(4):
            await asyncio.sleep(0)
        return written


class FirstComeFirstServed(OneThread):
    """What it would be without fair shares: one after the other, and none may overtake."""

    def _next_batch(self) -> list[Job]:
        taken: dict[str, Job] = {}
        while self._waiting and self._waiting[0].lane not in taken:
            job = self._waiting.popleft()
            taken[job.lane] = job
        return list(taken.values())


class ACommitEach(OneThread):
    """What it would be if a flood shared no commits."""

    def _shares(self) -> dict[str, int]:
        return {}


def arrivals(chance: Random) -> Iterator[tuple[float, str, str]]:
    """When, whose, and what: a thousand messages of one in a minute, in gusts, as a phone that finds its net again."""
    for n in range(1000):
        gust = n // 100
        yield gust * A_MINUTE / 10 + chance.uniform(0, 1), "flooder", CALLS[n % 3] if n % 250 == 125 else "салом"
    for n in range(OTHERS):
        for _ in range(4):
            yield chance.uniform(0, A_MINUTE), f"other-{n}", "меню"


async def waits(kind: type[OneThread], *, is_polled: bool) -> dict[str, list[float]]:
    """Seconds that everybody waited for the commit of each message, by who wrote; her calls for help apart.

    `is_polled`: updates come in handfuls of a hundred, and the next handful only once all of it is confirmed.
    """
    desk, order = Desk(), count()
    coming = [(at, next(order), who, text) for at, who, text in arrivals(Random(7))]
    heapq.heapify(coming)
    turns = kind(desk)  # type: ignore[arg-type]
    writing = asyncio.create_task(turns.run())
    outside: deque[Inbound] = deque()
    written: dict[str, tuple[float, str]] = {}
    taking: asyncio.Future[None] | None = None
    while coming or outside or (taking is not None and not taking.done()):
        while coming and coming[0][0] <= desk.now:
            at, n, who, text = heapq.heappop(coming)
            where = Address("telegram:1", who)
            outside.append(Inbound(str(n), Sort.MESSAGE, where, where, MORNING + timedelta(seconds=at), text=text))
            written[str(n)] = (at, "calls" if text in CALLS else who.partition("-")[0])
        if outside and (taking is None or taking.done() or not is_polled):
            taken = [outside.popleft() for _ in range(min(100, len(outside)))]
            taking = asyncio.ensure_future(turns.accept(taken))
        elif coming and (taking is None or taking.done()):
            desk.now = max(desk.now, coming[0][0])
        await asyncio.sleep(0)
    await turns.rest()
    writing.cancel()
    await asyncio.gather(writing, return_exceptions=True)
    found: dict[str, list[float]] = {"other": [], "flooder": [], "calls": []}
    for n, (at, who) in written.items():
        found[who].append(desk.done[n] - at)
    return found


def p95(values: list[float]) -> float:
    return quantiles(values, n=20, method="inclusive")[-1]


@pytest.mark.parametrize("is_polled", [True, False])
async def test_s7_one_who_floods_makes_nobody_wait_longer_than_two_seconds_and_is_heard_as_soon(
    is_polled: bool,
) -> None:
    waited = await waits(OneThread, is_polled=is_polled)
    assert [len(waited[who]) for who in ("other", "flooder", "calls")] == [4 * OTHERS, 996, 4]
    assert p95(waited["other"]) < BOUND
    assert max(waited["other"]) < BOUND
    assert max(waited["calls"]) < BOUND


@pytest.mark.parametrize(("kind", "is_polled"), [(FirstComeFirstServed, False), (ACommitEach, True)])
async def test_s7_without_fair_shares_others_would_wait_longer(kind: type[OneThread], is_polled: bool) -> None:
    assert p95((await waits(kind, is_polled=is_polled))["other"]) > BOUND


async def test_s7_her_worrying_words_in_a_flood_open_one_case_that_holds_them_all(tmp_path: Path) -> None:
    clock = FrozenClock()
    channel = StormyChannel(clock, Random(7))
    async with open_house(tmp_path, clock, channel) as house:
        desk = await open_desk(house)
        flooder = await join(house, "flooder")
        words = ["салом"] * 24
        for n, call in enumerate(CALLS):
            words[(n + 1) * 6] = call
        await asyncio.gather(*(channel.says(flooder, text) for text in words))
        await house.app.settle()
        assert desk.cards() == 1
        with house.app.store.database.reading() as connection:
            assert connection.scalar(select(func.count()).select_from(cases)) == 1
            assert (connection.scalar(select(func.count()).select_from(case_messages)) or 0) >= len(CALLS)
