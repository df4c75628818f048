"""A run of the stage in a link: its seed, its people and its steps, packed so that they fit into an address."""

import base64
import binascii
import zlib
from dataclasses import dataclass
from typing import Annotated

from pydantic import Field, TypeAdapter, ValidationError

from bot.core.people import Role
from bot.demo.notes import Notes, Person
from bot.demo.refusals import Refused
from bot.demo.rehearsal import tell
from bot.demo.script import Script, Told
from bot.demo.steps import Step, Verb

LONGEST = 6000
"""Letters of a link that messengers and browsers carry whole."""
MOST_UNPACKED = 500_000


@dataclass(frozen=True, slots=True)
class _Run:
    """What is packed."""

    seed: int
    team: str
    people: tuple[tuple[str, Role, str], ...]
    steps: tuple[tuple[str, Verb, str, str, int], ...]
    mothers: Annotated[int, Field(ge=0, le=99)] = 0
    weeks: Annotated[int, Field(ge=0, le=9)] = 0


_RUN = TypeAdapter(_Run)


def pack(notes: Notes) -> str:
    """The run so far for a link; empty when there is none yet, or it is too long."""
    script = tell(notes)
    if not (script.steps or script.team):
        return ""
    people = tuple((person.name, person.role, person.cohort) for person in script.people.values())
    steps = tuple((s.actor, s.verb, s.value, s.where, s.back) for s in (told.step for told in script.steps))
    run = _Run(script.seed, script.team, people, steps, script.mothers, script.weeks)
    packed = zlib.compress(_RUN.dump_json(run), 9)
    link = base64.urlsafe_b64encode(packed).decode().rstrip("=")
    return link if len(link) <= LONGEST else ""


def unpack(link: str) -> Script:
    """The run in a link as a script that expects nothing; raises CommandRefused."""
    try:
        packed = base64.b64decode(link[: LONGEST * 2] + "=" * (-len(link) % 4), altchars=b"-_", validate=True)
        run = _RUN.validate_json(zlib.decompressobj().decompress(packed, MOST_UNPACKED))
    except (binascii.Error, ValueError, zlib.error, ValidationError):
        raise Refused("link") from None
    people = {name: Person(name, role, cohort) for name, role, cohort in run.people}
    steps = [Told(Step(*step)) for step in run.steps]
    return Script("", run.team, run.seed, people, steps, run.mothers, run.weeks)
