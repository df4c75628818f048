"""The full fault plan on WhatsApp: every place twice, many kills, a Cloud API that fails, a full or locked database."""

import asyncio
import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from random import Random

import pytest

from tests.fakes.cloud_api.limits import Refusal
from tests.fakes.whatsapp import LOST_AFTER, LOST_BEFORE
from tests.faults.test_kills_whatsapp import KILLED, Bank, bank, until

__all__ = ["bank"]
pytestmark = pytest.mark.soak
KILLS = max(4, int(os.environ.get("SOAK_KILLS", "40")) // 5)
MIX = (None, None, None, Refusal(429, 130429), Refusal(400, 131056), Refusal(500, 131000), LOST_BEFORE, LOST_AFTER)


@pytest.mark.parametrize("nth", [2, 3])
@pytest.mark.parametrize("point", ["before_commit", "after_commit", "before_confirm", "after_send", "before_mark"])
async def test_every_place_later_too(bank: Bank, point: str, nth: int) -> None:
    dying = bank.start(f"{point}:{nth}")
    people = [bank.wa.person(number) for number in range(1, 9)]
    bank.wa.hook.point_to(bank.brings)
    for person in people:
        person.says("салом")
        await asyncio.sleep(0.1)
    assert await dying.ends() == KILLED
    bank.start()
    await settled(lambda: all(person.bubbles for person in people) and not bank.wa.hook.waiting)
    await settled(lambda: set(bank.states()) == {"sent"})
    assert [len(person.bubbles) for person in people] == [1] * len(people)


async def test_many_kills_over_a_cloud_api_that_fails(bank: Bank) -> None:
    """Every message is answered once, whatever WhatsApp answered, brought twice or mixed up meanwhile."""
    chance = Random(KILLS)
    bank.wa.hook.duplicates, bank.wa.hook.shuffles, bank.wa.hook.batch = 0.3, True, 4
    people = [bank.wa.person(number) for number in range(1, 7)]
    bank.wa.hook.point_to(bank.brings)
    written = dict.fromkeys(range(len(people)), 0)
    for _ in range(KILLS):
        running = bank.start()
        for number in chance.sample(range(len(people)), 3):
            people[number].says("меню")
            written[number] += 1
            bank.wa.faults.append(chance.choice(MIX))
        await asyncio.sleep(chance.uniform(0.8, 2.0))
        await running.kill()
    bank.wa.faults.clear()
    bank.start()
    await settled(lambda: not bank.wa.hook.waiting and set(bank.states()) <= {"sent", "expired"})
    answers = [len(person.bubbles) for person in people]
    assert answers == [written[number] for number in range(len(people))]


async def test_a_locked_database_refuses_kindly_and_loses_nothing(bank: Bank, tmp_path: Path) -> None:
    bank.start()
    person = bank.wa.person(1)
    bank.wa.hook.point_to(bank.brings)
    person.says("салом")
    await until(lambda: len(person.bubbles) == 1)
    with closing(sqlite3.connect(tmp_path / "hamroh.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        for number in range(2, 8):
            bank.wa.person(number).says("салом")
        await until(lambda: 503 in bank.wa.hook.statuses)
    await until(lambda: all(one.bubbles for one in bank.wa.people.values()) and not bank.wa.hook.waiting)
    assert [len(one.bubbles) for one in bank.wa.people.values()] == [1] * 7


async def test_a_full_disk_loses_nothing_and_is_survived(bank: Bank, tmp_path: Path) -> None:
    first = bank.start()
    bank.wa.hook.point_to(bank.brings)
    earliest = bank.wa.person(1)
    earliest.says("салом")
    await until(lambda: bool(earliest.bubbles))
    await until(lambda: bank.states() == {"sent": 1})
    await first.kill()
    running = bank.start(file_size=_largest(tmp_path) + 30_000)
    people = [bank.wa.person(number) for number in range(2, 122)]
    for person in people:
        person.says("салом")
    await until(lambda: 503 in bank.wa.hook.statuses)
    running.may_grow()
    await settled(lambda: not bank.wa.hook.waiting and set(bank.states()) == {"sent"})
    assert [len(person.bubbles) for person in people] == [1] * len(people)
    assert not running.is_over


def _largest(folder: Path) -> int:
    return max(path.stat().st_size for path in folder.glob("*.db*"))


async def settled(holds: Callable[[], bool]) -> None:
    """Wait longer than a lease of two minutes, and the minute in which what is in doubt waits for its status."""
    async with asyncio.timeout(300):
        while not holds():  # noqa: ASYNC110 - another process is what is waited for
            await asyncio.sleep(0.2)
