"""S7: no command, button word, state or person in between keeps her words from a person."""

import itertools
from collections.abc import Awaitable, Callable

import pytest
from sqlalchemy import select, update

from bot.channels.simulator import Phone
from bot.core.messages import Kind
from bot.core.people import Role
from storage.schema import conversations, inbox
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
LANGUAGES = ("tg", "ru")
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


async def write(house: House, phone: Phone, words: str, how: str) -> list[str]:
    """She writes it, or writes it under a picture, or changes her first message into it."""
    if how != "edit":
        return await house.says(phone, words, kind=Kind.PHOTO if how == "caption" else Kind.TEXT)
    shown = len(phone.transcript)
    hers = next(bubble for bubble in phone.transcript if not bubble.is_ours)
    await house.channel.edits(phone, hers.id, words)
    await house.app.settle()
    return [bubble.text for bubble in phone.transcript[shown:] if bubble.is_ours]


@pytest.mark.parametrize("name", WAYS)
async def test_s7_in_every_state_the_words_reach_a_person_and_are_neither_stop_nor_yes(desk: Desk, name: str) -> None:
    await join(desk.house, "first")
    await desk.opens_module()
    for n, (words, how) in enumerate(zip(CALLS, ("text", "text", "text", "text", "caption", "edit"), strict=True)):
        phone = await join(desk.house, f"mother-{n}", LANGUAGES[n // 3])  # each writes calls of both
        await WAYS[name](desk, phone)
        before = desk.cards()
        says = await write(desk.house, phone, words, how)
        assert desk.cards() == before + 1, (name, words)
        assert bool(says) == (name != "frozen"), (name, words)


@pytest.mark.parametrize("steps", range(6))
async def test_s7_a_stranger_is_heard_at_every_step_of_joining(desk: Desk, steps: int) -> None:
    for n, words in enumerate(CALLS[:4]):
        phone = desk.house.phone(f"stranger-{n}")
        await desk.house.says(phone, f"/start {desk.house.invite(Role.MOTHER)}")
        for choice in (f"language:{LANGUAGES[n // 2]}", *JOINING)[:steps]:
            await press(desk.house, phone, choice)
        before = desk.cards()
        assert await desk.house.says(phone, words) != []
        assert desk.cards() == before + 1, (steps, words)


async def test_s7_what_she_writes_to_a_person_is_brought_to_her_as_urgent(desk: Desk) -> None:
    for n, words in enumerate(CALLS):
        phone = await join(desk.house, f"mother-{n}", LANGUAGES[n // 3])
        await by_being_held(desk, phone)
        shown = len(desk.facilitator.transcript)
        await desk.house.says(phone, words)
        brought = [bubble.text for bubble in desk.facilitator.transcript[shown:]]
        assert any(words in text and "ҳозир" in text for text in brought), words


@pytest.mark.parametrize("how", ["text", "edit", "caption"])
async def test_s7_what_cannot_be_played_is_kept_opens_a_case_and_she_goes_on(desk: Desk, how: str) -> None:
    """Her state is one of a release that this one does not know: every turn of hers raises."""
    house = desk.house
    phone = await join(house, "mother")
    with house.app.store.database.transaction() as connection:
        connection.execute(
            update(conversations).where(conversations.c.owner == "participant").values(state="Future:unknown")
        )
    before = desk.cards()
    await write(house, phone, CALLS[1], how)
    assert desk.cards() == before + 1
    with house.app.store.database.reading() as connection:
        lies = connection.execute(select(inbox.c.id).where(inbox.c.state == "quarantined")).all()
    assert len(lies) == 1
    await desk.takes_newest()
    assert any(CALLS[1] in bubble.text for bubble in desk.facilitator.transcript)
    assert await house.says(phone, "меню") != []


def test_the_words_are_many_and_differ() -> None:
    assert all(one != other for one, other in itertools.combinations(CALLS, 2))
