"""S19 and the recorded pages, from outside: who hears whose voice, and only on a tap."""

from bot.core.messages import Kind
from tests.laws.desk import Desk, join, press


def voices(phone):
    return [bubble for bubble in phone.bubbles if bubble.is_ours and bubble.kind is Kind.VOICE]


async def records(desk, seconds):
    """The facilitator reads the first page aloud in Tajik."""
    house, phone = desk.house, desk.facilitator
    await house.says(phone, "/menu")
    for choice in ("menu.voices", "voices.module:m1", "voices.page:1.1:tg"):
        await press(house, phone, choice)
    return await house.says(phone, "", kind=Kind.VOICE, seconds=seconds)


async def test_s19_a_recorded_page_goes_to_her_on_her_tap_and_hide_takes_it_away(desk: Desk):
    house = desk.house
    hers = await join(house, "olma")
    await desk.opens_module()
    await records(desk, 61)
    assert not voices(desk.facilitator)
    await records(desk, 58)
    assert len(voices(desk.facilitator)) == 1
    await press(house, desk.facilitator, "voices.keep")
    await house.says(hers, "меню")
    await press(house, hers, "lesson.next")
    assert not voices(hers)
    [label] = [b.label for row in hers.last().rows for b in row if b.choice == "lesson.listen:1.1"]
    assert label == "Шунидан · 108 KB"
    await press(house, hers, "lesson.listen")
    assert len(voices(hers)) == 1
    await press(house, hers, "hide")
    assert not voices(hers)


async def test_s19_her_voice_to_a_prompt_reaches_only_the_taker_on_tap_and_the_page_goes_on(desk: Desk):
    house = desk.house
    hers = await join(house, "olma")
    await desk.opens_module()
    await house.says(hers, "меню")
    for choice in ("lesson.next", "lesson.next_card", "lesson.next_card", "lesson.next_card"):
        await press(house, hers, choice)
    assert "одам мешунавад" in hers.last().text
    cards = desk.cards()
    await house.says(hers, "", kind=Kind.VOICE, seconds=9)
    assert desk.cards() == cards + 1
    assert "practice.yes" in [b.choice for row in hers.last().rows for b in row]
    assert not voices(desk.group)
    assert not voices(desk.facilitator)
    await desk.takes_newest()
    assert not voices(desk.facilitator)
    await press(house, desk.facilitator, "case.file")
    assert len(voices(desk.facilitator)) == 1
    assert not voices(desk.coordinator)
