"""What WhatsApp says of our messages comes days late: it counts from when it was, and what is over by now is over."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import select

from storage.schema import participants
from tests.fakes.cloud_api.people import CloudPerson
from tests.two_banks import TwoBanks

WORDS = "шавҳарам маро мезанад, аз ӯ метарсам"
ANSWER = "Ман инҷо ҳастам"


async def fails(banks: TwoBanks, her: CloudPerson, code: int, *, ago: timedelta = timedelta()) -> None:
    """WhatsApp says that the newest message to her has failed, so long ago; not a moment passes."""
    at = str(int((banks.clock.now() - ago).timestamp()))
    about = {"id": her.bubbles[-1].id, "biz_opaque_callback_data": banks.wa.requests[-1]["biz_opaque_callback_data"]}
    status = {"status": "failed", "timestamp": at, "recipient_user_id": her.id, "errors": [{"code": code}]}
    banks.wa.tells({"statuses": [about | status]})
    async with asyncio.timeout(60):
        while banks.wa.hook.waiting:  # noqa: ASYNC110 - the server says nothing of what was confirmed
            await asyncio.sleep(0.002)
    await banks.app.settle()


@pytest.mark.parametrize("code", [131048, 131031])
async def test_s5_what_was_said_of_the_line_days_ago_silences_nobody_now(banks: TwoBanks, code: int) -> None:
    await banks.coordinator()
    other = await banks.her(901)
    her = await banks.her()
    banks.wa.stages = ()
    await banks.writes(her, "меню")
    await banks.passes(days=5)
    await fails(banks, her, code, ago=timedelta(days=5))
    assert await banks.app.is_ready()
    shown = len(other.texts)
    other.says(WORDS)
    async with asyncio.timeout(60):
        while banks.wa.hook.waiting:  # noqa: ASYNC110 - the server says nothing of what was confirmed
            await asyncio.sleep(0.002)
    await banks.app.settle()
    assert len(other.texts) == shown + 1


@pytest.mark.parametrize(("has_written", "is_lost"), [(True, False), (False, True)])
async def test_who_has_written_since_is_not_unreachable_by_what_failed_before(
    banks: TwoBanks, *, has_written: bool, is_lost: bool
) -> None:
    await banks.coordinator()
    her = await banks.her()
    banks.wa.stages = ()
    await banks.writes(her, "меню")
    about = banks.wa.requests[-1], her.bubbles[-1]
    await banks.passes(hours=3)
    if has_written:
        await banks.writes(her, "салом")
        banks.wa.requests.append(about[0])
        her.bubbles.append(about[1])
    await fails(banks, her, 131026, ago=timedelta(hours=3))
    with banks.app.store.database.reading() as connection:
        assert (connection.scalar(select(participants.c.unreachable_at)) is not None) is is_lost


async def test_the_owner_of_an_answer_that_failed_hears_it_although_the_mother_hid_it_meanwhile(
    banks: TwoBanks,
) -> None:
    her, facilitator = await banks.asked_whether_now(WORDS, ANSWER)
    banks.wa.stages = ()
    await banks.chooses(her, "case.now")
    about = banks.wa.requests[-1], her.bubbles[-1]
    await banks.writes(her, "пинҳон")
    banks.wa.requests.append(about[0])
    her.bubbles.append(about[1])
    told = len(facilitator.sees())
    await fails(banks, her, 131026)
    await banks.passes(minutes=1)
    assert len(facilitator.sees()) > told
