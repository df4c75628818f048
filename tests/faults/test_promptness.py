"""How long people wait by the clock on the wall: a real process, real sends, a Bot API that holds its limits.

What the figures are, and what they do not show: docs/explanation/fortnight.md.
"""

import asyncio
from collections.abc import Callable
from datetime import datetime
from itertools import cycle
from random import Random
from statistics import median, quantiles

import pytest
from sqlalchemy import func, select

from storage.schema import case_messages, cases
from tests.fakes.telegram import Rates
from tests.faults.crowd import add_mothers
from tests.faults.harness import Nursery, Stage, staged
from tests.faults.village import COORDINATOR, FACILITATOR, GROUP, MOTHERS, Village

pytestmark = [pytest.mark.soak, pytest.mark.parametrize("kind", ["sqlite"], indirect=True)]
URGENT = ("шавҳарам маро мезанад", "муж меня бьёт", "ӯ мегӯяд, ки маро мекушад")
CROWD = range(5001, 5081)
TEAM = {GROUP, COORDINATOR, FACILITATOR}
Tell = Callable[[str, list[float]], None]


@pytest.fixture
def tell(capsys: pytest.CaptureFixture[str]) -> Tell:
    """Print what was measured: the figures are what it is for."""

    def say(what: str, seconds: list[float]) -> None:
        with capsys.disabled():
            figures = f"median {median(seconds):.3f}, p95 {nth(seconds, 95):.3f}, p99 {nth(seconds, 99):.3f}"
            print(f"\n{what}: {len(seconds)}, {figures}, slowest {max(seconds):.3f} s")  # noqa: T201 - see above

    return say


def nth(values: list[float], percent: int) -> float:
    """So many of a hundred are not above it."""
    return quantiles(values, n=100, method="inclusive")[percent - 1]


def opened(stage: Stage) -> dict[str, datetime]:
    """The number of each case, and when the turn that opened it began."""
    with stage.database.reading() as connection:
        return dict(connection.execute(select(cases.c.number, cases.c.opened_at)).all())


def handed_over(stage: Stage) -> dict[str, datetime]:
    """When the first card of each case was handed to the Bot API."""
    found: dict[str, datetime] = {}
    for call in stage.tg.requests:
        text = str(call.params.get("text", ""))
        if call.method == "sendMessage" and call.chat in TEAM and text.startswith("№ "):
            found.setdefault(text.split()[1], call.at)
    return found


def notices(stage: Stage) -> list[float]:
    """Seconds from her words to the first card, for every case; one that nobody was told of fails the test."""
    cards = handed_over(stage)
    return [(cards[number] - at).total_seconds() for number, at in opened(stage).items()]


async def test_s10_the_first_card_is_handed_over_within_ten_seconds_by_the_wall_clock(
    village: Village, nursery: Nursery, tell: Tell
) -> None:
    add_mothers(village, CROWD)
    async with staged(village, nursery, rates=Rates()) as stage:
        for number in CROWD:
            stage.joined(number)
        stage.start()
        await stage.serves()
        for number, words in zip(CROWD, cycle(URGENT), strict=False):
            stage.write(4)  # others go on meanwhile
            stage.person(number).says(words)
            await asyncio.sleep(3.4)  # a group takes 20 a minute
        await stage.waits(lambda: len(handed_over(stage)) == len(CROWD), "somebody's card was not brought")
        found = notices(stage)
        await stage.stop()
    tell("the first card after her words", found)
    assert len(found) == len(CROWD)
    assert nth(found, 99) <= 10


async def test_s10_across_a_crash_the_first_card_is_handed_over_within_a_minute(
    village: Village, nursery: Nursery, tell: Tell
) -> None:
    chance, died = Random(10), ("after_commit:1", "before_confirm:1", "after_claim:1")
    async with staged(village, nursery, rates=Rates()) as stage:
        for number, fault, words in zip(MOTHERS, cycle(died), cycle(URGENT), strict=False):
            stage.start(fault)
            await stage.serves()
            stage.person(number).says(words)
            await stage.dies()
            await asyncio.sleep(chance.uniform(1, 25))  # as late as a service manager may be
            stage.start()
            told = number - MOTHERS[0] + 1
            await stage.waits(lambda told=told: len(handed_over(stage)) >= told, "the card was lost", 90)
            await stage.kill()
        found = notices(stage)
    tell("the same across a crash", found)
    assert len(found) == len(MOTHERS)
    assert max(found) <= 60


async def test_s7_one_who_writes_a_thousand_messages_a_minute_slows_nobody_by_the_wall_clock(
    village: Village, nursery: Nursery, tell: Tell
) -> None:
    async with staged(village, nursery, rates=Rates()) as stage:
        stage.start()
        await stage.serves()
        calm = [await _asks(stage, number) for number in MOTHERS[1:]]
        flooding = asyncio.create_task(_floods(stage, MOTHERS[0], 1000))
        asking = [asyncio.create_task(_goes_on_asking(stage, number, flooding)) for number in MOTHERS[1:]]
        waited = [seconds for one in await asyncio.gather(*asking) for seconds in one]
        called = await flooding
        await stage.waits(lambda: not stage.tg.feed.live(), "her messages are not taken in")
        card = min(handed_over(stage).values())
        with stage.database.reading() as connection:
            assert connection.scalar(select(func.count()).select_from(cases)) == 1
            assert (connection.scalar(select(func.count()).select_from(case_messages)) or 0) >= len(URGENT)
        await stage.stop()
    tell("an answer while nobody floods", calm)
    tell("an answer while one floods", waited)
    tell("her own worrying words until the card", [(card - called[0]).total_seconds()] * 2)
    assert nth(waited, 95) < 2
    assert (card - called[0]).total_seconds() < 2


async def _floods(stage: Stage, number: int, count: int) -> list[datetime]:
    """A message every 60 ms, a few of them worrying; when those were written."""
    called, loop = [], asyncio.get_running_loop()
    began = loop.time()
    for n in range(count):
        is_call = n % (count // 4) == count // 8
        if is_call:
            called.append(stage.tg.clock.now())
        stage.person(number).says(URGENT[len(called) % len(URGENT)] if is_call else "салом")
        await asyncio.sleep(max(0.0, began + (n + 1) * 0.06 - loop.time()))
    return called


async def _goes_on_asking(stage: Stage, number: int, flooding: "asyncio.Task[list[datetime]]") -> list[float]:
    """One after the other until the flood is over, at her own pace."""
    chance, waited = Random(number), []
    while not flooding.done():
        waited.append(await _asks(stage, number))
        await asyncio.sleep(chance.uniform(3, 6))
    return waited


async def _asks(stage: Stage, number: int) -> float:
    """Seconds until she is answered."""
    sent, at = len(stage.tg.sent), stage.tg.clock.now()
    stage.person(number).says("меню")
    await stage.waits(lambda: any(one.chat_id == number for one in stage.tg.sent[sent:]), "she is not answered")
    return (next(one.at for one in stage.tg.sent[sent:] if one.chat_id == number) - at).total_seconds()
