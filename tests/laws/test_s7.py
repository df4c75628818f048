"""S7: no command, button word, state or person in between keeps her words from a person."""

import itertools
from collections.abc import Awaitable, Callable

import pytest

from bot.channels.simulator import Phone
from bot.core.people import Role
from tests.house import House
from tests.laws.desk import JOINING, Desk, join, press

CALLS = (
    "хватит, он меня бьёт",
    "ҳа, маро мезанад",
    "стоп, он меня избивает",
    "ha, maro mezanad",
    "да, он меня бьет",
    "не, шавхарам маро мезанад",
)
Way = Callable[[Desk, Phone], Awaitable[None]]


def by(*steps: str) -> Way:
    """Through these steps after joining: words after a colon-less `=`, otherwise buttons."""

    async def go(desk: Desk, phone: Phone) -> None:
        for step in steps:
            if step.startswith("="):
                await desk.house.says(phone, step[1:])
            else:
                await press(desk.house, phone, step)

    return go


async def by_freezing(desk: Desk, phone: Phone) -> None:
    code = _newest_code_name(desk.house)
    desk.house.desk.freeze(code, is_frozen=True)
    await desk.house.app.settle()


async def by_being_held(desk: Desk, phone: Phone) -> None:
    await desk.house.says(phone, "помогите")
    await desk.takes_newest()


def _newest_code_name(house: House) -> str:
    with house.app.store.database.reading() as connection:
        newest = "select code_name from participants order by id desc limit 1"
        found: str = connection.exec_driver_sql(newest).scalar_one()
    return found


READ = ("=menu", "lesson.next")
WAYS: dict[str, Way] = {
    "at rest": by(),
    "reading": by(*READ),
    "before a question": by(*READ, "lesson.next_card", "lesson.next_card", "lesson.next_card"),
    "settings": by("=menu", "settings"),
    "choosing a language": by("=язык"),
    "choosing a pause": by("=пауза"),
    "paused": by("=пауза", "pause.days:7"),
    "stopped": by("=стоп"),
    "hidden": by("=скрыть"),
    "asked whether to forget her": by("=забудьте меня"),
    "frozen": by_freezing,
    "asked for help before": by("=помощь"),
    "put off": by("=помощь", "notice.later"),
}


@pytest.mark.parametrize("name", WAYS)
async def test_s7_in_every_state_the_words_reach_a_person_and_are_neither_stop_nor_yes(desk: Desk, name: str) -> None:
    await join(desk.house, "first")
    await desk.opens_module()
    for n, words in enumerate(CALLS):
        phone = await join(desk.house, f"mother-{n}")
        await WAYS[name](desk, phone)
        before = desk.cards()
        says = await desk.house.says(phone, words)
        assert desk.cards() == before + 1, (name, words)
        assert bool(says) == (name != "frozen"), (name, words)


@pytest.mark.parametrize("steps", range(6))
async def test_s7_a_stranger_is_heard_at_every_step_of_joining(desk: Desk, steps: int) -> None:
    for n, words in enumerate(CALLS[:4]):
        phone = desk.house.phone(f"stranger-{n}")
        await desk.house.says(phone, f"/start {desk.house.invite(Role.MOTHER)}")
        for choice in ("language:ru", *JOINING)[:steps]:
            await press(desk.house, phone, choice)
        before = desk.cards()
        assert await desk.house.says(phone, words) != []
        assert desk.cards() == before + 1, (steps, words)


async def test_s7_what_she_writes_to_a_person_is_brought_to_her_as_urgent(desk: Desk) -> None:
    for n, words in enumerate(CALLS):
        phone = await join(desk.house, f"mother-{n}")
        await by_being_held(desk, phone)
        shown = len(desk.facilitator.transcript)
        await desk.house.says(phone, words)
        brought = [bubble.text for bubble in desk.facilitator.transcript[shown:]]
        assert any(words in text and "ҳозир" in text for text in brought), words


async def test_s7_an_edit_and_a_caption_are_heard_too(desk: Desk) -> None:
    house = desk.house
    phone = await join(house, "mother")
    await house.says(phone, "салом")
    hers = next(bubble for bubble in reversed(phone.bubbles) if not bubble.is_ours)
    await house.channel.edits(phone, hers.id, CALLS[1])
    await house.app.settle()
    assert desk.cards() == 1


def test_the_words_are_many_and_differ() -> None:
    assert all(one != other for one, other in itertools.combinations(CALLS, 2))
