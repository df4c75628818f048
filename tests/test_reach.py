"""What a messenger lets us say to silent people in a day is one budget for all broadcasts, as seen from outside."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.core.people import Role
from tests.fakes.bot_api.people import Person
from tests.town import JOINING
from tests.two_banks import TwoBanks, open_banks
from tests.world import FrozenClock

TOO_FAR = "больше, чем WhatsApp разрешает в сутки"


@pytest.fixture
async def banks(tmp_path: Path) -> AsyncIterator[TwoBanks]:
    file = tmp_path / "templates.yaml"
    file.write_text("daily_reach: 1\nbroadcast: {name: page_ready, language: ru}\n", encoding="utf-8")
    async with open_banks(tmp_path, FrozenClock(), whatsapp_templates_file=file) as opened:
        opened.wa.templates["page_ready", "ru"] = 0
        yield opened


async def two_cohorts(banks: TwoBanks) -> Person:
    """A silent mother in each of two cohorts; their coordinator."""
    coordinator = await banks.coordinator()
    own = await banks.facilitator(coordinator)
    other = await banks.facilitator(coordinator, 201, alias="Арча", cohort="Tobiston")
    await banks.her(900)
    second = banks.wa.person(901)
    await banks.writes(second, banks.app.desk.invite(Role.MOTHER, "Tobiston", 1, 7).code)
    for choice in ("language:tg", *JOINING, "phone.no", "name.skip", "hours:9"):
        await banks.chooses(second, choice)
    for facilitator in (own, other):
        await banks.meets_everybody(facilitator)
    await banks.passes(days=2)
    return coordinator


async def prepares(banks: TwoBanks, coordinator: Person, cohort: int) -> str:
    """She writes a text to one of the cohorts; the preview."""
    await banks.says(coordinator, "/menu")
    await banks.presses(coordinator, "menu.broadcast")
    shown = [b for seen in coordinator.sees() for b in seen.buttons if b.data and "cast.cohort" in b.data][-2:]
    await banks.presses(coordinator, shown[cohort].label)
    await banks.presses(coordinator, "cast.write")
    await banks.says(coordinator, "Субҳ ба хайр")
    return (await banks.says(coordinator, "Доброе утро"))[-1]


async def sends(banks: TwoBanks, coordinator: Person) -> None:
    for choice in ("cast.me", "cast.all", "cast.go"):
        await banks.presses(coordinator, choice)


def lines(banks: TwoBanks) -> int:
    return sum(request["type"] == "template" for request in banks.wa.requests)


@pytest.mark.parametrize("minutes", [0, 5, 60 * 20])
async def test_a_second_broadcast_of_a_day_has_only_what_the_first_has_left(banks: TwoBanks, minutes: int) -> None:
    """It counts from the yes on: before the two minutes are over, while it waits for her hours, once it has gone."""
    coordinator = await two_cohorts(banks)
    assert TOO_FAR not in await prepares(banks, coordinator, 0)
    await sends(banks, coordinator)
    if minutes:
        await banks.passes(minutes=minutes)
    assert TOO_FAR in await prepares(banks, coordinator, 1)
    await sends(banks, coordinator)  # presses what the first has left on the screen
    await banks.passes(days=1)
    assert lines(banks) == 1
    await banks.passes(days=1)
    assert TOO_FAR not in await prepares(banks, coordinator, 1)
