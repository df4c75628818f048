"""S7, S14, S16, S19 at both doors and in both languages: what reaches the desk, and what people read meanwhile."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from sqlalchemy import func, select

from bot.core.people import Role
from bot.flows.coordinator import ALARMS
from bot.orthography.commands import command
from storage.schema import invitations, participants
from tests.laws.doors import KINDS, WORDS, Door, invite, open_door, say

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.parametrize("language", ["tg", "ru"])]

STATES = {
    "tg": {"hide": "пинҳон", "delete_me": "маро фаромӯш кунед", "stop": "бас кунед"},
    "ru": {"hide": "спрятать", "delete_me": "забудьте меня", "stop": "хватит"},
}
CALLS = {"tg": ("бас, шавҳарам маро мезанад", "ҳа, маро мезанад"), "ru": ("хватит, он меня бьёт", "да, он меня бьёт")}
"""Each begins as a command word or a yes does."""
LOOSE = {"tg": "ман понздаҳсола ҳастам", "ru": "мне пятнадцать лет"}
ALIASES = {"tg": "Бодом", "ru": "Чашма"}

PROMISE = "A person is here now and will read it."
MEANING = (
    "What it means: you see messages that mothers wrote in trust. You read them only for the case you took, "
    "copy or show them to nobody, and write to a mother only through this chat. Every reading is recorded. "
    "A colleague who knows you in person must confirm you before anything opens."
)
INERT = (
    "A colleague who knows you must confirm you first. Until then nothing opens here. Please remind your coordinator."
)
SPENT = (
    "This code can no longer be used: it holds for 24 hours and for one person. "
    "Please ask the coordinator for a new one."
)
CONFIRMED = "A colleague has confirmed you. Send /menu to begin, and set your duty hours first."
ENDED = "Your access here has ended. If this is a mistake, please speak with your coordinator."
ANOTHER = "This code cannot be used here. Your facilitator has been told and will help."
YOUNG = (
    "Thank you for telling us. The lessons here are for grown-up women, so they do not open for you. "
    "You have done nothing wrong. A person has been told and can write to you here. You may write too."
)
NOT_HERE = (
    "I cannot look at this, and nobody sees it. Please do not send files, contacts or forwarded messages here. "
    "You can write instead."
)
HEARD = "Thank you. A person will hear or see this. Writing, or the word HELP, is faster."


@pytest_asyncio.fixture(scope="module", loop_scope="module", params=KINDS)
async def door(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Door]:
    """One desk for all of them; everybody else comes new to each."""
    async with open_door(request.param, tmp_path_factory.mktemp("door")) as opened:
        yield opened


async def _takes(door: Door, by: Any) -> None:
    await door.presses(door.group, "case.take", by=by)


async def _closes_as_false_alarm(door: Door) -> None:
    await _takes(door, door.owner)
    for choice in ("case.close", "case.outcome:false_alarm"):
        await door.presses(door.owner, choice)
    await door.writes(door.owner, "Санҷиш")


def _people_and_codes(door: Door) -> tuple[int, int]:
    """How many mothers have joined, and how many uses are left in all codes."""
    with door.app.store.database.reading() as connection:
        joined = connection.scalar(select(func.count()).select_from(participants))
        left = connection.scalar(select(func.sum(invitations.c.uses_left)))
    return int(joined or 0), int(left or 0)


async def test_s7_in_every_state_her_words_reach_a_person_at_every_door(door: Door, language: str) -> None:
    mother = await door.mother(language)
    joined = _people_and_codes(door)
    for n, (meaning, word) in enumerate(STATES[language].items()):
        assert command(word) == meaning
        await door.writes(mother, word)
        before = door.cards()
        assert say(language, PROMISE) in (await door.writes(mother, CALLS[language][n % 2]))[0], meaning
        assert door.cards() == before + 1, meaning
        await _closes_as_false_alarm(door)
    assert _people_and_codes(door) == joined, "“yes, he beats me” is no yes to being forgotten"


async def test_s14_who_enlists_reads_what_it_means_and_nothing_opens_before_and_after(
    door: Door, language: str
) -> None:
    hers, code = door.stranger(language), invite(door, Role.FACILITATOR)
    await _enlists(door, hers, code, language)
    other = door.stranger(language)
    assert await door.starts(other, code) == [f"{say('tg', SPENT)}\n\n{say('ru', SPENT)}"]
    await door.presses(door.coordinator, "staff.accept")
    assert say(language, CONFIRMED) in door.seen(hers)
    await door.writes(await door.mother(language), WORDS[language])
    await _takes(door, hers)
    assert WORDS[language] in door.seen(hers)
    door.app.desk.revoke(ALIASES[language])
    await door.passes(1)
    assert WORDS[language] not in door.seen(hers)
    assert door.ever(hers)[-1] == say(language, ENDED)
    assert await door.writes(hers, "/menu") == [say(language, ENDED)]
    await _is_free_again(door, language)


async def _enlists(door: Door, hers: Any, code: str, language: str) -> None:
    """Up to the colleague's word: until then one sentence answers everything."""
    await door.starts(hers, code)
    await door.presses(hers, f"enlist.language:{language}")
    assert say(language, MEANING) in "\n".join(await door.writes(hers, ALIASES[language]))
    inert = [say(language, INERT)]
    assert await door.presses(hers, "enlist.agree") == inert
    assert await door.writes(hers, "/menu") == inert


async def _is_free_again(door: Door, language: str) -> None:
    shown = door.seen(door.owner).count(WORDS[language])
    await _takes(door, door.owner)
    assert door.seen(door.owner).count(WORDS[language]) == shown + 1


async def test_s16_a_second_code_opens_nothing_and_her_facilitator_hears_of_it(door: Door, language: str) -> None:
    mother, code = await door.mother(language), invite(door, Role.MOTHER)
    stood, told = _people_and_codes(door), len(door.ever(door.owner))
    assert (await door.starts(mother, code))[0] == say(language, ANOTHER)
    assert _people_and_codes(door) == stood
    assert any(say("tg", ALARMS["second_person"]) in text for text in door.ever(door.owner)[told:])


async def test_s16_who_is_younger_gets_a_person_and_no_lesson(door: Door, language: str) -> None:
    child = door.stranger(language)
    await door.starts(child, invite(door, Role.MOTHER))
    stood, told, cards = _people_and_codes(door), len(door.ever(door.owner)), door.cards()
    for choice in (f"language:{language}", "consent.next", "consent.yes", "consent.yes"):
        await door.presses(child, choice)
    assert await door.presses(child, "adult.no") == [say(language, YOUNG)]
    assert await door.writes(child, "меню") == [say(language, YOUNG)]
    assert (_people_and_codes(door), door.cards()) == (stood, cards + 1)
    assert any(say("tg", ALARMS["child"]) in text for text in door.ever(door.owner)[told:])
    await door.writes(child, LOOSE[language])
    await _takes(door, door.owner)
    assert LOOSE[language] in door.seen(door.owner)


async def test_s19_a_forwarded_voice_goes_nowhere_and_her_own_to_the_taker_on_tap(door: Door, language: str) -> None:
    mother = await door.mother(language)
    staff = (door.group, door.coordinator, door.owner)
    before = [door.ever(chat) for chat in staff]
    assert (await door.sends_voice(mother, is_forwarded=True))[0] == say(language, NOT_HERE)
    assert [door.ever(chat) for chat in staff] == before
    assert say(language, HEARD) in (await door.sends_voice(mother))[0]
    heard = [door.voices(chat) for chat in staff]
    await _takes(door, door.owner)
    assert [door.voices(chat) for chat in staff] == heard, "not before she taps"
    await door.presses(door.owner, "case.file")
    assert [door.voices(chat) for chat in staff] == [*heard[:2], heard[2] + 1]
    before = [door.ever(chat) for chat in staff]
    assert (await door.sends_voice(mother, is_forwarded=True))[0] == say(language, NOT_HERE)
    assert ([door.ever(chat) for chat in staff], door.fetched()) == (before, 0)
