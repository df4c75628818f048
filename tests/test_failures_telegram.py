"""What does not reach a mother, or changes, is told in her case at once: over a real channel, as its owner sees it."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.flows import answering
from bot.texts import load_texts
from tests.fakes.bot_api.faults import Fault, Kind
from tests.fakes.bot_api.people import BLOCKED, Person
from tests.town import Town, open_town
from tests.world import FrozenClock

WORDS, CHANGED = "шавҳарам маро мезанад, аз ӯ метарсам", "шавҳарам маро зад, имрӯз ҳам"
ANSWER = "Ман ҳастам, шуморо мешунавам"


TEXTS = load_texts()
SETTLED = {how: TEXTS.sentences["ru"][key] for how, key in answering.SETTLED.items()}


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[Town]:
    async with open_town(tmp_path, FrozenClock()) as opened:
        yield opened


async def taken(town: Town) -> tuple[Person, Person, str]:
    """A mother whose case a facilitator has, and its number."""
    coordinator = await town.coordinator()
    facilitator = await town.facilitator(coordinator, language="ru")
    group = await town.bound_group(coordinator, facilitator)
    mother = await town.mother()
    await town.says(mother, WORDS)
    number = group.last().text.split()[1]
    await town.presses(group, "case.take", by=facilitator)
    return mother, facilitator, number


async def answers(town: Town, facilitator: Person) -> str:
    """The owner answers; what she is told of it."""
    await town.presses(facilitator, "case.reply")
    await town.says(facilitator, ANSWER)
    return "\n".join(await town.presses(facilitator, "answer.send"))


def told_of(facilitator: Person, number: str, words: str) -> bool:
    """Whether the owner was told so, with the number of the case."""
    return any(number in seen.text and words in seen.text for seen in facilitator.sees() if seen.from_bot)


async def test_that_she_blocked_the_bot_is_told_in_the_case_at_once(town: Town) -> None:
    mother, facilitator, number = await taken(town)
    mother.blocks()
    await town.settle()
    assert told_of(facilitator, number, "не доходят")
    before = len(facilitator.sees())
    await answers(town, facilitator)
    said = "\n".join(seen.text for seen in facilitator.sees()[before:] if seen.from_bot)
    assert SETTLED["unreachable"].format(number=number) in said
    assert ANSWER not in town.screen(mother)


async def test_a_block_that_only_a_failed_send_shows_is_told_with_the_answer(town: Town) -> None:
    mother, facilitator, number = await taken(town)
    mother.refusal = BLOCKED
    before = len(facilitator.sees())
    await answers(town, facilitator)
    said = "\n".join(seen.text for seen in facilitator.sees()[before:] if seen.from_bot)
    assert any(SETTLED[how].format(number=number) in said for how in ("unreachable", "asked")), said
    assert told_of(facilitator, number, "не доходят")


async def test_an_answer_that_cannot_be_brought_in_time_comes_back_and_the_alarm_runs_again(town: Town) -> None:
    mother, facilitator, number = await taken(town)
    await answers(town, facilitator)
    town.tg.faults.plan(Fault(Kind.SERVER_ERROR, "sendMessage", chat=mother.id, times=10_000))
    before = len(facilitator.sees())
    await town.presses(mother, "case.now")
    await town.passes(minutes=12)
    said = "\n".join(seen.text for seen in facilitator.sees()[before:] if seen.from_bot)
    assert SETTLED["expired"].format(number=number) in said
    await town.passes(minutes=20)
    assert any("ждёт" in seen.text and number in seen.text for seen in facilitator.sees()), "it rings again"


async def test_an_answer_of_which_nobody_knows_is_told_as_that_and_not_repeated_without_end(town: Town) -> None:
    mother, facilitator, number = await taken(town)
    await answers(town, facilitator)
    town.tg.faults.plan(Fault(Kind.LOST_AFTER, "sendMessage", chat=mother.id, times=10_000))
    await town.presses(mother, "case.now")
    await town.passes(minutes=15)
    assert told_of(facilitator, number, SETTLED["unknown"].format(number=number))
    copies = [sent for sent in town.tg.sent if sent.chat_id == mother.id and sent.text == ANSWER]
    assert 1 <= len(copies) <= 12, "ever more rarely, and no longer than a reply lives"


async def test_an_answer_she_does_not_open_comes_back_after_two_hours(town: Town) -> None:
    mother, facilitator, number = await taken(town)
    await town.passes(minutes=20)
    await answers(town, facilitator)
    await town.says(facilitator, "/menu")
    await town.presses(facilitator, "menu.mine")
    assert "ждут, пока она откроет: 1" in facilitator.last().text
    await town.passes(minutes=130)
    assert told_of(facilitator, number, "она не открыла")
    await town.says(facilitator, "/menu")
    await town.presses(facilitator, "menu.mine")
    assert "не дошли: 1" in facilitator.last().text
    assert ANSWER not in town.screen(mother)


async def test_both_versions_of_what_she_changed_are_with_the_owner(town: Town) -> None:
    mother, facilitator, number = await taken(town)
    hers = next(seen for seen in mother.sees() if seen.text == WORDS)
    mother.edits(hers.message_id, CHANGED)
    await town.settle()
    assert told_of(facilitator, number, CHANGED)
    assert "изменила" in "\n".join(seen.text for seen in facilitator.sees() if CHANGED in seen.text)
    await town.presses(facilitator, "case.again")
    again = town.screen(facilitator)
    assert WORDS in again
    assert CHANGED in again
