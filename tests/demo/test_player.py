"""Time that goes by itself on the stage."""

import asyncio

import pytest

from bot.demo.player import Player
from bot.demo.stage import Stage
from bot.demo.steps import Step, Verb
from bot.demo.team import prepare

HOURS = 5


@pytest.fixture
async def stage(stage: Stage) -> Stage:
    await prepare(stage, "ru")
    for step in (Step("mother", Verb.STARTS), Step("mother", Verb.WRITES, "Он меня бьёт, мне страшно")):
        await stage.act(step)  # from now on the alarm waits
    stage.notes.steps.clear()
    return stage


class Watch:
    """Counts the hours; somebody looks at the stage for so many of them."""

    def __init__(self, hours: int) -> None:
        self.hours = hours

    async def wait(self) -> None:
        self.hours -= 1
        await asyncio.sleep(0)

    def is_watched(self) -> bool:
        return self.hours > 0


async def play(stage: Stage, watch: Watch) -> None:
    player = Player(stage, watch.is_watched, watch.wait)
    player.start()
    player.start()  # pressed twice, it goes as fast
    assert player._task is not None
    await player._task


async def test_hours_pass_while_somebody_looks_and_are_one_step_of_the_run(stage: Stage):
    began = stage.clock.now()
    await play(stage, Watch(HOURS))
    assert (stage.clock.now() - began).total_seconds() == HOURS * 3600
    assert [(step.key, step.value) for step in stage.notes.steps] == [("time passes", "5 hours")]
    assert not stage.is_playing


async def test_what_somebody_does_meanwhile_stays_where_it_happened_in_the_run(stage: Stage):
    watch = Watch(HOURS)

    async def wait() -> None:
        await watch.wait()
        if watch.hours == HOURS - 2:
            await stage.act(Step("mother", Verb.WRITES, "помогите"))

    player = Player(stage, watch.is_watched, wait)
    player.start()
    assert player._task is not None
    await player._task
    assert [step.value for step in stage.notes.steps if step.actor == "time"] == ["2 hours", "3 hours"]
    assert [step.key for step in stage.notes.steps] == ["time passes", "mother writes", "time passes"]


async def test_it_stops_when_told_and_when_nothing_waits(stage: Stage):
    player = Player(stage, lambda: True)
    player.start()
    await player.stop()
    assert len(stage.notes.steps) <= 1
    await stage.reset()
    await play(stage, Watch(HOURS))
    assert stage.notes.steps == []
