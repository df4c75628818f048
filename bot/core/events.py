"""What happens to a conversation: past tense, plain values only, so that an event can be a row.

Three families: what its owner did, what fell due, and what another conversation posted.
"""

from dataclasses import dataclass
from datetime import datetime

import bot.core.groups
import bot.core.teamwork  # noqa: F401 - so that their events are known by name when they are read from the database
from bot.core.cases import Level, Outcome
from bot.core.event import Event
from bot.core.messages import Kind, Language
from bot.core.people import Role

# ---- what the owner of the conversation did


@dataclass(frozen=True, slots=True)
class MessageReceived(Event):
    """She wrote, or sent something that is not text (`text` is then its caption).

    `seconds`, `size` (bytes) and `format` are those of a voice, where the channel tells; `album` is the same for all
    that she sent together.
    """

    text: str = ""
    kind: Kind = Kind.TEXT
    message_id: str = ""
    reply_to: str = ""
    is_forwarded: bool = False
    file: str = ""
    seconds: int = 0
    size: int = 0
    format: str = ""
    album: str = ""


@dataclass(frozen=True, slots=True)
class MessageEdited(Event):
    """She changed a message she had sent; screened again (rule 4)."""

    text: str
    message_id: str


@dataclass(frozen=True, slots=True)
class MessageWithdrawn(Event):
    """She took a message of hers back, where the channel tells; what it said has done its work already (S3)."""

    message_id: str


@dataclass(frozen=True, slots=True)
class ButtonPressed(Event):
    """She chose: by a button, or by its number or label typed (then `version` is the current one); None if standing."""

    choice: str
    version: int | None = None
    message_id: str = ""


@dataclass(frozen=True, slots=True)
class CommandGiven(Event):
    """One of the words that act in every state, as a whole message or a command (`help`, `stop`, ...)."""

    command: str
    message_id: str = ""


@dataclass(frozen=True, slots=True)
class Started(Event):
    """She pressed Start, perhaps by a link with a code, or typed a spoken one; Facts.invitation is what it names.

    `is_lasting`: nothing can be taken out of this chat again.
    """

    code: str = ""
    message_id: str = ""
    is_lasting: bool = False


@dataclass(frozen=True, slots=True)
class ReachChanged(Event):
    """The channel says that she can or cannot be reached any more, or that another phone is behind her address."""

    is_reachable: bool
    is_another: bool = False


# ---- what fell due (timers)


@dataclass(frozen=True, slots=True)
class LessonDue(Event):
    """A page is ready for her."""

    lesson: str


@dataclass(frozen=True, slots=True)
class CheckInDue(Event):
    """Time to ask how the practice of a lesson went."""

    lesson: str


@dataclass(frozen=True, slots=True)
class NudgeDue(Event):
    """She has been silent in the middle of a lesson; `step` counts the nudges (at most two)."""

    step: int


@dataclass(frozen=True, slots=True)
class PauseEnded(Event):
    """The days she asked for are over."""


@dataclass(frozen=True, slots=True)
class CatchUpDue(Event):
    """The one neutral line after an outage or a release, in her hours."""


@dataclass(frozen=True, slots=True)
class AlarmDue(Event):
    """The clock of a case rings: the `step`-th time since it was opened or left without an act (S10)."""

    case_id: str
    step: int


@dataclass(frozen=True, slots=True)
class CardLost(Event):
    """A group that was to show the card of this case is out of reach, or did not take it (S10)."""

    case_id: str


@dataclass(frozen=True, slots=True)
class OwnerLost(Event):
    """The one who has this case cannot be reached in her chat, so that she does not see what comes (S10)."""

    case_id: str
    staff_id: str


@dataclass(frozen=True, slots=True)
class CoverDue(Event):
    """A staff answer waits for her: now is the time of its neutral cover line (S1)."""

    case_id: str
    message_id: str


@dataclass(frozen=True, slots=True)
class AnswerStale(Event):
    """A staff answer has waited 2 h without being opened (S1)."""

    case_id: str
    message_id: str


@dataclass(frozen=True, slots=True)
class SweepDue(Event):
    """Messages must leave a chat now: hers 30 minutes after (S2), a staff chat's at closing or 47 h (S12).

    `case_id` empty: those of every case, false alarms too.  With a `tag` or `message_ids` (the channel's) only those
    messages of the case, so that a newer one keeps its own time.
    """

    case_id: str = ""
    tag: str = ""
    message_ids: tuple[str, ...] = ()


# ---- what another conversation, delivery or the command line posted: to her conversation


@dataclass(frozen=True, slots=True)
class ModuleOpened(Event):
    """The session was held: the module is open for her cohort."""

    module: str


@dataclass(frozen=True, slots=True)
class BroadcastArrived(Event):
    """A coordinator's text for her, in both languages; her turn decides by S4 whether and when it goes."""

    broadcast_id: str
    tg: str
    ru: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class BroadcastCancelled(Event):
    """What has not gone yet must not go; `is_over`: its time has passed, and it is counted as late already."""

    broadcast_id: str
    is_over: bool = False


@dataclass(frozen=True, slots=True)
class TakeAsked(Event):
    """A facilitator pressed Take; her turn checks role, cohort and whether it is still free."""

    case_id: str
    staff_id: str


@dataclass(frozen=True, slots=True)
class ReadAsked(Event):
    """The owner of the case wants to see its messages again (an audit row is written)."""

    case_id: str
    staff_id: str
    file_of: str = ""


@dataclass(frozen=True, slots=True)
class AnswerGiven(Event):
    """The owner of the case answers; `begun_at` is when she pressed Reply, so when she last knew where it goes."""

    case_id: str
    staff_id: str
    text: str
    begun_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ActRecorded(Event):
    """The owner did something outside the chat and says so in a note (S10)."""

    case_id: str
    staff_id: str
    note: str


@dataclass(frozen=True, slots=True)
class CaseHandedBack(Event):
    """The owner lets go: the case rings for one named colleague first, or for everybody else at once.

    `summary` is a note for whoever goes on with it.
    """

    case_id: str
    staff_id: str
    summary: str = ""
    to_staff_id: str = ""


@dataclass(frozen=True, slots=True)
class CaseCloseAsked(Event):
    """The owner closes the case with an outcome and a reason in one line (E3: named person + reason).

    `begun_at` is when she pressed Close: what came since she has perhaps not seen.
    """

    case_id: str
    staff_id: str
    outcome: Outcome
    note: str = ""
    follow_up_days: int = 0
    begun_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class FreezeAsked(Event):
    """Staff or the operator end (or lift the end of) everything that goes to her."""

    is_frozen: bool
    staff_id: str = ""


@dataclass(frozen=True, slots=True)
class EraseAsked(Event):
    """The operator erases her at her wish, as if she had said "forget me" and yes (S22)."""


@dataclass(frozen=True, slots=True)
class PersonConfirmed(Event):
    """A facilitator has met her: she is who her code was given to (S16)."""

    staff_id: str


@dataclass(frozen=True, slots=True)
class SendsFailed(Event):
    """Delivery could not bring something to this conversation, for the reason `why`.

    `why` is expired, refused, unreachable, unknown, withdrawn (cancelled before it went), window (a messenger that
    takes no words from us so long after hers), gone (a file that can no longer be fetched), outlived (she was
    unreachable then, and has been here since) or left (unreachable at an address that she has left).
    `purposes` says what (see effects.Purpose); `ref` is the case message for a staff answer.
    """

    why: str
    purposes: tuple[str, ...] = ()
    case_id: str = ""
    ref: str = ""


@dataclass(frozen=True, slots=True)
class TextUnplayed(Event):
    """Something of hers could not be played and lies in quarantine: a facilitator must look (S7)."""

    inbox_id: str
    kind: str = ""


# ---- posted to a staff member's conversation or to a group


@dataclass(frozen=True, slots=True)
class CaseRang(Event):
    """A case needs a person: a card for a group, a private ring for staff (S10, S12).

    `opened_at` is since when she waits (Case.wrote_at).  `first` is the alias of who is asked first, `passed_by` of who
    hands it over; `is_again`: an older one stands there.
    """

    case_id: str
    number: str
    level: Level
    language: Language
    opened_at: datetime
    step: int = 0
    first: str = ""
    passed_by: str = ""
    is_again: bool = False


@dataclass(frozen=True, slots=True)
class CardChanged(Event):
    """What its card says now: `taken` (by whom), `waiting`, `passed` (to whom), `closed`; `erased`: a ring goes."""

    case_id: str
    number: str
    state: str
    alias: str = ""


@dataclass(frozen=True, slots=True)
class CaseGiven(Event):
    """The case is hers: everything the taker sees (S15: the writer is not verified).

    `lines` are (message id, voice, kind, when it was written, text) of the case in the order in which they came, the
    voice of a changed message being `edited`; a file is fetched by ReadAsked.  `lesson` and `card` say where she is,
    `finished` how many she has read.
    """

    case_id: str
    number: str
    level: Level
    code_name: str
    language: Language
    category: str
    reasons: tuple[str, ...]
    lines: tuple[tuple[str, str, str, datetime, str], ...]
    lesson: str = ""
    is_reading_again: bool = False
    earlier: str = ""
    card: int = 0
    finished: int = 0


@dataclass(frozen=True, slots=True)
class TakeRefused(Event):
    """It is another's or closed, or she may not (`why`: taken, closed, unseen, unacted, unread, role, other)."""

    case_id: str
    number: str
    why: str


@dataclass(frozen=True, slots=True)
class CaseMessageArrived(Event):
    """The mother wrote (or edited), at `said_at`, in a case that somebody owns.

    `is_old`: what she has changed since came first.
    """

    case_id: str
    number: str
    message_id: str
    kind: Kind
    text: str
    is_edit: bool = False
    is_urgent: bool = False
    is_old: bool = False
    said_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class FileGiven(Event):
    """Her own voice or photo, on the taker's tap (S19)."""

    case_id: str
    number: str
    file: str
    kind: Kind


@dataclass(frozen=True, slots=True)
class AnswerSettled(Event):
    """What became of a staff answer: sent, waits (for what), expired, refused, failed, unknown, window, unreachable.

    `text` is an answer that was taken back, so that its owner can say it again when she writes.
    """

    case_id: str
    number: str
    how: str
    until: datetime | None = None
    text: str = ""


@dataclass(frozen=True, slots=True)
class CaseLeft(Event):
    """The case is no longer hers: closed, passed on, revoked or erased; its texts leave her chat.

    `is_heavy`: it was one after which a person should talk with somebody herself.
    """

    case_id: str
    number: str
    why: str
    is_heavy: bool = False


@dataclass(frozen=True, slots=True)
class StaffWaits(Event):
    """Somebody came in by a staff code and needs another's word (S14); without `cohorts` her roles reach all."""

    staff_id: str
    conversation_id: str
    alias: str
    roles: tuple[Role, ...]
    cohorts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class StaffConfirmed(Event):
    """Another member of staff has confirmed (or refused) her, for the roles and cohorts that she was asked about."""

    staff_id: str
    by: str
    is_accepted: bool
    roles: tuple[Role, ...] = ()
    cohorts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class AlarmTested(Event):
    """A coordinator rehearses the alarm; whoever sees it acknowledges (S11)."""

    test_id: str
    by: str


@dataclass(frozen=True, slots=True)
class DeskAlarmed(Event):
    """Something the desk must know, without any text of a mother; `what` is an id of a sentence.

    Known: `poison`, `group_lost`, `group_stranger`, `nobody_on_duty`, `second_person`, `voice`, `unreachable`,
    `line_stopped`, `broadcast_unknown`, `child`, `silent`, `stopped_in_case`, `erased_in_case`, `staff_unreachable`,
    `staff_doubted`, `newcomer_writes`, `debrief`, `not_answered`, `no_check_in`, `gap`, `withdrawn`,
    `another_phone`, `clock_wrong`, `template_refused`, `cohort_alone`,
    `declined`.
    """

    what: str
    code_name: str = ""
    number: str = ""
    conversation_id: str = ""


@dataclass(frozen=True, slots=True)
class BroadcastMoved(Event):
    """A broadcast of hers has come on: the progress line is brought up to date."""

    broadcast_id: str


@dataclass(frozen=True, slots=True)
class AccessEnded(Event):
    """Her rights end now: case texts leave her chat, her cases ring again (S14)."""
