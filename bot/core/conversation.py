"""A conversation and what a turn may know when it plays one event of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from bot.core.cases import Case, CaseStep, Finding
from bot.core.messages import Language
from bot.core.moving import MoveCode, Newcomer
from bot.core.people import CohortFigures, Invitation, Participant, Readiness, Roster, Staff
from bot.core.voice_notes import VoiceNote

NEW = "Onboarding:new"
"""The state of a conversation that has never been played."""
SHOWN = "shown"
"""The tag of a broadcast that came with something she opened herself, and how it is counted."""
LATE = "late"
"""Why she was left out when neither a free day of hers nor an act of her own came in time."""


class Owner(StrEnum):
    """Whose conversation it is; it keeps its id when a stranger joins."""

    STRANGER = "stranger"
    PARTICIPANT = "participant"
    STAFF = "staff"
    GROUP = "group"


@dataclass(frozen=True, slots=True)
class Conversation:
    """Where somebody is: one row.

    `data` is a small JSON object that belongs to the flows.  `held_by` is the id of the staff member who has
    the conversation (a column, not a state).  `last_in_at` is when its owner last acted by herself (wrote or
    pressed): the clock of S1.
    """

    id: str
    owner: Owner
    owner_id: str
    state: str = NEW
    data: dict[str, Any] = field(default_factory=dict)
    language: Language = "tg"
    version: int = 0
    held_by: str | None = None
    last_in_at: datetime | None = None

    @property
    def unshown(self) -> frozenset[str]:
        """The broadcasts whose text lies in `data`: for a free day of hers, or for her Open."""
        announced, unshown = self.data.get("broadcast"), frozenset(self.data.get("unshown", ()))
        return unshown | {announced["id"]} if announced else unshown


@dataclass(frozen=True, slots=True)
class BroadcastFigures:
    """How a broadcast stands: counts by state (`waiting`, `sent`, `shown`, `left_out`, `late`, `failed`, `unknown`).

    `left_out` says why she was left out, and how many were so.  `may_open`: all have it, some perhaps its line alone.
    """

    id: str
    state: str
    counts: dict[str, int] = field(default_factory=dict)
    left_out: dict[str, int] = field(default_factory=dict)
    may_open: bool = False


@dataclass(frozen=True, slots=True)
class SharedReflection:
    """An answer to a lesson's question that its writer chose to share with her facilitator (S20)."""

    id: str
    participant_id: str
    conversation_id: str
    code_name: str
    lesson: str
    text: str
    at: datetime
    shared_at: datetime


@dataclass(frozen=True, slots=True)
class Facts:
    """All that a turn may know besides its conversation, loaded in the transaction that will record it.

    `case` is the conversation's own open case.  `invitation` is what the event's code names, if anything,
    and `move` what it names as a code for moving (S17); `newcomer` is who is at the address to which she moves now.
    `cases`, `cohorts` and `broadcast` are loaded for staff only: the open cases she may see (none with text),
    her cohorts, her latest broadcast; `reached_today` counts, for a coordinator, the silent people whom anything that
    has gone or still waits reaches today.  A group that may be lost knows all open cases, so that each rings without
    it.
    `attempts` counts wrong codes of this account in the last hour.
    `reflections` are loaded for a facilitator who asks to read them.
    `going` are those of her unshown broadcasts that are neither withdrawn nor paused nor over, loaded when she acts.
    `free_until` is until when her messenger takes free words to her, loaded for a broadcast and for an answer.
    `steps` is what was done with the case, loaded when its history is asked for.
    `loads` counts the open cases of each member of staff, for the choice of whom to ring.
    `voice_notes` are the recorded pages that can be sent where somebody acted just now.
    `finding` is what screening said of the event's text.  `replied_case` is the case whose message a member of staff
    replied to (MessageReceived.reply_to found among the messages of this conversation), if any (S13).
    `acted_at` is when its person did what the event says, however late the messenger brought it; None for what fell due
    or was posted.  `is_unseen` says that an answer of ours to her has not gone yet, so that she types below an earlier
    one; loaded where she may choose by typing.  `is_spent` says that the code she came by was used up meanwhile: the
    turn is played once more.
    """

    now: datetime
    roster: Roster = Roster()
    readiness: Readiness = Readiness()
    participant: Participant | None = None
    staff: Staff | None = None
    case: Case | None = None
    steps: tuple[CaseStep, ...] = ()
    invitation: Invitation | None = None
    move: MoveCode | None = None
    newcomer: Newcomer | None = None
    free_until: datetime | None = None
    going: frozenset[str] = frozenset()
    cases: tuple[Case, ...] = ()
    cohorts: tuple[CohortFigures, ...] = ()
    broadcast: BroadcastFigures | None = None
    reached_today: int = 0
    reflections: tuple[SharedReflection, ...] = ()
    attempts: int = 0
    loads: Mapping[str, int] = field(default_factory=dict)
    finding: Finding = Finding()
    voice_notes: tuple[VoiceNote, ...] = ()
    replied_case: str | None = None
    acted_at: datetime | None = None
    is_unseen: bool = False
    is_spent: bool = False
