"""S2: of every case that the messenger can still take back nothing stays on a phone that others use from now on."""

import pytest

from tests.laws.desk import Desk, join, press

URGENT = {"tg": "шавҳарам маро мезанад", "ru": "муж меня бьёт"}
ANSWER = "МО ЗАНГ МЕЗАНЕМ"


async def has_a_case(desk: Desk, hers, words: str, outcome: str) -> None:
    """She writes, is answered and reads it; then it is closed, if it is."""
    house, worker = desk.house, desk.facilitator
    await house.says(hers, words)
    await desk.takes_newest()
    await press(house, worker, "case.reply")
    await house.says(worker, ANSWER)
    await press(house, worker, "answer.send")
    await press(house, hers, "case.now")
    if outcome:
        await press(house, worker, "case.close")
        await press(house, worker, f"case.outcome:{outcome}")
        await house.says(worker, "Гуфтугӯ шуд.")


@pytest.mark.parametrize("language", ["tg", "ru"])
async def test_s2_the_texts_of_every_case_leave_a_phone_that_others_use_from_now_on(desk: Desk, language: str) -> None:
    house, words = desk.house, URGENT[language]
    hers = await join(house, "mother", language)
    for outcome in ("handled", "false_alarm", ""):
        await has_a_case(desk, hers, words, outcome)
        await house.passes(hours=3)
    assert [bubble.text for bubble in hers.bubbles].count(ANSWER) == 3
    await house.says(hers, "меню")
    for choice in ("settings", "phone", "phone.yes"):
        await press(house, hers, choice)
    shown = [bubble.text for bubble in hers.bubbles]
    await house.passes(minutes=31)
    left = [bubble.text for bubble in hers.bubbles]
    assert not {ANSWER, words} & set(left)
    assert left[-2:] == shown[-2:]  # what she does besides stays
