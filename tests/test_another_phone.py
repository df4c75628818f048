"""WhatsApp says that another phone is behind her number while an answer is on its way to her (S13)."""

import asyncio
from datetime import timedelta

from storage.mailboxes import pause_line
from tests.fakes.bot_api.people import Person
from tests.fakes.cloud_api.people import CloudPerson
from tests.two_banks import TwoBanks

WORDS = "шавҳарам маро мезанад, аз ӯ метарсам"
ANSWER = "Ман инҷо ҳастам"


async def _played(banks: TwoBanks) -> None:
    """What WhatsApp brought is played, and not a moment passes."""
    async with asyncio.timeout(60):
        while banks.wa.hook.waiting:  # noqa: ASYNC110 - the server says nothing of what was confirmed
            await asyncio.sleep(0.002)
    await banks.app.settle()


async def _answered(banks: TwoBanks) -> tuple[CloudPerson, Person]:
    """She said Now; her answer was handed over, and has not gone: the line rests for a minute."""
    her, facilitator = await banks.asked_whether_now(WORDS, ANSWER)
    with banks.app.store.database.transaction() as connection:
        pause_line(connection, str(banks.app.offices[1].channel.line), banks.clock.now() + timedelta(minutes=1))
    her.presses("case.now")
    await _played(banks)
    assert ANSWER not in her.screen
    return her, facilitator


async def test_s13_an_answer_on_its_way_does_not_reach_another_phone_and_its_owner_may_send_it_again(
    banks: TwoBanks,
) -> None:
    her, facilitator = await _answered(banks)
    seen = len(facilitator.sees())
    her.system("customer_identity_changed")
    await _played(banks)
    await banks.passes(minutes=5)
    assert ANSWER not in her.screen
    assert "барои ҳамин ҷавобатон бозпас гирифта шуд" in "".join(bubble.text for bubble in facilitator.sees()[seen:])
    await banks.writes(her, "салом")
    assert ANSWER not in her.screen
    await banks.presses(facilitator, "case.reply")
    await banks.says(facilitator, ANSWER)
    await banks.presses(facilitator, "answer.send")
    await banks.chooses(her, "case.now")
    assert her.screen.count(ANSWER) == 1
