"""Which states, and which ways between them, no saved journey visits."""

import asyncio
import contextlib
import tempfile
from collections.abc import Iterable
from pathlib import Path

from bot.console.views import UnvisitedView
from bot.core.errors import CommandRefused
from bot.demo import rehearsal, script
from bot.demo.graph import ways_of
from bot.demo.refusals import Refused
from bot.demo.script import JOURNEYS
from bot.demo.stage import Stage
from bot.flows.turn import Flow

Way = tuple[str, str]


async def unvisited(stage: Stage, folder: Path = JOURNEYS) -> tuple[UnvisitedView, ...]:
    """Play every journey of this folder on a stage of its own, and list what none came by; raises CommandRefused."""
    paths = await asyncio.to_thread(lambda: sorted(folder.glob("*.yaml")))
    if not paths:
        raise Refused("coverage", place=str(folder))
    with tempfile.TemporaryDirectory() as apart:
        own = Stage.apart(Path(apart), stage.book, stage.screen)
        try:
            await own.open()
            gone = {way for path in paths for way in await _ways(own, path)}
        finally:
            await own.close()
    return tuple(compare(stage.book.engine.flows, gone))


async def _ways(stage: Stage, path: Path) -> set[Way]:
    """The ways that a journey goes; a step that fails ends it, as its test will tell."""
    with contextlib.suppress(CommandRefused):
        await rehearsal.play(stage, script.read(path))
    return {(entry.was, entry.now) for entry in stage.book.log}


def compare(flows: Iterable[Flow], gone: set[Way]) -> Iterable[UnvisitedView]:
    """Flow by flow what is there and was not visited; flows without states of their own have nothing to visit."""
    visited = {state for way in gone for state in way}
    for flow in flows:
        names = [state.name for state in flow.states]
        states = tuple(name for name in names if name not in visited)
        declared = sorted(ways_of(flow))
        ways = tuple(f"{was} → {now}" for was, now in declared if (was, now) not in gone)
        if names:
            yield UnvisitedView(flow.name, len(names), len(declared), states, ways)
