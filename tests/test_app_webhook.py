"""A whole story with updates that Telegram posts: in over our webhook, through the engine, out over the Bot API."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.core.errors import StorageUnavailable
from tests.town import Town, open_town
from tests.world import FrozenClock

TAJIK = "шавҳарам маро мезанад"


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[Town]:
    async with open_town(tmp_path, FrozenClock(), is_hooked=True) as opened:
        yield opened


def delivered(town: Town) -> list[int | None]:
    """What the webhook answered, in order."""
    return [attempt.status for attempt in town.tg.deliveries]


async def test_a_mother_joins_reads_asks_for_help_and_is_answered_over_the_webhook(town: Town) -> None:
    coordinator = await town.coordinator()
    facilitator = await town.facilitator(coordinator)
    group = await town.bound_group(coordinator, facilitator)
    mother = await town.mother()
    await town.opens_module(facilitator)
    await town.presses(mother, "push.open")
    page = mother.last().text
    assert await town.presses(mother, "lesson.next_card") != [page]
    await town.says(mother, TAJIK)
    await town.presses(group, "case.take", by=facilitator)
    assert TAJIK in town.screen(facilitator)
    await town.presses(facilitator, "case.reply")
    await town.says(facilitator, "Ман ҳастам")
    await town.presses(facilitator, "answer.send")
    assert await town.presses(mother, "case.now") == ["Ман ҳастам"]
    await town.says(mother, "стоп")
    shown = len(mother.sees())
    await town.passes(hours=30)
    assert len(mother.sees()) == shown
    assert town.tg.calls("getUpdates") == []
    assert set(delivered(town)) == {200}


async def test_what_could_not_be_committed_is_posted_again_and_answered_once(town: Town) -> None:
    mother = await town.mother()
    store, work = town.app.store, town.app.store.work
    refused: list[int] = []

    def away(*offers: object) -> object:
        if len(refused) < 3:
            refused.append(1)
            raise StorageUnavailable("the database is away")
        return work(*offers)  # type: ignore[arg-type]

    store.work = away  # type: ignore[method-assign,assignment]
    asked = len(town.tg.sent)
    await town.says(mother, "меню")
    assert delivered(town).count(503) == len(refused) == 3
    assert len([sent for sent in town.tg.sent[asked:] if sent.chat_id == mother.id]) == 1


async def test_an_update_that_is_posted_twice_is_answered_once(town: Town) -> None:
    mother = await town.mother()
    town.tg.faults.mix = None
    asked = len(town.tg.sent)
    town.tg.faults.is_delivered_twice = lambda: True  # type: ignore[method-assign]
    await town.says(mother, "меню")
    assert len([sent for sent in town.tg.sent[asked:] if sent.chat_id == mother.id]) == 1
