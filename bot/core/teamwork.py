"""Events by which people behind the desk carry cases together: opinions, guidance, looking after, and how they work."""

from dataclasses import dataclass
from datetime import datetime

from bot.core.cases import Level
from bot.core.event import Event
from bot.core.messages import Language

# ---- to the conversation of the case


@dataclass(frozen=True, slots=True)
class CaseAssigned(Event):
    """A coordinator, who reads nothing of it, names the facilitator who should take the case.

    `owner_id` is who had it when she chose, empty for nobody: one who took it since keeps it.
    """

    case_id: str
    staff_id: str
    to_staff_id: str
    owner_id: str | None = None


@dataclass(frozen=True, slots=True)
class TakeDeclined(Event):
    """A colleague to whom it was passed on, or who was named for it, cannot take it."""

    case_id: str
    staff_id: str


@dataclass(frozen=True, slots=True)
class OpinionAsked(Event):
    """The owner asks a supervisor to look along."""

    case_id: str
    staff_id: str
    supervisor_id: str


@dataclass(frozen=True, slots=True)
class LookEnded(Event):
    """The supervisor who looks along may not any more: she knows the mother in her own life, or left the team."""

    case_id: str
    staff_id: str


@dataclass(frozen=True, slots=True)
class OpinionGiven(Event):
    """The supervisor who looks along leaves a note for the owner; it never goes to the mother."""

    case_id: str
    staff_id: str
    note: str


@dataclass(frozen=True, slots=True)
class GuidanceAsked(Event):
    """Whoever has the case, or looks along, wants to see its guidance again."""

    case_id: str
    staff_id: str


@dataclass(frozen=True, slots=True)
class HistoryAsked(Event):
    """Whoever has the case, or looks along, wants to see what was done with it."""

    case_id: str
    staff_id: str


@dataclass(frozen=True, slots=True)
class FollowUpDue(Event):
    """The day on which the owner of a closed case wanted to look how she is."""

    number: str
    staff_id: str


@dataclass(frozen=True, slots=True)
class FollowUpBegun(Event):
    """The time to look how she is has come, and the one who planned it opens a case of her own for it.

    `code_name` is whom she means: another may have joined from the same phone since (S22).
    """

    staff_id: str
    earlier: str
    code_name: str = ""


@dataclass(frozen=True, slots=True)
class KeptAnswerWorried(Event):
    """Whoever read a kept answer for the blind sample thinks that its writer needs a person, and how soon (S20)."""

    level: Level
    text: str


@dataclass(frozen=True, slots=True)
class SilenceDue(Event):
    """Two weeks have passed since she joined or last did something; she may still be silent."""


@dataclass(frozen=True, slots=True)
class CheckInMissed(Event):
    """Two days since she was to be asked how a practice went; in an open case a person should know of no answer."""

    lesson: str


# ---- to a member of staff


@dataclass(frozen=True, slots=True)
class ReflectionShared(Event):
    """A mother of hers has shared an answer; what it says is read only when she asks."""


@dataclass(frozen=True, slots=True)
class DigestDue(Event):
    """Once a day, in her duty hours: how many answers wait to be read."""


@dataclass(frozen=True, slots=True)
class ReflectionsAsked(Event):
    """She wants to read what was shared: what is new, or all of the last two weeks (`is_again`)."""

    is_again: bool = False


@dataclass(frozen=True, slots=True)
class ReflectionsGone(Event):
    """A mother was erased: her answers leave this chat, too."""

    conversation_id: str


@dataclass(frozen=True, slots=True)
class OpinionWanted(Event):
    """A colleague asks this supervisor to look along; her conversation is where the reading is asked for."""

    case_id: str
    number: str
    level: Level
    language: Language
    by: str


@dataclass(frozen=True, slots=True)
class NoteLeft(Event):
    """The supervisor who looks along left a note for the owner."""

    case_id: str
    number: str
    alias: str
    text: str


@dataclass(frozen=True, slots=True)
class GuidanceGiven(Event):
    """What to do in a case of this kind; only for its owner and the supervisor who looks along."""

    case_id: str
    number: str
    level: Level
    category: str


@dataclass(frozen=True, slots=True)
class HistoryGiven(Event):
    """What was done with a case, in order of time: (when, what, by whom); no word of hers."""

    case_id: str
    number: str
    steps: tuple[tuple[datetime, str, str], ...]


@dataclass(frozen=True, slots=True)
class ShiftRested(Event):
    """The shift that she ended early is over, and she has rested: her week counts again."""


@dataclass(frozen=True, slots=True)
class FollowUpAsked(Event):
    """A task for the one who closed a case: look how she is; nothing went to the mother.

    `why_not` says why nobody should write to her now: `stopped`, `unreachable`, `open_case`, or nothing.
    """

    number: str
    code_name: str
    conversation_id: str
    why_not: str = ""


@dataclass(frozen=True, slots=True)
class ConflictNamed(Event):
    """A colleague says that she and the mother of that conversation know each other in their own lives (or do not)."""

    conversation_id: str
    is_apart: bool
    by: str


@dataclass(frozen=True, slots=True)
class FallbackNamed(Event):
    """A coordinator named her as the one who is rung when nobody else is there (or somebody else instead)."""

    is_fallback: bool
    by: str


@dataclass(frozen=True, slots=True)
class RotaSet(Event):
    """The operator brought in the rota: duty hours and how she works, as SetDuty and Arrange take them."""

    duty: tuple[tuple[str, str, tuple[int, ...]], ...]
    languages: tuple[Language, ...]
    load_limit: int
    rest: tuple[tuple[str, str, tuple[int, ...]], ...] = ()
    away: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class BroadcastBegun(Event):
    """A colleague is about to send a text to `count` mothers: every other coordinator may look at it and stop it."""

    broadcast_id: str
    alias: str
    count: int
    tg: str
    ru: str
