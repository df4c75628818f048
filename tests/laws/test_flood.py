"""One who writes without end slows nobody, and what she says in between is still heard (S7)."""

import asyncio
from pathlib import Path
from random import Random

import pytest
from sqlalchemy import func, select

from bot.batch import Job
from storage.schema import case_messages, cases
from tests.house import House, open_house
from tests.laws.desk import join, open_desk
from tests.laws.storm import StormyChannel
from tests.world import FrozenClock

CALLS = ("шавҳарам маро мезанад", "муж меня бьёт", "ӯ мегӯяд, ки маро мекушад")
OTHERS = 8


class Watch:
    """Which chats shared each commit, in order."""

    def __init__(self, house: House) -> None:
        self.commits: list[set[str]] = []
        batch = house.app.turns._batch
        write = batch.write

        def written(jobs: list[Job]) -> object:
            self.commits.append({job.inbound.chat.id for job in jobs if job.inbound is not None})
            return write(jobs)

        batch.write = written  # type: ignore[method-assign,assignment]

    def waited(self, chat: str, since: int) -> int:
        """How many commits came before the one that took her message."""
        return next(n for n, chats in enumerate(self.commits[since:]) if chat in chats)


async def flood(folder: Path, messages: int) -> tuple[list[int], list[float], tuple[int, int]]:
    """Commits and seconds that others waited, and the cases with their messages that the flood left."""
    clock = FrozenClock()
    channel = StormyChannel(clock, Random(7))
    async with open_house(folder, clock, channel) as house:
        await open_desk(house)
        flooder, *others = [await join(house, f"mother-{n}") for n in range(OTHERS + 1)]
        watch = Watch(house)
        words = ["салом"] * messages
        for n, call in enumerate(CALLS):
            words[(n + 1) * messages // 4] = call
        writing = [asyncio.create_task(channel.says(flooder, text)) for text in words]
        waited: list[int] = []
        for other in others:
            await asyncio.sleep(0)
            while len(watch.commits) < messages * (len(waited) + 1) // (OTHERS + 2):  # noqa: ASYNC110 - it is her turn then
                await asyncio.sleep(0.001)
            since = len(watch.commits)
            await channel.says(other, "меню")
            waited.append(watch.waited(other.id, since))
        is_over = all(task.done() for task in writing)
        assert not is_over, "the others were answered while the flood went on"
        shown = {other.id: len(other.transcript) for other in others}
        await house.app.delivery.sweep()
        seconds = [(clock.now() - other.bubbles[-1].at).total_seconds() for other in others]
        assert all(len(other.transcript) > shown[other.id] for other in others)
        await asyncio.gather(*writing)
        await house.app.settle()
        with house.app.store.database.reading() as connection:
            opened = connection.scalar(select(func.count()).select_from(cases)) or 0
            kept = connection.scalar(select(func.count()).select_from(case_messages)) or 0
    return waited, seconds, (opened, kept)


def check(waited: list[int], seconds: list[float], left: tuple[int, int]) -> None:
    assert max(waited) <= 1, "at most the commit under way came before theirs"
    assert max(seconds) < 2
    opened, kept = left
    assert opened == 1
    assert kept >= len(CALLS)


async def test_s7_one_who_floods_slows_nobody_and_her_worrying_words_open_one_case(tmp_path: Path) -> None:
    check(*await flood(tmp_path, 120))


@pytest.mark.soak
async def test_s7_a_thousand_messages_of_one_slow_nobody(tmp_path: Path) -> None:
    check(*await flood(tmp_path, 1000))
