"""S14: a colleague's word opens the cohorts that its question named, and no others."""

from sqlalchemy import select

from bot.core.people import Role
from storage.schema import cohorts, staff
from tests.house import House
from tests.laws.desk import Desk, press


def rights(house: House, alias: str) -> tuple[bool, list[str]]:
    """Whether somebody vouched for her, and the names of her cohorts."""
    with house.app.store.database.reading() as connection:
        row = connection.execute(select(staff).where(staff.c.alias == alias)).one()
        names = connection.scalars(select(cohorts.c.name).where(cohorts.c.id.in_(row.cohorts.split(","))))
        return row.confirmed_at is not None, sorted(names)


async def test_s14_a_yes_to_one_cohort_opens_no_other_that_she_had_a_link_for(desk: Desk) -> None:
    house, asked = desk.house, desk.coordinator
    zara = house.phone("zara")
    await house.says(zara, f"/start {house.invite(Role.FACILITATOR, 'Bahor')}")
    await press(house, zara, "enlist.language:ru")
    await house.says(zara, "Бодом")
    await press(house, zara, "enlist.agree")
    first = asked.last()
    assert "Bahor" in first.text
    await house.says(zara, f"/start {house.invite(Role.FACILITATOR, 'Tobiston')}")
    assert "Tobiston" in asked.last().text
    await house.channel.presses_button(asked, first, first.rows[0][0])
    await house.app.settle()
    assert rights(house, "Бодом") == (False, ["Bahor", "Tobiston"])
    assert "Tobiston" in asked.last().text, "the present question is asked instead"
    await press(house, asked, "staff.accept")
    assert rights(house, "Бодом") == (True, ["Bahor", "Tobiston"])
    await house.says(zara, f"/start {house.invite(Role.FACILITATOR, 'Tirmoh')}")
    assert "Tirmoh" in asked.last().text
    assert rights(house, "Бодом") == (True, ["Bahor", "Tobiston"])
    await press(house, asked, "staff.accept")
    assert rights(house, "Бодом") == (True, ["Bahor", "Tirmoh", "Tobiston"])
