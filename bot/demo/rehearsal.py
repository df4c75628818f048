"""Runs of the stage: played from a script, told as a script, and told in the other language."""

import re
import tempfile
from dataclasses import replace
from pathlib import Path

from bot.channels.simulator import TELEGRAM
from bot.core.people import Role
from bot.demo import history
from bot.demo.notes import Notes
from bot.demo.script import Script, Told, trim, write
from bot.demo.stage import Stage
from bot.demo.steps import Seen, Step, Verb
from bot.demo.team import prepare

OTHER = {"tg": "ru", "ru": "tg"}
_LABEL = re.compile(r"\[([^\]\n]+)\]")


async def play(
    stage: Stage, script: Script, *, falls: bool = False, follows: bool = False, channel: str = TELEGRAM
) -> list[Told]:
    """Play a script on a fresh stage; what was really seen after each step.

    With `falls` the program falls and gets up between all steps: the conversation lives in the database alone.
    With `follows` a button that has a new label is pressed where the old one was told to stand.  `channel` is the
    messenger that the mothers use.
    """
    await _begin(stage, script, channel)
    happened: list[Told] = []
    for told in script.steps:
        if falls:
            await stage.restart()
        step = _renamed(told.step, script.steps, happened) if follows else told.step
        seen = await stage.act(step)
        happened.append(Told(step, _tidy(seen)))
    return happened


async def _begin(stage: Stage, script: Script, channel: str) -> None:
    """What is there before the first step: the invented weeks, people, a team that is ready."""
    await stage.reset(script.seed)
    if script.weeks:
        await history.live(stage, lambda _: None, script.mothers, script.weeks, script.team)
    for person in script.people.values():
        phone = stage.invite(person.name, person.role, person.cohort)
        if person.role is Role.MOTHER:
            phone.goes_to(channel)
    if script.team and not script.weeks:
        await prepare(stage, script.team)


def _renamed(step: Step, told: list[Told], happened: list[Told]) -> Step:
    """The step with the label that now stands where the told one stood, in the latest message that showed it."""
    if step.verb is not Verb.PRESSES:
        return step
    for before, after in reversed(list(zip(told, happened, strict=False))):
        texts = zip(_came(before, step.phone), _came(after, step.phone), strict=False)
        for was, now in reversed(list(texts)):
            labels, fresh = _LABEL.findall(was), _LABEL.findall(now)
            if step.value in labels and len(labels) == len(fresh):
                return replace(step, value=fresh[labels.index(step.value)])
    return step


def _came(told: Told, phone: str) -> list[str]:
    return told.seen.came.get(phone, []) if told.seen else []


def _tidy(seen: Seen) -> Seen:
    return Seen({name: [trim(text) for text in texts] for name, texts in seen.came.items()}, seen.gone)


def tell(notes: Notes, story: str = "") -> Script:
    """The run so far as a script that expects nothing."""
    people = {name: person for name, person in notes.people.items() if not person.is_invented}
    steps = [Told(step) for step in notes.steps]
    return Script(story, notes.team, notes.seed, people, steps, notes.mothers, notes.weeks)


def in_other_language(script: Script) -> Script:
    """The same run with every language that is chosen in it changed for the other."""
    steps = [Told(_flipped(told.step)) for told in script.steps]
    return replace(script, team=OTHER.get(script.team, ""), steps=steps)


def _flipped(step: Step) -> Step:
    """Buttons by what they stand for, the chosen language changed."""
    if step.verb is not Verb.PRESSES or not step.choice:
        return step
    kind, _, chosen = step.choice.rpartition(":")
    choice = f"{kind}:{OTHER[chosen]}" if chosen in OTHER else step.choice
    return replace(step, value=choice, choice=choice)


async def record(stage: Stage, story: str) -> str:
    """The stage's run so far as a script, played again on a stage of its own so that it holds what is really seen."""
    script = tell(stage.notes, story or "A rehearsal")
    with tempfile.TemporaryDirectory() as folder:
        again = Stage.apart(Path(folder), stage.book, stage.screen, script.seed)
        try:
            await again.open()
            return write(replace(script, steps=await play(again, script)))
        finally:
            await again.close()
