"""S10: WhatsApp says that an answer did not arrive when its case is closed already: it is open again and rings."""

import pytest

from bot.core.messages import Language
from bot.flows.answering import SETTLED
from tests.fakes.bot_api.people import Person
from tests.fakes.cloud_api.people import CloudPerson
from tests.laws.doors import say
from tests.test_whatsapp_late import fails
from tests.two_banks import TwoBanks

WORDS = {"tg": "шавҳарам маро мезанад, аз ӯ метарсам", "ru": "муж меня бьёт, я его боюсь"}
ANSWER, DONE = "Ман инҷо ҳастам", "Сӯҳбат кардем"
NOT_TAKEN = 131026


async def _answered(banks: TwoBanks, language: Language, *, has_joined: bool) -> tuple[CloudPerson, Person]:
    """She wrote of a danger, said Now, and WhatsApp took the answer; nothing is known of whether it arrived."""
    facilitator = await banks.facilitator(await banks.coordinator(), language=language)
    her = await banks.her(language=language) if has_joined else banks.wa.person(900)
    await banks.writes(her, WORDS[language])
    await banks.passes(minutes=10)
    await banks.presses(facilitator, "case.take")
    await banks.writes(her, WORDS[language])
    banks.wa.stages = ()
    await _answers(banks, facilitator)
    assert ANSWER in "\n".join(await banks.chooses(her, "case.now"))
    return her, facilitator


async def _answers(banks: TwoBanks, facilitator: Person) -> None:
    await banks.presses(facilitator, "case.reply")
    await banks.says(facilitator, ANSWER)
    await banks.presses(facilitator, "answer.send")


async def _closes(banks: TwoBanks, facilitator: Person) -> None:
    await banks.presses(facilitator, "case.close")
    await banks.presses(facilitator, "case.outcome:handled")
    await banks.says(facilitator, DONE)


async def _fails_after(banks: TwoBanks, her: CloudPerson, facilitator: Person) -> list[str]:
    """The case is closed on that answer, and then WhatsApp says that it has failed; what its owner newly reads."""
    about = banks.wa.requests[-1], her.bubbles[-1]
    await _closes(banks, facilitator)
    await banks.passes(minutes=30)
    told = len(facilitator.sees())
    banks.wa.requests.append(about[0])
    her.bubbles.append(about[1])
    await fails(banks, her, NOT_TAKEN)
    await fails(banks, her, NOT_TAKEN)
    await banks.settle()
    return [seen.text for seen in facilitator.sees()[told:]]


@pytest.mark.parametrize(("language", "has_joined"), [("tg", True), ("ru", False)])
async def test_s10_a_case_closed_on_an_answer_that_whatsapp_then_fails_rings_until_somebody_acts(
    banks: TwoBanks, language: Language, *, has_joined: bool
) -> None:
    her, facilitator = await _answered(banks, language, has_joined=has_joined)
    new = await _fails_after(banks, her, facilitator)
    told = say(language, SETTLED["reopened"], number="\0").split("\0")[1]
    assert sum(told in text for text in new) == 1
    await banks.presses(facilitator, "case.take")
    assert say(language, "we, it never reached her") in banks.screen(facilitator)
    assert WORDS[language] in banks.screen(facilitator)
    await _answers(banks, facilitator)
    how = "unreachable" if has_joined else "held"  # of one who has not joined nothing is known but what she writes
    assert say(language, SETTLED[how], number="\0").split("\0")[1] in banks.screen(facilitator)
    await banks.writes(her, WORDS[language])
    if has_joined:
        await _answers(banks, facilitator)
    assert ANSWER in "\n".join(await banks.chooses(her, "case.now"))


async def test_s10_an_answer_that_she_read_opens_nothing_again_whatever_whatsapp_says_later(banks: TwoBanks) -> None:
    her, facilitator = await _answered(banks, "tg", has_joined=True)
    about = {"id": her.bubbles[-1].id, "biz_opaque_callback_data": banks.wa.requests[-1]["biz_opaque_callback_data"]}
    at = str(int(banks.clock.now().timestamp()))
    banks.wa.tells({"statuses": [about | {"status": "read", "timestamp": at, "recipient_user_id": her.id}]})
    await banks.settle()
    assert await _fails_after(banks, her, facilitator) == []
