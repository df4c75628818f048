"""S10: an alarm that cannot be brought is told once, never becomes an alarm without end, and finds another way."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from bot.channels.simulator import SimulatorChannel
from bot.core.messages import Parcel, Receipt, SendFailure, Sort, Trouble
from bot.core.people import Role
from tests.laws.desk import Desk, join, press
from tests.laws.line import NUMBER


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


async def _group_is_deleted(desk: Desk) -> None:
    """Without notice: only the next card finds out."""
    desk.group.has_blocked = True
    await desk.house.says(await join(desk.house, "another"), "муж меня бьёт")


async def _bot_is_removed(desk: Desk) -> None:
    desk.group.has_blocked = True
    await desk.house.channel._bring(desk.group, Sort.BOT_IN_GROUP, desk.coordinator.id, text="left")
    await desk.house.app.settle()


class _ClosedTopic(SimulatorChannel):
    """A group that is there and takes nothing, with buttons or without."""

    async def send(self, parcel: Parcel) -> Receipt:
        if self.phones[parcel.address.id].is_group:
            return SendFailure(Trouble.REFUSED, "topic_closed")
        return await super().send(parcel)


async def _topic_is_closed(desk: Desk) -> None:
    desk.house.channel.__class__ = _ClosedTopic
    await desk.house.says(await join(desk.house, "another"), "муж меня бьёт")


@pytest.mark.parametrize("is_lost", [_group_is_deleted, _bot_is_removed, _topic_is_closed])
async def test_s10_when_the_group_is_lost_each_case_nobody_acted_on_rings_persons_at_once(
    desk: Desk, is_lost: Callable[[Desk], Awaitable[None]]
) -> None:
    house = desk.house
    first, second = await join(house, "first", "tg"), await join(house, "second", "ru")
    await house.says(first, "доим гиря мекунам")
    await house.says(second, "муж меня бьёт")
    numbers = [found[1] for bubble in desk.group.transcript if (found := NUMBER.match(bubble.text))]
    assert len(numbers) == 2
    await house.passes(minutes=2)
    shown = {phone.id: len(phone.transcript) for phone in (desk.facilitator, desk.coordinator)}
    at = house.clock.now()
    await is_lost(desk)
    assert house.clock.now() == at
    for phone in (desk.facilitator, desk.coordinator):
        new = [found[1] for bubble in phone.transcript[shown[phone.id] :] if (found := NUMBER.match(bubble.text))]
        assert set(numbers) <= set(new), phone.name
