"""S2, S6, S8, S13, S15, S22 as people see them: on the simulator's phones and over the Bot API, in both languages."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from bot.flows.reading import LEFT
from bot.orthography.commands import command
from tests.laws.doors import KINDS, WORDS, Door, open_door
from tests.laws.doors import say as _say

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


@pytest.fixture(params=KINDS)
async def door(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Door]:
    async with open_door(request.param, tmp_path) as opened:
        yield opened


async def test_s2_s6_s8_s13_s15_s22_hold_at_every_door_in_both_languages(door: Door) -> None:
    for language in ("tg", "ru"):
        mother = await door.mother(language)
        _was_told_before_her_yes(door, mother, language)
        await _prayers_ring_for_nobody(door, mother, language)
        await _is_answered_by_one_alone(door, mother, language)
        await _keeps_nothing_on_a_shared_phone(door, mother, language)
        await _is_erased_with_an_open_case(door, mother, language)


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
