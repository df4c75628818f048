"""S2, S6, S8, S13, S15, S22 as people see them: on the simulator's phones and over the Bot API, in both languages."""

from collections.abc import AsyncIterator, Awaitable
from pathlib import Path
from typing import Any, Protocol

import pytest

from bot.flows.reading import LEFT
from bot.orthography.commands import command
from bot.texts import load_texts
from tests.house import House, open_house
from tests.laws.desk import Desk, join, open_desk, press
from tests.town import Town, open_town
from tests.world import FrozenClock

WORDS = {"tg": "шавҳарам маро мезанад", "ru": "муж меня бьёт"}
FORGET = {"tg": "маро фаромӯш кунед", "ru": "забудьте меня"}
PRAYERS = {"tg": "السلام عليكم ورحمة الله", "ru": "Ҳайит муборак бўлсин, дуо қиламиз"}
ANSWER, LOOSE = "Ман инҷо ҳастам, менависам", "Пагоҳ ба вохӯрӣ биёед"
CONSENTED = (
    "Facilitators write only in this chat. They never ask for a name, address, money or a code.",
    (
        "What you write is kept for at most 90 days, then erased. "
        "Your place in the lessons stays while you take part.\n\n"
        "The word STOP ends all messages. The words FORGET ME erase everything. If a facilitator is just then helping "
        "you, only a number without your words stays, for at most 30 days.\n\n"
        "Telegram or WhatsApp can see this chat, and so can anyone who holds the phone.\n\n"
        "This is not an emergency service, and no place to keep proof of anything."
    ),
)
UNVERIFIED = "No. {number} is yours. The writer is not verified: somebody else may hold the phone."
COVER = "Hello. Is it a good moment to read?"


class Door(Protocol):
    """Where people write; the same short ways at each."""

    group: Any
    owner: Any

    def mother(self, language: str) -> Awaitable[Any]: ...
    def writes(self, chat: Any, text: str) -> Awaitable[object]: ...
    def presses(self, chat: Any, choice: str, by: Any = None) -> Awaitable[object]: ...
    def passes(self, minutes: int) -> Awaitable[None]: ...
    def seen(self, chat: Any) -> str: ...
    def ever(self, chat: Any) -> list[str]: ...


class Phones:
    """The simulator's."""

    def __init__(self, desk: Desk) -> None:
        self.house: House = desk.house
        self.group, self.owner = desk.group, desk.facilitator

    async def mother(self, language: str) -> Any:
        return await join(self.house, f"mother-{language}", language, phone="phone.yes")

    async def writes(self, chat: Any, text: str) -> object:
        return await self.house.says(chat, text)

    async def presses(self, chat: Any, choice: str, by: Any = None) -> object:
        return await press(self.house, chat, choice, sender=by.id if by else "")

    async def passes(self, minutes: int) -> None:
        await self.house.passes(minutes=minutes)

    def seen(self, chat: Any) -> str:
        return "\n".join(bubble.text for bubble in chat.bubbles)

    def ever(self, chat: Any) -> list[str]:
        return [bubble.text for bubble in chat.transcript if bubble.is_ours]


class BotApi:
    """Telegram's, over real requests."""

    def __init__(self, town: Town, owner: Any, group: Any) -> None:
        self.town, self.owner, self.group = town, owner, group

    async def mother(self, language: str) -> Any:
        return await self.town.mother({"tg": 300, "ru": 301}[language], language, phone="phone.yes")

    async def writes(self, chat: Any, text: str) -> object:
        return await self.town.says(chat, text)

    async def presses(self, chat: Any, choice: str, by: Any = None) -> object:
        return await self.town.presses(chat, choice, by=by)

    async def passes(self, minutes: int) -> None:
        await self.town.passes(minutes=minutes)

    def seen(self, chat: Any) -> str:
        return self.town.screen(chat)

    def ever(self, chat: Any) -> list[str]:
        return [sent.text for sent in self.town.tg.sent if sent.chat_id == chat.id]


@pytest.fixture(params=["simulator", "bot api"])
async def door(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Door]:
    if request.param == "simulator":
        async with open_house(tmp_path, FrozenClock()) as house:
            yield Phones(await open_desk(house))
        return
    async with open_town(tmp_path, FrozenClock()) as town:
        coordinator = await town.coordinator()
        owner = await town.facilitator(coordinator)
        yield BotApi(town, owner, await town.bound_group(coordinator, owner))


async def test_s2_s6_s8_s13_s15_s22_hold_at_every_door_in_both_languages(door: Door) -> None:
    for language in ("tg", "ru"):
        mother = await door.mother(language)
        _was_told_before_her_yes(door, mother, language)
        await _prayers_ring_for_nobody(door, mother, language)
        await _is_answered_by_one_alone(door, mother, language)
        await _keeps_nothing_on_a_shared_phone(door, mother, language)
        await _is_erased_with_an_open_case(door, mother, language)


def _say(language: str, key: str, **values: object) -> str:
    return load_texts().say(language, key, **values)


def _was_told_before_her_yes(door: Door, mother: Any, language: str) -> None:
    """S6: who reads, how long, what this is not."""
    told = "\n".join(door.ever(mother))
    assert [key for key in CONSENTED if _say(language, key) not in told] == []


async def _prayers_ring_for_nobody(door: Door, mother: Any, language: str) -> None:
    """S8: language or script alone is no finding, and is answered kindly."""
    heard, said = len(door.ever(door.group)) + len(door.ever(door.owner)), len(door.ever(mother))
    await door.writes(mother, PRAYERS[language])
    assert len(door.ever(mother)) > said
    assert len(door.ever(door.group)) + len(door.ever(door.owner)) == heard


async def _is_answered_by_one_alone(door: Door, mother: Any, language: str) -> None:
    """S13, S15: nothing loose goes; the taker is warned; a neutral question comes before the first words."""
    await door.writes(mother, WORDS[language])
    await door.presses(door.group, "case.take", by=door.owner)
    assert _say("tg", UNVERIFIED, number="\0").split("\0")[1] in door.seen(door.owner)
    assert WORDS[language] in door.seen(door.owner)
    await door.writes(door.owner, LOOSE)
    await door.presses(door.owner, "case.reply")
    await door.writes(door.owner, ANSWER)
    assert ANSWER not in "\n".join(door.ever(mother)), "it is shown with its number first"
    await door.presses(door.owner, "answer.send")
    assert _say(language, COVER) in door.seen(mother)
    assert ANSWER not in "\n".join(door.ever(mother))
    await door.presses(mother, "case.now")
    assert ANSWER in door.seen(mother)
    assert LOOSE not in "\n".join(door.ever(mother))


async def _keeps_nothing_on_a_shared_phone(door: Door, mother: Any, language: str) -> None:
    """S2: what concerns the case leaves her phone after thirty minutes."""
    await door.passes(31)
    assert WORDS[language] not in door.seen(mother)
    assert ANSWER not in door.seen(mother)


async def _is_erased_with_an_open_case(door: Door, mother: Any, language: str) -> None:
    """S22: her words leave the desk at once, and whoever has the case hears what to do."""
    assert command(FORGET[language]) == "delete_me"
    assert WORDS[language] in door.seen(door.owner)
    told = _say("tg", LEFT["erased"], number="\0").split("\0")[1]
    before = door.seen(door.owner).count(told)
    await door.writes(mother, FORGET[language])
    await door.presses(mother, "forget.yes")
    assert WORDS[language] not in door.seen(door.owner)
    assert door.seen(door.owner).count(told) == before + 1
