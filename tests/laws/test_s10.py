"""S10: an alarm that cannot be brought is told once, and never becomes an alarm without end."""

import asyncio

import pytest

from bot.core.people import Role
from tests.laws.desk import Desk, join, press


async def _second_coordinator(desk: Desk) -> None:
    phone = desk.house.phone("second")
    await desk.house.says(phone, f"/start {desk.house.invite(Role.COORDINATOR, None)}")
    await press(desk.house, phone, "enlist.language:ru")
    await desk.house.says(phone, "Зардолу")
    await press(desk.house, phone, "enlist.agree")
    await press(desk.house, desk.coordinator, "staff.accept")


@pytest.mark.parametrize("who", [("facilitator",), ("coordinator",), ("coordinator", "second")])
async def test_s10_who_blocked_the_bot_is_reported_once_for_an_alarm_and_not_without_end(
    desk: Desk, who: tuple[str, ...]
) -> None:
    house = desk.house
    await _second_coordinator(desk)
    for name in who:
        house.phone(name).has_blocked = True
    mother = await join(house, "mother")
    shown = {name: len(phone.transcript) for name, phone in house.channel.phones.items()}
    async with asyncio.timeout(20):  # an alarm without end never settles
        await house.says(mother, "шавҳарам маро мезанад")
        await house.passes(minutes=31)
    for name in ("coordinator", "second", "facilitator"):
        assert len(house.phone(name).transcript) - shown[name] <= 8, name
    assert desk.cards() >= 2
