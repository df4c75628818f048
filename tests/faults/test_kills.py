"""Killed at its worst moments, and at any moment, Hamroh loses nothing, says little twice, and keeps every order."""

import pytest

from tests.faults.harness import Nursery, staged
from tests.faults.laws import check
from tests.faults.village import Village

POINTS = ("before_commit", "after_commit", "before_confirm", "after_claim", "after_send", "before_mark")


@pytest.mark.parametrize("kind", ["sqlite"], indirect=True)
@pytest.mark.parametrize("point", POINTS)
async def test_nothing_is_lost_when_it_dies_there(village: Village, nursery: Nursery, point: str):
    async with staged(village, nursery, seed=POINTS.index(point)) as stage:
        stage.write(12)
        stage.start(f"{point}:2")
        await stage.dies()
        stage.write(6)
        stage.start()
        await stage.finishes()
        await stage.stop()
        check(stage)
