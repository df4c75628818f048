"""What a turn asks for: imperative, plain values; storage records all of them in one commit.

Every effect concerns the turn's own conversation (and its participant and case), except Post.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from bot.core.cases import AnswerState, Finding, Outcome, Voice
from bot.core.event import Event
from bot.core.messages import Kind, Lane, Language, Outgoing


class Effect:
    """The root of all effects."""

    __slots__ = ()


class Purpose(StrEnum):
    """Why something is sent; delivery, expiry and cancelling go by it."""

    REPLY = "reply"  # to her act of the last 10 minutes (S1)
    NOTICED = "noticed"  # the automatic answer of S5
    PUSH = "push"  # unprompted, in her hours: lesson, check-in, nudge, catch-up
    COVER = "cover"  # the neutral line before case content (S1)
    ANSWER = "answer"  # a staff answer's text
    BROADCAST = "broadcast"
    CARD = "card"  # in a group
    CASE_TEXT = "case_text"  # in a staff member's private chat; leaves it at closing or after 47 h
    DESK = "desk"  # everything else to staff


@dataclass(frozen=True, slots=True)
class Say(Effect):
    """Send a message to this conversation.

    `due_at` None: at once.  `expires_at`: afterwards it is not sent and SendsFailed comes back.  `tag` names the
    message so that Amend and Unsay can find it; `ref` is the case message it carries.  `dedupe` is unique for ever.
    """

    outgoing: Outgoing
    lane: Lane = Lane.REPLY
    purpose: Purpose = Purpose.REPLY
    due_at: datetime | None = None
    expires_at: datetime | None = None
    case_id: str | None = None
    broadcast_id: str | None = None
    tag: str = ""
    ref: str = ""
    dedupe: str = ""


@dataclass(frozen=True, slots=True)
class Amend(Effect):
    """Edit the latest message of this conversation with the tag; sends it anew where there is none left."""

    tag: str
    outgoing: Outgoing
    lane: Lane = Lane.REPLY
    purpose: Purpose = Purpose.DESK
    case_id: str | None = None


@dataclass(frozen=True, slots=True)
class Unsay(Effect):
    """Delete messages of both sides younger than 48 h from the chat: all, or those of one case, every case or one tag.

    `message_ids` are the channel's ids of single messages besides (e.g. the one just received).
    """

    case_id: str = ""
    every_case: bool = False
    tag: str = ""
    everything: bool = False
    message_ids: tuple[str, ...] = ()
    lane: Lane = Lane.REPLY


@dataclass(frozen=True, slots=True)
class CancelSends(Effect):
    """Rows of this conversation that have not gone yet never go: by purpose, by broadcast, or all (empty).

    A staff answer among them comes back as SendsFailed, unless `is_settled`: whoever must know knows.
    """

    purposes: tuple[Purpose, ...] = ()
    broadcast_id: str = ""
    ref: str = ""
    is_settled: bool = False


@dataclass(frozen=True, slots=True)
class Schedule(Effect):
    """Play the event at that time; replaces this conversation's timer of the same key."""

    key: str
    due_at: datetime
    event: Event


@dataclass(frozen=True, slots=True)
class Unschedule(Effect):
    """Drop the timers whose key begins with one of these; `("",)` drops all."""

    prefixes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Post(Effect):
    """Send an event to another conversation: recorded in the inbox in this commit, played there as its own turn."""

    event: Event
    to: str


# ---- joining and the mother's own things


@dataclass(frozen=True, slots=True)
class Join(Effect):
    """The stranger becomes a participant: invitation used, address kept from now on, consent recorded."""

    invitation_id: str
    language: Language
    consent_version: str
    code_name: str


@dataclass(frozen=True, slots=True)
class Consent(Effect):
    """She agreed to this version of the text (S6), data abroad included."""

    version: str


@dataclass(frozen=True, slots=True)
class Prefer(Effect):
    """Change what she chose; only the keys given: name, hours, phone_shared, zone (fields of Participant)."""

    changes: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Stand(Effect):
    """Change how she stands.

    Keys: stopped_at, hidden_at, paused_until, frozen_at, unreachable_at, withheld_at, is_confirmed, confirmed_by.
    """

    changes: dict[str, Any]


@dataclass(frozen=True, slots=True)
class CountPush(Effect):
    """One unprompted message counts against the budget of 1 a day and 4 a week."""

    at: datetime


@dataclass(frozen=True, slots=True)
class BeginLesson(Effect):
    """She opened a lesson."""

    lesson: str
    version: int


@dataclass(frozen=True, slots=True)
class FinishLesson(Effect):
    """She came to its end; `practice` is chosen, calm or none."""

    lesson: str
    practice: str


@dataclass(frozen=True, slots=True)
class RecordCheckIn(Effect):
    """How the practice went: done, hard or not_yet."""

    lesson: str
    how: str


@dataclass(frozen=True, slots=True)
class AnswerMeasure(Effect):
    """Her answer to a measured question, 1 to 5; `moment` is before, middle or after."""

    moment: str
    question: str
    answer: int


@dataclass(frozen=True, slots=True)
class CountMeasures(Effect):
    """Count the answers of these cohorts; the figures come back as MeasuresCounted, too coarse to show anybody."""

    cohort_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class KeepReflection(Effect):
    """Keep her answer, sealed, 90 days; private unless she chose to share (S20)."""

    lesson: str
    text: str
    is_shared: bool = False


@dataclass(frozen=True, slots=True)
class AddToReflection(Effect):
    """Keep these words with her latest answer to this lesson: she writes in several messages (S20)."""

    lesson: str
    text: str


@dataclass(frozen=True, slots=True)
class ShareReflection(Effect):
    """Her facilitator may read her latest answer to this lesson (S20)."""

    lesson: str


@dataclass(frozen=True, slots=True)
class Forget(Effect):
    """Erase her: text, address and key at once; with an open case a stub without text stays (S22)."""


@dataclass(frozen=True, slots=True)
class CountAttempt(Effect):
    """A wrong code was given from this account."""


@dataclass(frozen=True, slots=True)
class AllowMove(Effect):
    """From now on this code, and no earlier one, brings her to another address (S17)."""

    move_id: str
    code: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class MoveHere(Effect):
    """She is answered where that stranger wrote from; her codes are spent, and her old address is told `closed`."""

    conversation_id: str
    closed: Event


@dataclass(frozen=True, slots=True)
class KeepAddress(Effect):
    """The address of this conversation is needed a little longer than its turn."""


@dataclass(frozen=True, slots=True)
class DropAddress(Effect):
    """What this commit still says here goes; afterwards the address is not kept."""


# ---- cases


@dataclass(frozen=True, slots=True)
class OpenCase(Effect):
    """Open the case of this conversation (it has none open); its finding is sealed with the case's key.

    `earlier` is the number of the case that was closed shortly before, `said_at` when she did what opens it.
    """

    case_id: str
    number: str
    finding: Finding
    cohort_id: str | None
    language: Language
    earlier: str = ""
    said_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class AddToCase(Effect):
    """A message of the case: hers (by the channel's `external_id`, sent at `said_at`), a staff answer, or a note."""

    case_id: str
    message_id: str
    voice: Voice
    body: str
    kind: Kind = Kind.TEXT
    file: str = ""
    is_edit: bool = False
    external_id: str = ""
    answer: AnswerState = AnswerState.NONE
    by: str = ""
    said_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ChangeCase(Effect):
    """Change columns: state, owner_id, taken_at, acted_at, said_at, window_until, level, second_id, finding."""

    case_id: str
    changes: dict[str, Any]


@dataclass(frozen=True, slots=True)
class SettleAnswer(Effect):
    """A staff answer was handed to the outbox or expired."""

    case_id: str
    message_id: str
    answer: AnswerState


@dataclass(frozen=True, slots=True)
class CloseCase(Effect):
    """Close with an outcome; a false alarm destroys category, reasons and text within 24 h (S21)."""

    case_id: str
    outcome: Outcome
    note: str
    by: str


@dataclass(frozen=True, slots=True)
class ReopenCase(Effect):
    """A closed case of this conversation, which has none open, is open again and nobody's, as if it had never ended."""

    case_id: str


@dataclass(frozen=True, slots=True)
class Audit(Effect):
    """A row of the chain: who did what to which case or person (S14); never any text."""

    action: str
    actor_id: str
    case_id: str = ""


@dataclass(frozen=True, slots=True)
class Hold(Effect):
    """A person has the conversation (or, with None, has let it go)."""

    staff_id: str | None


# ---- staff


@dataclass(frozen=True, slots=True)
class EnlistStaff(Effect):
    """The stranger becomes staff, inert until confirmed (S14), or an existing member gets a further role or cohort."""

    invitation_id: str
    alias: str
    language: Language
    is_confirmed: bool = False


@dataclass(frozen=True, slots=True)
class ConfirmStaff(Effect):
    """The conversation's member of staff is (not) who she says; `trained_on` today for facilitators."""

    is_accepted: bool
    by: str


@dataclass(frozen=True, slots=True)
class SetDuty(Effect):
    """Her duty hours: (begin, end, weekdays) with times as `HH:MM`, Monday 0."""

    duty: tuple[tuple[str, str, tuple[int, ...]], ...]


@dataclass(frozen=True, slots=True)
class Arrange(Effect):
    """Change how she works; only the keys given change.

    Keys: languages, load_limit, rest (as in SetDuty), away (first and last ISO date, or None), off (instants, or None:
    her duty hours do not count between them), is_fallback.
    """

    changes: dict[str, Any]


@dataclass(frozen=True, slots=True)
class KeepApart(Effect):
    """She and the mother of that conversation know each other: her cases are never shown to her (or again may be)."""

    conversation_id: str
    by: str
    is_apart: bool = True


@dataclass(frozen=True, slots=True)
class BindGroup(Effect):
    """The conversation is a facilitators' group from now on."""

    invitation_id: str
    by: str


@dataclass(frozen=True, slots=True)
class OpenModule(Effect):
    """The session was held: open the module for the cohort and tell each of its mothers (one post each)."""

    cohort_id: str
    module: str


@dataclass(frozen=True, slots=True)
class KeepVoiceNote(Effect):
    """A page was read aloud: keep the channel's id of the recording, for the line on which it came."""

    lesson: str
    language: Language
    version: int
    file: str
    seconds: int
    size: int


@dataclass(frozen=True, slots=True)
class RemoveVoiceNote(Effect):
    """The page has no recording in that language any more."""

    lesson: str
    language: Language


@dataclass(frozen=True, slots=True)
class CountHarm(Effect):
    """A mother of the cohort told of harm by the programme (S23); who she is is not kept with it.

    From `alarm_at` such words within `within` on, the cohort's pushes are withheld and `tell` (conversations) hear it.
    """

    cohort_id: str
    alarm_at: int
    within: timedelta
    tell: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class WithholdCohort(Effect):
    """A person decided: pushes to the cohort stay withheld, or go on, and each of its mothers is told of it."""

    cohort_id: str
    is_withheld: bool
    by: str


@dataclass(frozen=True, slots=True)
class StartAlarmTest(Effect):
    """Record a rehearsal of the alarm."""

    test_id: str


@dataclass(frozen=True, slots=True)
class AcknowledgeAlarm(Effect):
    """The member of staff has seen the rehearsal."""

    test_id: str


@dataclass(frozen=True, slots=True)
class StartBroadcast(Effect):
    """Send to every mother of the cohorts; expanded by the broadcast service from `starts_at` on."""

    broadcast_id: str
    cohort_ids: tuple[str, ...]
    tg: str
    ru: str
    starts_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class SteerBroadcast(Effect):
    """Pause, continue or cancel a broadcast (`state`: paused, running, cancelled); None: all begun in this chat."""

    broadcast_id: str | None
    state: str


@dataclass(frozen=True, slots=True)
class SettleRecipient(Effect):
    """What became of a broadcast for this participant: left_out, waiting (why), cancelled.

    That it was sent or shown is told by delivery.
    """

    broadcast_id: str
    state: str
    reason: str = ""
