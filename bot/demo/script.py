"""Scripts: a run of the stage written down so that a practitioner can read it and a test can replay it."""

import re
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from importlib.resources import files
from io import StringIO
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError
from ruamel.yaml.scalarstring import LiteralScalarString

from bot.channels.simulator import TELEGRAM
from bot.core.errors import CommandRefused
from bot.core.people import Role
from bot.demo.notes import Person
from bot.demo.stage import Stage
from bot.demo.steps import Seen, Step, Verb, parse_key

_LABEL = re.compile(r"\[([^\]\n]+)\]")
JOURNEYS = Path("tests/journeys")
LEAD = "one step looks like this: `- mother writes: Салом`"


@dataclass(slots=True)
class Told:
    """A step with what is expected to be seen after it (None: nothing is said about it)."""

    step: Step
    seen: Seen | None = None


@dataclass(slots=True)
class Script:
    """A story: who is on the stage, whether the team is ready before it begins (in which language), what happens."""

    story: str
    team: str = ""
    seed: int = 7
    people: dict[str, Person] = field(default_factory=dict)
    steps: list[Told] = field(default_factory=list)


# ---- reading and writing


def read(path: Path) -> Script:
    """Read a script; raises CommandRefused with the file and what is wrong in it."""
    try:
        return parse(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise CommandRefused(f"{path} cannot be read ({error.strerror})") from None
    except UnicodeDecodeError:
        raise CommandRefused(f"{path} is no text in UTF-8") from None
    except CommandRefused as error:
        raise CommandRefused(f"{path}: {error}") from None


def parse(text: str) -> Script:
    """Read a script from YAML; raises CommandRefused."""
    try:
        given = YAML(typ="safe").load(text)
    except YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        raise CommandRefused(f"line {mark.line + 1 if mark else '?'}: this is no YAML") from None
    if not isinstance(given, dict) or not isinstance(given.get("steps"), list):
        raise CommandRefused(f"a script has a story and steps; {LEAD}")
    people = {str(name): _person(str(name), role) for name, role in (given.get("people") or {}).items()}
    steps = [_told(number, row) for number, row in enumerate(given["steps"], 1)]
    return Script(str(given.get("story", "")), str(given.get("team", "")), int(given.get("seed", 7)), people, steps)


def _person(name: str, role: object) -> Person:
    word, _, cohort = str(role).partition(" of ")
    if word not in set(Role):
        raise CommandRefused(f"people: {name} is «{word}», but must be one of {', '.join(Role)}")
    return Person(name, Role(word), cohort or "Баҳор")


def _told(number: int, row: object) -> Told:
    if not isinstance(row, dict):
        raise CommandRefused(f"step {number}: {LEAD}")
    keys = [key for key in row if key not in {"sees", "gone", "back"}]
    if len(keys) != 1:
        raise CommandRefused(f"step {number}: {LEAD}")
    try:
        actor, verb, where = parse_key(str(keys[0]))
    except CommandRefused as error:
        raise CommandRefused(f"step {number}: {error}") from None
    value = row[keys[0]]
    step = Step(actor, verb, "" if value is None else str(value), where, int(row.get("back", 0)))
    if "sees" not in row and "gone" not in row:
        return Told(step)
    came = {str(name): [str(text).strip() for text in texts] for name, texts in (row.get("sees") or {}).items()}
    return Told(step, Seen(came, dict(row.get("gone") or {})))


def write(script: Script) -> str:
    """The script as YAML, texts as they look on the phone."""
    out: dict[str, Any] = {"story": script.story, "seed": script.seed}
    out |= {"team": script.team} if script.team else {}
    out["people"] = {
        p.name: f"{p.role}" + (f" of {p.cohort}" if p.cohort != "Баҳор" else "") for p in script.people.values()
    }
    out["steps"] = [_row(told) for told in script.steps]
    yaml = YAML()
    yaml.width = 10_000
    yaml.allow_unicode = True
    yaml.indent(mapping=2, sequence=4, offset=2)
    stream = StringIO()
    yaml.dump(out, stream)
    return stream.getvalue()


def _row(told: Told) -> dict[str, Any]:
    step = told.step
    row: dict[str, Any] = {step.key: _text(step.value) if step.value else None}
    row |= {"back": step.back} if step.back else {}
    if told.seen is not None:
        row |= {"sees": {name: [_text(text) for text in texts] for name, texts in told.seen.came.items()}}
        row |= {"gone": told.seen.gone} if told.seen.gone else {}
    return row


def _text(text: str) -> str:
    return LiteralScalarString(text) if "\n" in text else text


def file_name(story: str) -> str:
    """A file's name for a story: its letters and digits, joined by hyphens."""
    return re.sub(r"[^\w]+", "-", story.casefold()).strip("-")[:60] or "rehearsal"


def save(text: str, story: str) -> Path:
    """Put a script among the golden journeys of this working copy; raises CommandRefused."""
    if not JOURNEYS.is_dir():
        raise CommandRefused(f"there is no {JOURNEYS} here; take the file rehearsal.yaml instead")
    path = JOURNEYS / f"{file_name(story)}.yaml"
    if path.exists():
        raise CommandRefused(f"{path} is already there: choose another name")
    path.write_text(text, encoding="utf-8")
    return path


# ---- playing


async def play(
    stage: Stage, script: Script, *, falls: bool = False, follows: bool = False, channel: str = TELEGRAM
) -> list[Told]:
    """Play a script on a fresh stage; what was really seen after each step.

    With `falls` the program falls and gets up between all steps: the conversation lives in the database alone.
    With `follows` a button that has a new label is pressed where the old one was told to stand.  `channel` is the
    messenger that the mothers use.
    """
    await stage.reset(script.seed)
    for person in script.people.values():
        phone = stage.invite(person.name, person.role, person.cohort)
        if person.role is Role.MOTHER:
            phone.goes_to(channel)
    if script.team:
        await prepare(stage, script.team)
    happened: list[Told] = []
    for told in script.steps:
        if falls:
            await stage.restart()
        step = _renamed(told.step, script.steps, happened) if follows else told.step
        seen = await stage.act(step)
        happened.append(Told(step, _tidy(seen)))
    return happened


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
    return Seen({name: [_trim(text) for text in texts] for name, texts in seen.came.items()}, seen.gone)


def _trim(text: str) -> str:
    """Spaces that YAML would lose are no difference."""
    return "\n".join(line.rstrip() for line in text.strip().splitlines())


def differences(expected: Iterable[Told], happened: Iterable[Told]) -> list[str]:
    """What came out otherwise than told, a line for each phone of each step."""
    found: list[str] = []
    for number, (told, really) in enumerate(zip(expected, happened, strict=True), 1):
        if told.seen is None or really.seen is None:
            continue
        for name in sorted(told.seen.came.keys() | really.seen.came.keys()):
            was, now = told.seen.came.get(name, []), really.seen.came.get(name, [])
            if [_trim(text) for text in was] != now:
                found.append(f"step {number} ({told.step.key}): {name} was to see\n{_list(was)}\nbut saw\n{_list(now)}")
        if told.seen.gone != really.seen.gone:
            found.append(f"step {number} ({told.step.key}): gone was {told.seen.gone}, is {really.seen.gone}")
    return found


def _list(texts: list[str]) -> str:
    return "\n".join(f"  - {text}" for text in texts) or "  nothing"


async def prepare(stage: Stage, language: str) -> None:
    """The coordinator, a facilitator and the group join and get ready; raises CommandRefused half-way through a run."""
    tongue = language if language in {"tg", "ru"} else "ru"
    if stage.notes.steps or stage.notes.team:
        raise CommandRefused("the team gets ready at the beginning of a run: reset first")
    for told in parse((files("bot.demo") / f"team-{tongue}.yaml").read_text(encoding="utf-8")).steps:
        await stage.act(told.step)
    stage.notes.team, stage.notes.steps = tongue, []


async def record(stage: Stage, story: str) -> str:
    """The stage's run so far as a script, played again on a stage of its own so that it holds what is really seen."""
    notes = stage.notes
    if notes.has_history:
        raise CommandRefused("what follows invented weeks cannot be told by itself: reset, then rehearse it")
    script = Script(story or "A rehearsal", notes.team, notes.seed, dict(notes.people), [Told(s) for s in notes.steps])
    with tempfile.TemporaryDirectory() as folder:
        again = Stage.apart(Path(folder), stage.book, stage.screen, notes.seed)
        try:
            await again.open()
            return write(replace(script, steps=await play(again, script)))
        finally:
            await again.close()
