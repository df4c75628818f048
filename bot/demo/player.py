"""Time that goes by itself on the stage: an hour in a second, until nothing waits, nobody looks, or it is stopped."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace

from bot.core.errors import CommandRefused, StorageUnavailable
from bot.demo.stage import Stage
from bot.demo.steps import TIME, Step, Verb

TICK = 1.0
"""Seconds of ours in which an hour passes on the stage."""
LONGEST = 24 * 60
"""Hours after which it stops although something still waits."""
Wait = Callable[[], Awaitable[None]]


async def _second() -> None:
    await asyncio.sleep(TICK)


class Player:
    """Lets time pass on a stage, hour after hour; all its hours together are one step of the run."""

    def __init__(self, stage: Stage, is_watched: Callable[[], bool], wait: Wait = _second) -> None:
        self._stage = stage
        self._is_watched = is_watched
        self._wait = wait
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Let time go, if it does not already."""
        if self._task is None or self._task.done():
            self._stage.is_playing = True
            self._task = asyncio.create_task(self._play())

    def hold(self) -> None:
        """Hold time when the hour that is passing is over."""
        self._stage.is_playing = False

    async def stop(self) -> None:
        """Hold time; the hour that is passing is passed to its end."""
        self.hold()
        if self._task is not None:
            await asyncio.wait([self._task])

    async def _play(self) -> None:
        played: Step | None = None
        try:
            for _ in range(LONGEST):
                if not self._stage.is_playing or not self._is_watched() or not await self._stage.has_next():
                    return
                played = await self._pass_hour(played)
                await self._wait()
        except (CommandRefused, StorageUnavailable):
            return
        finally:
            self._stage.is_playing = False
            self._stage.tell()

    async def _pass_hour(self, played: Step | None) -> Step:
        await self._stage.act(Step(TIME, Verb.PASSES, "1 hour"))
        steps = self._stage.notes.steps
        if played is not None and len(steps) > 1 and steps[-2] is played:
            hours = int(played.value.split()[0]) + 1
            steps[-2:] = [replace(played, value=f"{hours} hours")]
        return steps[-1]
