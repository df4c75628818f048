"""S16: who was not met in person gets lessons and help, but hears no place, no time and no name."""

import pytest

from tests.laws.desk import Desk, join, press

INVITING = {
    "tg": "Рӯзи шанбе соати 10 дар кӯчаи Гулистон, бо Ойгул.",
    "ru": "В субботу в 10 на улице Гулистон, с Ойгуль.",
}
HELP = {"tg": "кӯмак", "ru": "помогите"}
NAMES = ("Гулистон", "Ойгул", "шанбе", "суббот", "Чинор", "Гранат", "Bahor")


async def _casts(desk: Desk) -> None:
    """The coordinator tells the cohort where and when the session is."""
    house, coordinator = desk.house, desk.coordinator
    await house.says(coordinator, "/menu")
    for choice in ("menu.broadcast", "cast.cohort", "cast.write"):
        await press(house, coordinator, choice)
    for text in INVITING.values():
        await house.says(coordinator, text)
    for choice in ("cast.me", "cast.all"):
        await press(house, coordinator, choice)
    await house.says(coordinator, "1")
    await house.passes(minutes=3)  # until then it can be taken back
    await house.passes(hours=30)


@pytest.mark.parametrize("language", ["tg", "ru"])
async def test_s16_who_was_not_met_gets_lessons_and_help_but_no_place_no_time_and_no_name(
    desk: Desk, language: str
) -> None:
    house = desk.house
    met = await join(house, "met", language)
    await house.says(desk.facilitator, "/menu")
    for choice in ("menu.people", "person", "meet.confirm"):
        await press(house, desk.facilitator, choice)
    unmet = await join(house, "unmet", language)
    await _casts(desk)
    await desk.opens_module()
    await house.says(unmet, "меню")
    assert await press(house, unmet, "lesson.next") != []
    await house.says(unmet, HELP[language])
    await desk.takes_newest()
    await press(house, desk.facilitator, "case.reply")
    await house.says(desk.facilitator, "Ман ҳастам")
    await press(house, desk.facilitator, "answer.send")
    assert await press(house, unmet, "case.now") == ["Ман ҳастам"]
    hers = "\n".join(bubble.text for bubble in unmet.transcript if bubble.is_ours)
    assert [name for name in NAMES if name in hers] == []
    assert INVITING[language] in [bubble.text for bubble in met.transcript]
