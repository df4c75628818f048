"""S4 on the simulator's phones: whom a broadcast passes by, and when it comes to the others, in both languages."""

import pytest
from sqlalchemy import select, update

from bot.core.calendar import Hours
from storage.schema import broadcasts, participants
from tests.laws.desk import Desk, join, press
from tests.laws.storm import DUSHANBE, hours_from

TAJIK, RUSSIAN = "Вохӯрии мо рӯзи шанбе аст.", "Встречаемся в субботу."
HERS = hours_from(9)


async def _prepare(desk: Desk, count: int) -> None:
    house, coordinator = desk.house, desk.coordinator
    await house.says(coordinator, "/menu")
    for choice in ("menu.broadcast", "cast.cohort", "cast.write"):
        await press(house, coordinator, choice)
    for text in (TAJIK, RUSSIAN):
        await house.says(coordinator, text)
    for choice in ("cast.me", "cast.all"):
        await press(house, coordinator, choice)
    await house.says(coordinator, str(count))


@pytest.mark.parametrize("state", ["стоп", "пинҳон", "пауза", "доим гиря мекунам"])
async def test_s4_a_broadcast_passes_by_who_stopped_hid_paused_or_has_an_open_case(desk: Desk, state: str) -> None:
    house = desk.house
    tajik, russian, other = await join(house, "one"), await join(house, "two", "ru"), await join(house, "three")
    with house.app.store.database.transaction() as connection:
        connection.execute(update(participants).values(is_confirmed=True))
    await house.says(other, state)
    if state == "пауза":
        await press(house, other, "pause.days")
    await _prepare(desk, 2)
    await house.passes(minutes=3)  # until it can no longer be undone
    await house.passes(hours=23)
    for phone, text in ((tajik, TAJIK), (russian, RUSSIAN)):
        came = [bubble for bubble in phone.transcript if bubble.is_ours and text in bubble.text]
        assert len(came) == 1
        assert isinstance(HERS, Hours)
        assert HERS.contains(came[0].at, DUSHANBE)
    assert not [bubble for bubble in other.transcript if bubble.is_ours and TAJIK in bubble.text]


@pytest.mark.parametrize(("language", "text", "how"), [("ru", RUSSIAN, "revoked"), ("tg", TAJIK, "cancelled")])
async def test_s4_a_broadcast_of_which_all_have_the_line_still_ends_by_a_coordinator_and_with_its_author(
    desk: Desk, language: str, text: str, how: str
) -> None:
    house = desk.house
    her = await join(house, "mother", language, phone="phone.yes")  # others use it, so it comes as a line
    with house.app.store.database.transaction() as connection:
        connection.execute(update(participants).values(is_confirmed=True))
    await house.passes(hours=23, minutes=10)
    await _prepare(desk, 1)
    await house.passes(minutes=10)
    with house.app.store.database.reading() as connection:
        assert connection.scalar(select(broadcasts.c.state)) == "done"
    if how == "revoked":
        house.desk.revoke("Гранат")
    else:
        await press(house, desk.coordinator, "cast.cancel")
    await house.app.settle()
    opened = await press(house, her, "push.open")
    assert opened
    assert text not in "\n".join(opened)
