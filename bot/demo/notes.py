"""What the stage must remember besides its database: the phones, the clock, the steps; one small file beside it."""

from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from bot.channels.simulator import Phone
from bot.core.people import Role
from bot.demo.steps import Step
from bot.demo.world import START, VirtualClock

FORMAT = 2


@dataclass(slots=True)
class Person:
    """Whom a phone belongs to; `cohort` is the group she is invited to, `code` opens an invitation that is shown.

    `is_invented` when she came with the invented weeks.
    """

    name: str
    role: Role
    cohort: str = "Баҳор"
    is_shown: bool = True
    code: str = ""
    is_invented: bool = False


@dataclass(slots=True)
class Notes:
    """A stage as it is between two acts; `id` is remembered by the database too, so that the two never get mixed up.

    `mothers` and `weeks` count those invented before its steps.
    """

    id: str = ""
    format: int = FORMAT
    seed: int = 7
    team: str = ""
    mothers: int = 0
    weeks: int = 0
    now: datetime = START
    is_whole: bool = True
    ids: dict[str, int] = field(default_factory=dict)
    updates: int = 0
    people: dict[str, Person] = field(default_factory=dict)
    phones: dict[str, Phone] = field(default_factory=dict)
    steps: list[Step] = field(default_factory=list)


_NOTES = TypeAdapter(Notes)


def path_beside(database: str) -> Path:
    """Where the notes of the stage over this database lie."""
    file = Path(database.removeprefix("sqlite:///")) if database.startswith("sqlite:///") else Path("hamroh-demo.db")
    return file.with_suffix(".stage.json")


def read(path: Path) -> Notes | None:
    """The notes in this file; None when there are none that this release understands."""
    try:
        notes = _NOTES.validate_json(path.read_bytes())
    except (OSError, ValidationError):
        return None
    return notes if notes.format == FORMAT else None


def clock_of(database: str) -> VirtualClock | None:
    """The hour of the stage over this database as its notes tell it; None when nothing was rehearsed there."""
    notes = read(path_beside(database))
    return VirtualClock(notes.now) if notes is not None else None


def write(path: Path, notes: Notes) -> None:
    """Write the notes whole or not at all."""
    fresh = path.with_name(path.name + ".new")
    fresh.write_bytes(_NOTES.dump_json(notes))
    fresh.replace(path)
