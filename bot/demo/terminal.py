"""The stage in the terminal: a script is played and shown, or lines are typed as in a script."""

import asyncio
import sys
import tempfile
from collections.abc import AsyncIterator, Callable
from pathlib import Path

from bot.core.errors import CommandRefused
from bot.core.people import Role
from bot.demo import rehearsal, script
from bot.demo.refusals import Refused
from bot.demo.script import Script
from bot.demo.stage import Stage
from bot.demo.steps import Seen, Step, Verb, parse_key
from bot.demo.team import prepare

Show = Callable[[str], None]
HELP = f"""Write who does what, as in a script:
  mother starts
  mother presses: Русский
  mother writes: Салом
  facilitator presses in group: Взять
  time passes: 1 day
Who: mother, facilitator, coordinator, group.  What: {", ".join(Verb)}.
«team» lets the team get ready, in Tajik with «team tg»; «+ supervisor» puts one more phone on the stage.
An empty line or Ctrl-D ends."""


async def rehearse(path: Path | None, show: Show) -> list[str]:
    """Play a script on a stage that is thrown away afterwards, or take lines from the keyboard; what differed."""
    with tempfile.TemporaryDirectory() as folder:
        stage = Stage.apart(Path(folder))
        try:
            await stage.open()
            return await _play(stage, script.read(path), show) if path else await _talk(stage, show)
        finally:
            await stage.close()


async def _play(stage: Stage, told: Script, show: Show) -> list[str]:
    show(told.story)
    happened = await rehearsal.play(stage, told)
    for one in happened:
        show(f"\n— {one.step.key}" + (f": {one.step.value}" if one.step.value else ""))
        _tell(one.seen, show)
    return script.differences(told.steps, happened)


async def _talk(stage: Stage, show: Show) -> list[str]:
    show(HELP)
    async for line in _lines():
        try:
            match line.split():
                case ["team", *tongue]:
                    await prepare(stage, "".join(tongue))
                case ["+", role]:
                    show(_invite(stage, role))
                case _:
                    _tell(await stage.act(_step(line)), show)
        except CommandRefused as error:
            show(str(error))
    return []


def _invite(stage: Stage, role: str) -> str:
    """One more person on the stage, and how she is called; raises CommandRefused."""
    if role not in set(Role):
        raise Refused("role", role=role, known=", ".join(Role))
    name = stage.next_name(Role(role))
    stage.invite(name, Role(role))
    return f"{name} is there: {name} starts"


async def _lines() -> AsyncIterator[str]:
    while line := (await asyncio.to_thread(sys.stdin.readline)).strip():
        yield line


def _step(line: str) -> Step:
    key, _, value = line.partition(":")
    actor, verb, where = parse_key(key)
    return Step(actor, verb, value.strip(), where)


def _tell(seen: Seen | None, show: Show) -> None:
    if seen is None:
        return
    for name, texts in seen.came.items():
        for text in texts:
            show(f"  {name} ┃ " + text.replace("\n", f"\n  {' ' * len(name)} ┃ "))
    for name, count in seen.gone.items():
        show(f"  {name}: {count} messages are gone")
