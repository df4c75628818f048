"""Whether Hamroh says that it is ready only while people are heard and what they write can be written down."""

from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from pathlib import Path

import pytest

from bot.app import look_at_groups
from bot.channels.telegram import TelegramChannel
from bot.core.errors import StorageUnavailable
from bot.intake import Intake
from storage.store import Store
from tests.town import Town, open_town
from tests.world import FrozenClock


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[Town]:
    async with open_town(tmp_path, FrozenClock()) as town:
        yield town


async def test_a_line_that_does_not_hear_is_not_ready_and_told_to_coordinators_once(town: Town) -> None:
    coordinator = await town.coordinator()
    (office,) = town.app.offices
    assert await town.app.is_ready()
    office.channel.trouble = "foreign_webhook"  # type: ignore[attr-defined]
    assert not await town.app.is_ready()
    told = len(coordinator.sees())
    for seconds in (0, 30, 40, 600):
        town.clock.advance(seconds=seconds)
        await office.listen()
        await town.settle()
    assert len(coordinator.sees()) == told + 1
    office.channel.trouble = ""  # type: ignore[attr-defined]
    await office.listen()
    assert await town.app.is_ready()


async def test_s1_a_wrong_clock_is_told_to_coordinators_once_and_people_are_heard_all_the_same(town: Town) -> None:
    coordinator = await town.coordinator()
    (office,) = town.app.offices
    assert await town.says(coordinator, "/menu")
    town.tg.clock.advance(timedelta(minutes=11))
    assert await town.says(coordinator, "/menu")
    told = len(coordinator.sees())
    for seconds in (0, 30, 40, 600):
        town.clock.advance(seconds=seconds)
        await office.listen()
        await town.settle()
    assert len(coordinator.sees()) == told + 1
    assert "сервер" in coordinator.sees()[-1].text
    assert await town.app.is_ready()


class FullDisk:
    """A database that can be read, and written again once there is room; every message for it is refused."""

    def __init__(self) -> None:
        self.has_room = False

    def is_available(self) -> bool:
        return True

    def takes_writing(self) -> bool:
        return self.has_room

    async def accept(self, inbounds: object) -> None:
        raise StorageUnavailable("full")


async def test_a_disk_that_is_full_is_not_ready_until_there_is_room() -> None:
    disk = FullDisk()
    intake = Intake(disk, disk)  # type: ignore[arg-type]
    assert await intake.is_taking()
    with pytest.raises(StorageUnavailable):
        await intake.accept([])
    assert not await intake.is_taking()
    disk.has_room = True
    assert await intake.is_taking()


async def test_s14_rights_that_were_taken_from_the_bot_while_it_was_down_are_told_at_the_start(town: Town) -> None:
    coordinator = await town.coordinator()
    group = await town.bound_group(coordinator)
    (office,) = town.app.offices
    channel, store = office.channel, town.app.store
    assert isinstance(channel, TelegramChannel)
    bot = int(channel.line.name)
    for standing, is_reachable in (("administrator", True), ("member", False), ("administrator", True)):
        group.statuses[bot] = standing  # and no update tells of it
        told = len(coordinator.sees())
        await look_at_groups(channel, store)
        await town.settle()
        assert [one.is_reachable for one in store.desk()[0].groups] == [is_reachable]
        assert len(coordinator.sees()) == told + (not is_reachable)


class AwayStore:
    """A store whose database is away at the first question of each kind."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.refused: list[str] = []

    def __getattr__(self, name: str) -> Callable[..., object]:
        def ask(*given: object) -> object:
            if name in self.refused:
                return getattr(self._store, name)(*given)
            self.refused.append(name)
            raise StorageUnavailable("away")

        return ask


async def test_s14_a_database_that_goes_away_while_rights_are_looked_at_ends_nothing(town: Town) -> None:
    coordinator = await town.coordinator()
    group = await town.bound_group(coordinator)
    (office,) = town.app.offices
    channel, store = office.channel, town.app.store
    assert isinstance(channel, TelegramChannel)
    group.statuses[int(channel.line.name)] = "member"
    away, pauses = AwayStore(store), []

    async def pause(seconds: float) -> None:
        pauses.append(seconds)

    await look_at_groups(channel, away, pause)  # type: ignore[arg-type]
    await town.settle()
    assert (away.refused, len(pauses)) == (["groups_on", "post"], 2)
    assert [one.is_reachable for one in store.desk()[0].groups] == [False]
