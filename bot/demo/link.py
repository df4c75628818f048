"""A run of the stage in a link: its seed, its people and its steps, packed so that they fit into an address."""

import base64
import binascii
import zlib
from dataclasses import dataclass

from pydantic import TypeAdapter, ValidationError

from bot.core.errors import CommandRefused
from bot.core.people import Role
from bot.demo.notes import Notes, Person
from bot.demo.script import Script, Told
from bot.demo.steps import Step, Verb

LONGEST = 6000
"""Letters of a link that messengers and browsers carry whole."""
MOST_UNPACKED = 500_000
BROKEN = "this link is not whole: ask for it again, or for the file of the run"


@dataclass(frozen=True, slots=True)
class _Run:
    """What is packed."""

    seed: int
    team: str
    people: tuple[tuple[str, Role, str], ...]
    steps: tuple[tuple[str, Verb, str, str, int], ...]


_RUN = TypeAdapter(_Run)


def pack(notes: Notes) -> str:
    """The run so far for a link; empty when there is none yet, it follows invented weeks, or it is too long."""
    if notes.has_history or not (notes.steps or notes.team):
        return ""
    people = tuple((person.name, person.role, person.cohort) for person in notes.people.values())
    steps = tuple((step.actor, step.verb, step.value, step.where, step.back) for step in notes.steps)
    packed = zlib.compress(_RUN.dump_json(_Run(notes.seed, notes.team, people, steps)), 9)
    link = base64.urlsafe_b64encode(packed).decode().rstrip("=")
    return link if len(link) <= LONGEST else ""


def unpack(link: str) -> Script:
    """The run in a link as a script that expects nothing; raises CommandRefused."""
    try:
        packed = base64.b64decode(link[: LONGEST * 2] + "=" * (-len(link) % 4), altchars=b"-_", validate=True)
        run = _RUN.validate_json(zlib.decompressobj().decompress(packed, MOST_UNPACKED))
    except (binascii.Error, ValueError, zlib.error, ValidationError):
        raise CommandRefused(BROKEN) from None
    people = {name: Person(name, role, cohort) for name, role, cohort in run.people}
    steps = [Told(Step(*step)) for step in run.steps]
    return Script("", run.team, run.seed, people, steps)
