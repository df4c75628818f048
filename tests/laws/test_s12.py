"""S12: how long she has waited and when she wrote goes by the messenger's clock, however late her words came to us."""

from collections.abc import Callable
from zoneinfo import ZoneInfo

import pytest

from bot.core.messages import Language
from bot.core.speech import say_duration
from tests.fakes.bot_api.groups import Group
from tests.fakes.bot_api.people import Person
from tests.fakes.cloud_api.people import CloudPerson
from tests.laws.doors import say
from tests.laws.test_s1_late import outage
from tests.two_banks import TwoBanks

WORDS = {"tg": "шавҳарам маро мезанад, аз ӯ метарсам", "ru": "муж меня бьёт, я его боюсь"}
MORE = {"tg": "ӯ боз омад", "ru": "он опять пришёл"}
HOURS = 5


async def _desk(banks: TwoBanks, where: str, language: Language) -> tuple[Person, Group, Person | CloudPerson]:
    """Who will take it, the group, and a mother on this messenger, all in one language."""
    coordinator = await banks.coordinator(language=language)
    owner = await banks.facilitator(coordinator, language=language)
    group = await banks.bound_group(coordinator, owner)
    her = await (banks.her if where == "whatsapp" else banks.mother)(language=language)
    return owner, group, her


async def _comes_late(banks: TwoBanks, act: Callable[[], object]) -> str:
    """She acts while nothing reaches us, and it comes hours later; the minute at which she did it."""
    with outage(banks):
        act()
        wrote = _minute(banks)
        banks.clock.advance(hours=HOURS)
    await banks.settle()
    return wrote


def _minute(banks: TwoBanks) -> str:
    """Now, as the desk writes it."""
    return f"{banks.clock.now().astimezone(ZoneInfo('Asia/Dushanbe')):%d.%m %H:%M}"


def _newest(chat: Person | Group, words: str) -> str:
    """The newest message with these words."""
    return next(seen.text for seen in reversed(chat.sees()) if words in seen.text)


@pytest.mark.parametrize(
    ("where", "language"),
    [
        ("telegram", "ru"),
        ("whatsapp", "tg"),
        pytest.param("telegram", "tg", marks=pytest.mark.soak),
        pytest.param("whatsapp", "ru", marks=pytest.mark.soak),
    ],
)
async def test_s12_after_an_outage_everybody_sees_since_when_she_waits_and_her_reader_when_she_wrote(
    banks: TwoBanks, where: str, language: Language
) -> None:
    owner, group, her = await _desk(banks, where, language)
    wrote = await _comes_late(banks, lambda: her.says(WORDS[language]))
    waits = say_duration(HOURS, "hour", language)
    assert waits in group.sees()[-1].text
    await banks.passes(minutes=10)
    assert waits in owner.sees()[-1].text
    await banks.says(owner, "/menu")
    await banks.presses(owner, "menu.queue")
    assert waits in owner.sees()[-1].text
    await banks.presses(group, "case.take", by=owner)
    assert wrote in _newest(owner, WORDS[language]).splitlines()[0]
    wrote = await _comes_late(banks, lambda: her.says(MORE[language]))
    assert say(language, "Her message is from {when}.", when=wrote) in _newest(owner, MORE[language])
    await banks.presses(owner, "case.again")
    assert wrote in _newest(owner, MORE[language]).splitlines()[0]
    await banks.presses(owner, "case.history")
    assert f"{wrote} {say(language, 'she wrote')}" in _newest(owner, wrote)


async def test_s12_words_that_come_at_once_are_brought_without_a_date(banks: TwoBanks) -> None:
    owner, group, her = await _desk(banks, "telegram", "ru")
    await banks.says(her, WORDS["ru"])
    assert say("ru", "less than a minute") in group.sees()[-1].text
    await banks.presses(group, "case.take", by=owner)
    await banks.says(her, MORE["ru"])
    assert say("ru", "Her message is from {when}.", when="\0").split("\0")[0] not in banks.screen(owner)


async def test_s12_she_waits_since_the_first_of_her_words_also_when_whatsapp_brings_those_last(
    banks: TwoBanks,
) -> None:
    _, group, her = await _desk(banks, "whatsapp", "ru")
    her.says(MORE["ru"])
    first = banks.wa.hook.waiting.pop()
    banks.clock.advance(hours=HOURS)
    await banks.writes(her, WORDS["ru"])
    assert say("ru", "less than a minute") in group.sees()[-1].text
    banks.wa.hook.add(first)
    await banks.settle()
    await banks.passes(minutes=5)
    assert say_duration(HOURS, "hour", "ru") in group.sees()[-1].text
