"""S23: two mothers of one cohort tell of harm; hers stop at once, the cohort's at the second, until people decide."""

from datetime import timedelta

import pytest

from bot.core.people import Role
from storage.retention import purge
from tests.laws.desk import Desk, join, press

YES = ("harm.told:seen", "harm.told:home", "harm.told:self")
LAST_PAGE = ("lesson.next", "lesson.next_card", "lesson.next_card", "lesson.next_card", "prompt.skip", "practice.later")


async def reads_a_module(desk, phone):
    """All three pages of the first module, to the question."""
    for _ in range(3):
        await desk.house.says(phone, "menu")
        for choice in LAST_PAGE:
            await press(desk.house, phone, choice)


def pushes(phone):
    """How many neutral lines ever came to her."""
    return sum(any(b.choice == "push.open" for row in bubble.rows for b in row) for bubble in phone.transcript)


async def supervisor_of(desk):
    phone = desk.house.phone("supervisor")
    await desk.house.says(phone, f"/start {desk.house.invite(Role.SUPERVISOR, None)}")
    await press(desk.house, phone, "enlist.language:ru")
    await desk.house.says(phone, "Сарв")
    await press(desk.house, phone, "enlist.agree")
    await press(desk.house, desk.coordinator, "staff.accept")
    return phone


def harms(house):
    with house.app.store.database.reading() as connection:
        return connection.exec_driver_sql("select count(*) from harms").scalar_one()


async def test_s23_the_second_harm_in_a_cohort_withholds_its_pushes_until_the_supervisor_decides(desk: Desk):
    house, supervisor = desk.house, await supervisor_of(desk)
    first, second, third = [await join(house, name) for name in ("olma", "bodom", "anor")]
    await desk.opens_module()
    await house.passes(days=1)
    for phone, answer, alarms in ((first, YES[1], 0), (second, YES[0], 1)):
        await reads_a_module(desk, phone)
        cards = desk.cards()
        await press(house, phone, answer)
        assert desk.cards() == cards + 1
        assert not [b for b in phone.bubbles if b.is_ours and "harm.no" in str(b.rows)], "the question left her chat"
        told = [b for b in supervisor.transcript if any("rest.cohort" in c.choice for r in b.rows for c in r)]
        assert len(told) == alarms
    before = pushes(third)
    await house.passes(days=9)
    assert pushes(third) == before
    await press(house, supervisor, "rest.stays")
    await house.passes(days=9)
    assert pushes(third) == before
    hers = pushes(first)
    await press(house, supervisor, "rest.cohort")
    await house.passes(days=9)  # past the feasts, on which nothing is pushed
    assert pushes(third) == before + 1
    assert pushes(first) == hers, "her own hold stays"


async def test_s23_a_person_releases_her_after_the_case(desk: Desk):
    house = desk.house
    hers = await join(house, "olma")
    await desk.opens_module()
    await reads_a_module(desk, hers)
    await press(house, hers, YES[2])
    await desk.takes_newest()
    case_text = "\n".join(bubble.text for bubble in desk.facilitator.bubbles)
    assert "бо барнома" in case_text
    await press(house, desk.facilitator, "case.close")
    await press(house, desk.facilitator, "case.outcome")
    await house.says(desk.facilitator, "гап задем")
    await desk.opens_module()
    before = pushes(hers)
    await house.passes(days=5)
    assert pushes(hers) == before
    await press(house, desk.facilitator, "rest.release")
    await house.passes(days=3)
    assert pushes(hers) > before


async def test_s23_what_is_counted_says_not_who_and_goes_after_thirty_days(desk: Desk):
    house = desk.house
    hers = await join(house, "olma")
    await desk.opens_module()
    await reads_a_module(desk, hers)
    await press(house, hers, YES[0])
    assert harms(house) == 1
    store = house.app.store
    with store.database.transaction() as connection:
        purge(connection, store.sealer, house.clock.now() + timedelta(days=29))
    assert harms(house) == 1
    with store.database.transaction() as connection:
        purge(connection, store.sealer, house.clock.now() + timedelta(days=30))
    assert harms(house) == 0


@pytest.mark.parametrize("choice", ["harm.no", "harm.skip"])
async def test_s23_of_a_no_nothing_is_written_down(desk: Desk, choice):
    house = desk.house
    hers = await join(house, "olma")
    await desk.opens_module()
    await reads_a_module(desk, hers)
    await press(house, hers, choice)
    assert harms(house) == 0
    assert desk.cards() == 0
