"""Scripts: a run of the stage written down so that a practitioner can read it and a test can replay it."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from io import StringIO
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError
from ruamel.yaml.scalarstring import LiteralScalarString

from bot.core.errors import CommandRefused
from bot.core.people import Role
from bot.demo.notes import Person
from bot.demo.refusals import Refused
from bot.demo.steps import Seen, Step, parse_key

JOURNEYS = Path("tests/journeys")
_AFTER = re.compile(r"(?P<mothers>[1-9]\d?) mothers?, (?P<weeks>[1-9]) weeks?")
LEAD = "one step looks like this: `- mother writes: Салом`"


@dataclass(slots=True)
class Told:
    """A step with what is expected to be seen after it (None: nothing is said about it)."""

    step: Step
    seen: Seen | None = None


@dataclass(slots=True)
class Script:
    """A story: who is on the stage, whether the team is ready before it begins (in which language), what happens.

    With `weeks` it begins after so many invented weeks of so many invented `mothers`.
    """

    story: str
    team: str = ""
    seed: int = 7
    people: dict[str, Person] = field(default_factory=dict)
    steps: list[Told] = field(default_factory=list)
    mothers: int = 0
    weeks: int = 0


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
    story, team, seed = str(given.get("story", "")), str(given.get("team", "")), int(given.get("seed", 7))
    return Script(story, team, seed, people, steps, *_weeks(given.get("after")))


def _weeks(after: object) -> tuple[int, int]:
    """The invented mothers and weeks before a story; none when nothing is said about them."""
    if after is None:
        return 0, 0
    found = _AFTER.fullmatch(str(after))
    if found is None:
        raise CommandRefused(f"after: «{after}» must look like «40 mothers, 4 weeks»")
    return int(found["mothers"]), int(found["weeks"])


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
    out |= {"after": f"{script.mothers} mothers, {script.weeks} weeks"} if script.weeks else {}
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
        raise Refused("save_here", place=str(JOURNEYS))
    path = JOURNEYS / f"{file_name(story)}.yaml"
    if path.exists():
        raise Refused("save_twice", place=str(path))
    path.write_text(text, encoding="utf-8")
    return path


# ---- comparing


def differences(expected: Iterable[Told], happened: Iterable[Told]) -> list[str]:
    """What came out otherwise than told, a line for each phone of each step."""
    found: list[str] = []
    for number, (told, really) in enumerate(zip(expected, happened, strict=True), 1):
        if told.seen is None or really.seen is None:
            continue
        for name in sorted(told.seen.came.keys() | really.seen.came.keys()):
            was, now = told.seen.came.get(name, []), really.seen.came.get(name, [])
            if [trim(text) for text in was] != now:
                found.append(f"step {number} ({told.step.key}): {name} was to see\n{_list(was)}\nbut saw\n{_list(now)}")
        if told.seen.gone != really.seen.gone:
            found.append(f"step {number} ({told.step.key}): gone was {told.seen.gone}, is {really.seen.gone}")
    return found


def trim(text: str) -> str:
    """Spaces that YAML would lose are no difference."""
    return "\n".join(line.rstrip() for line in text.strip().splitlines())


def _list(texts: list[str]) -> str:
    return "\n".join(f"  - {text}" for text in texts) or "  nothing"
