"""What WhatsApp answers when it does not bring a message: no alarm is lost by it, no word comes twice."""

from sqlalchemy import select

from storage.schema import cases, outbox
from tests.fakes.cloud_api.limits import Refusal
from tests.fakes.whatsapp import LOST_AFTER, LOST_BEFORE
from tests.two_banks import TwoBanks

WORDS = "шавҳарам маро мезанад, аз ӯ метарсам"
PASSING: tuple[Refusal | str, ...] = (
    Refusal(429, 130429), Refusal(400, 131056), Refusal(400, 80007), Refusal(500, 131000), Refusal(503, 131016),
    LOST_BEFORE, LOST_AFTER,
)  # fmt: skip
"""What is over in a while: the pace of line, pair and account, WhatsApp itself, a broken connection."""
FINAL = (Refusal(400, 131049), Refusal(400, 131047), Refusal(400, 131026), Refusal(400, 130472))
"""What no second attempt helps: their ecosystem, the day that is over, no WhatsApp there, an experiment of theirs."""


async def test_whatever_whatsapp_answers_every_concern_becomes_a_case_and_is_answered_at_most_once(
    banks: TwoBanks,
) -> None:
    people = [banks.wa.person(910 + number) for number in range(len(PASSING) + len(FINAL))]
    for person, fault in zip(people, (*PASSING, *FINAL), strict=True):
        banks.wa.faults.append(fault)
        await banks.writes(person, WORDS)
        assert not banks.wa.faults
        await banks.passes(minutes=2)
    passing, final = people[: len(PASSING)], people[len(PASSING) :]
    assert [len(person.bubbles) for person in passing] == [1] * len(passing)
    assert [len(person.bubbles) for person in final] == [0] * len(final)
    with banks.app.store.database.reading() as connection:
        found = connection.execute(select(cases.c.level, cases.c.state)).all()
        failed = connection.execute(select(outbox.c.code).where(outbox.c.state == "failed")).scalars().all()
    assert [tuple(row) for row in found] == [("urgent", "open")] * len(people)
    assert sorted(failed) == sorted(str(fault.code) for fault in FINAL)
    for person in final:
        assert await banks.writes(person, "салом"), "her own next word is answered as ever"


async def test_statuses_that_come_twice_late_and_in_any_order_change_nothing(banks: TwoBanks) -> None:
    banks.wa.stages = ("read", "delivered", "sent", "delivered")
    banks.wa.hook.duplicates, banks.wa.hook.shuffles, banks.wa.hook.batch = 0.7, True, 3
    person = banks.wa.person(950)
    for number in range(4):
        banks.wa.faults.append(LOST_AFTER if number % 2 else None)
        person.says("меню")
        await banks.settle()
        await banks.passes(minutes=2)
    assert len(person.bubbles) == 4
    with banks.app.store.database.reading() as connection:
        assert set(connection.execute(select(outbox.c.state)).scalars()) == {"sent"}


async def test_a_country_that_may_not_be_written_to_is_one_womans_trouble_and_told(banks: TwoBanks) -> None:
    facilitator = await banks.facilitator(await banks.coordinator())
    her, abroad = await banks.her(900), await banks.her(901)
    told = len(facilitator.sees())
    banks.wa.faults.append(Refusal(403, 130497))
    await banks.writes(abroad, "меню")
    assert len(facilitator.sees()) == told + 1
    assert await banks.app.is_ready()
    assert await banks.writes(her, "меню")
