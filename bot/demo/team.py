"""The team gets ready by itself, as a real one does by hand: it joins, is confirmed, goes on duty, tries its alarm."""

from importlib.resources import files

from bot.demo.refusals import Refused
from bot.demo.script import parse
from bot.demo.stage import Stage


async def prepare(stage: Stage, language: str) -> None:
    """The coordinator, a facilitator and the group join and get ready; raises CommandRefused half-way through a run."""
    tongue = language if language in {"tg", "ru"} else "ru"
    if stage.notes.steps or stage.notes.team:
        raise Refused("prepare")
    for told in parse((files("bot.demo") / f"team-{tongue}.yaml").read_text(encoding="utf-8")).steps:
        await stage.act(told.step)
    stage.notes.team, stage.notes.steps = tongue, []
