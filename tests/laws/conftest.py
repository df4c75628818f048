"""A desk of its own for every law."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.house import House, open_house
from tests.laws.desk import Desk, open_desk
from tests.world import FrozenClock


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with open_house(tmp_path, FrozenClock()) as opened:
        yield opened


@pytest.fixture
async def desk(house: House) -> Desk:
    return await open_desk(house)
