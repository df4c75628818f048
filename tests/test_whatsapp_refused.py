"""WhatsApp refuses the whole number: one line stands still and is told, and on the other one nothing ends (S10)."""

import asyncio
from collections import deque

import pytest

from bot.app import FACTS
from bot.channels.whatsapp import WhatsAppChannel
from bot.core.errors import ConfigurationError
from tests.fakes.cloud_api.limits import Refusal
from tests.two_banks import TwoBanks

WORDS = "шавҳарам маро мезанад, аз ӯ метарсам"


async def test_s10_a_token_that_dies_ends_nothing_at_the_next_start_but_one_that_never_worked_does(
    banks: TwoBanks,
) -> None:
    office, token = banks.app.offices[1], banks.wa.token
    channel = office.channel
    assert isinstance(channel, WhatsAppChannel)
    banks.wa.token = "another"
    for is_alone in (False, True):
        with pytest.raises(ConfigurationError):
            await office.ask_name(channel.check, FACTS["whatsapp"], is_alone=is_alone)
    banks.app.store.remember(FACTS["whatsapp"], "0000000001")
    asked = asyncio.create_task(office.ask_name(channel.check, FACTS["whatsapp"], is_alone=False))
    async with asyncio.timeout(10):
        while office.is_well:  # noqa: ASYNC110 - the office says nothing of it
            await asyncio.sleep(0.002)
    assert not await banks.app.is_ready()
    asked.cancel()
    banks.wa.token = token
    assert await office.ask_name(channel.check, FACTS["whatsapp"], is_alone=False) == "0000000001"
    assert office.is_well


async def test_a_number_that_is_not_registered_holds_what_is_said_and_is_told_to_coordinators(banks: TwoBanks) -> None:
    coordinator = await banks.coordinator()
    her = await banks.her()
    office, told = banks.app.offices[1], len(coordinator.sees())
    banks.wa.faults = deque([Refusal(400, 133010)] * 6)
    her.says("меню")
    async with asyncio.timeout(10):
        while office.is_well:
            await banks.app.settle()
            await asyncio.sleep(0.002)
    for _ in range(2):
        await office.listen()
        banks.clock.advance(minutes=1)
    banks.wa.faults.clear()
    shown = len(her.texts)
    await banks.passes(minutes=2)
    assert "Связь с мессенджером нарушена" in "".join(seen.text for seen in coordinator.sees()[told:])
    assert len(her.texts) == shown + 1, "it waited, and goes once the number is registered"
    assert office.is_well


async def test_a_template_that_whatsapp_refuses_is_told_again_only_after_a_day_without(banks: TwoBanks) -> None:
    coordinator = await banks.coordinator()
    her = await banks.her()
    office, told = banks.app.offices[1], len(coordinator.sees())
    for expected, hours in ((1, 13), (1, 25), (2, 1)):
        banks.wa.faults.append(Refusal(400, 132015))
        await banks.writes(her, "меню")
        for _ in range(2):
            await office.listen()
            banks.clock.advance(minutes=1)
        await banks.settle()
        assert sum("WhatsApp не принимает шаблон" in seen.text for seen in coordinator.sees()[told:]) == expected
        banks.clock.advance(hours=hours)
        await office.listen()
    assert office.is_well, "all else goes"


async def test_an_answer_that_whatsapp_refuses_is_made_good_by_a_line(banks: TwoBanks) -> None:
    await banks.coordinator()
    her = await banks.her()
    banks.wa.faults.append(Refusal(400, 100))
    assert "кушоед" in "".join(await banks.writes(her, "меню"))
