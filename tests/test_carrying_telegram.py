"""Cases carried by several people, over a real channel and database: what each sees, and what is written down."""

from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import select

from bot.core.cases import Level
from bot.core.people import Away, Role
from bot.core.teamwork import RotaSet
from bot.guidance.load import load_guidance
from bot.guidance.model import Section
from bot.rota import read, write
from storage.schema import audit
from tests.fakes.bot_api.people import Person
from tests.town import Town, open_town
from tests.world import FrozenClock

WORDS = "шавҳарам маро мезанад, аз ӯ метарсам"
NOTE = "Ӯ мехоҳад баъди шанбе гап занад"
ADVICE = "Аз кӯдакон ҳам пурсед"


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[Town]:
    async with open_town(tmp_path, FrozenClock()) as opened:
        yield opened


async def supervisor(town: Town, colleague: Person) -> Person:
    person = await town._enlisted(400, town.invite(Role.SUPERVISOR, None), "tg", "Сарв")
    await town.presses(colleague, "staff.accept")
    return person


def acts(town: Town) -> list[str]:
    with town.app.store.database.reading() as connection:
        return list(connection.scalars(select(audit.c.action).order_by(audit.c.seq)))


async def test_a_heavy_case_is_passed_on_looked_at_together_closed_and_looked_after(town: Town) -> None:
    coordinator = await town.coordinator()
    first = await town.facilitator(coordinator)
    second = await town.facilitator(coordinator, number=201, alias="Бодом")
    adviser = await supervisor(town, coordinator)
    mother = await town.mother()
    await town.says(mother, WORDS)
    await town.passes(minutes=10)

    # the taker sees her words and what to do
    taken = await town.presses(first, "case.take")
    assert any(WORDS in text for text in taken)
    card = load_guidance().card("domestic_violence", Level.URGENT)
    assert any(card.sections[Section.SAFETY]["tg"] in text for text in taken)

    # passed on by name, with a note that is read first
    await town.presses(first, "case.pass")
    await town.says(first, NOTE)
    [next_one] = [staff.id for staff in town.app.desk.workers() if staff.alias == "Бодом"]
    await town.presses(first, f"case.to:{next_one}")
    assert NOTE not in town.screen(first)
    assert WORDS not in town.screen(first)
    given = await town.presses(second, "case.take")
    assert [NOTE in text for text in given].index(True) < [WORDS in text for text in given].index(True)

    # a second opinion
    await town.presses(second, "case.ask")
    await town.presses(second, "case.second")
    assert WORDS not in town.screen(adviser)
    read_along = await town.presses(adviser, "case.again")
    assert any(WORDS in text for text in read_along)
    await town.presses(adviser, "case.advise")
    await town.says(adviser, ADVICE)
    assert ADVICE in town.screen(second)

    # closed, with a look in three days; whoever carried it is thanked
    await town.presses(second, "case.note")
    await town.says(second, "Бо ӯ гап задам")
    await town.presses(second, "case.close")
    await town.presses(second, "case.outcome:handled")
    await town.presses(second, "case.follow:3")
    await town.says(second, "Розӣ шудем")
    assert WORDS not in town.screen(second)
    assert WORDS not in town.screen(adviser)
    await town.presses(second, "debrief.ask")
    assert "Бодом" in town.screen(adviser)

    # three days later a task for her, and nothing for the mother
    before = town.screen(mother)
    await town.passes(days=4)
    assert town.screen(mother) == before
    assert "follow.open" in str([button.data for button in second.last().buttons])
    opened = await town.presses(second, "follow.open")
    assert opened
    await town.settle()
    assert "case.reply" in str([button.data for seen in second.sees() for button in seen.buttons])
    for secret in (NOTE, ADVICE, "Бо ӯ гап задам", "Розӣ шудем"):
        assert secret not in town.screen(mother)
    expected = ["take", "hand_over", "take", "ask_opinion", "read", "note", "act", "close", "take"]
    assert [act for act in acts(town) if act in expected] == expected
    assert "escalate" in acts(town)
    assert town.app.store.verify_audit() is None


async def test_a_relative_never_sees_or_takes_her_case(town: Town) -> None:
    coordinator = await town.coordinator()
    relative = await town.facilitator(coordinator)
    other = await town.facilitator(coordinator, number=201, alias="Бодом")
    group = await town.bound_group(coordinator, relative, other)
    mother = await town.mother()
    await town.says(relative, "/menu")
    for choice in ("menu.people", "person:", "meet.mine"):
        await town.presses(relative, choice)
    await town.says(mother, WORDS)
    await town.presses(group, "case.take", by=relative)
    assert "№" not in relative.last().text
    before = town.screen(relative)
    await town.passes(minutes=31)
    assert town.screen(relative) == before
    assert "case.take" in str([button.data for seen in other.sees() for button in seen.buttons])
    await town.says(relative, "/menu")
    await town.presses(relative, "menu.queue")
    assert "case.take" not in str([button.data for button in relative.last().buttons])
    assert WORDS not in town.screen(relative)


async def test_the_rota_goes_out_and_comes_back_and_is_told(town: Town) -> None:
    coordinator = await town.coordinator()
    facilitator = await town.facilitator(coordinator)
    table = write(town.app.desk.workers(), "ru")
    assert "Чинор,пн–вс 00:00–24:00,tg ru,5,,," in table
    changed = table.replace(
        "Чинор,пн–вс 00:00–24:00,tg ru,5,,,", "Чинор,пн-пт 9-17,tg,2,пн-вс 22-7,2026-03-09,2026-03-15"
    )
    rows, mistakes = read(changed, {staff.alias for staff in town.app.desk.workers()})
    assert mistakes == []
    for row in rows:
        town.app.desk.set_rota(row.alias, RotaSet(row.duty, row.languages, row.load_limit, row.rest, row.away))
    await town.settle()
    assert "09:00–17:00" in facilitator.last().text
    [staff] = [one for one in town.app.desk.workers() if one.alias == "Чинор"]
    assert (staff.languages, staff.load_limit, staff.away) == (
        {"tg"}, 2, Away(date(2026, 3, 9), date(2026, 3, 15)),
    )  # fmt: skip
    assert [hours.begin.hour for hours in (*staff.duty, *staff.rest)] == [9, 22]
