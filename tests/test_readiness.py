"""Whether Hamroh says that it is ready only while people are heard and what they write can be written down."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.core.errors import StorageUnavailable
from bot.intake import Intake
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
