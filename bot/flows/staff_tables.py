"""All flows of the staff's chat in the order in which they are tried: rights first, loose talk last."""

from datetime import datetime

from bot.core.event import Event
from bot.core.events import (
    AlarmTested,
    AnswerSettled,
    BroadcastMoved,
    ButtonPressed,
    CardChanged,
    CaseGiven,
    CaseMessageArrived,
    CaseRang,
    CommandGiven,
    DeskAlarmed,
    FileGiven,
    MessageEdited,
    MessageReceived,
    ReachChanged,
    SendsFailed,
    StaffWaits,
    Started,
    TakeRefused,
)
from bot.core.harm import CohortWithheld, StillWithheld
from bot.core.measured import MeasuresCounted
from bot.core.messages import Kind
from bot.core.moving import MoveCodeMade, MoveSettled, MoveWanted
from bot.core.people import Role
from bot.core.teamwork import (
    BroadcastBegun,
    ConflictNamed,
    DigestDue,
    FallbackNamed,
    FollowUpAsked,
    GuidanceGiven,
    HistoryGiven,
    NoteLeft,
    OpinionWanted,
    ReflectionsAsked,
    ReflectionsGone,
    ReflectionShared,
    RotaSet,
)
from bot.flows.afterwards import AFTERWARDS
from bot.flows.answering import ANSWERING
from bot.flows.apart import APART
from bot.flows.arranging import ARRANGING
from bot.flows.assigning import ASSIGNING
from bot.flows.broadcasting import BROADCASTING
from bot.flows.casework import CASEWORK
from bot.flows.choices import chose
from bot.flows.coordinator import COORDINATOR
from bot.flows.digest import DIGEST
from bot.flows.duty import DUTY
from bot.flows.enlist import has_staff_code
from bot.flows.fallback import FALLBACK
from bot.flows.guiding import GUIDING
from bot.flows.history import HISTORY
from bot.flows.keeping import KEEPING
from bot.flows.meeting import MEETING
from bot.flows.moving_desk import MOVING_DESK
from bot.flows.newcomers import NEWCOMERS, add_code, come_again, remind
from bot.flows.opinion import OPINION
from bot.flows.reading import READING
from bot.flows.report import REPORT
from bot.flows.rights import ENDED, WAITING, cases_along, every, is_inert, me
from bot.flows.ringing import RINGING
from bot.flows.sessions import SESSIONS
from bot.flows.staff import (
    STAFF,
    TOLD_EVERY,
    has_finding,
    leave_step,
    pass_on_finding,
    say_ended,
    say_inert,
    set_language,
    tell_coordinators,
)
from bot.flows.turn import ANY, BEFORE_ALL, Audience, Flow, Transition, Turn
from bot.flows.underway import UNDERWAY
from bot.flows.voices import VOICES
from bot.flows.withholding import WITHHOLDING

# What an inert member of staff never gets to: her own acts, and everything of the desk (S14).
CLOSED_TO_INERT: tuple[type[Event], ...] = (
    MessageReceived,
    MessageEdited,
    ButtonPressed,
    CommandGiven,
    Started,
    ReachChanged,
    SendsFailed,
    CaseRang,
    CardChanged,
    CaseGiven,
    CaseMessageArrived,
    FileGiven,
    GuidanceGiven,
    HistoryGiven,
    NoteLeft,
    OpinionWanted,
    FollowUpAsked,
    TakeRefused,
    AnswerSettled,
    ConflictNamed,
    FallbackNamed,
    RotaSet,
    StillWithheld,
    CohortWithheld,
    MeasuresCounted,
    StaffWaits,
    AlarmTested,
    DeskAlarmed,
    BroadcastBegun,
    BroadcastMoved,
    ReflectionShared,
    DigestDue,
    ReflectionsAsked,
    ReflectionsGone,
    MoveCodeMade,
    MoveWanted,
    MoveSettled,
)


def keep_closed(turn: Turn) -> None:
    """Why nothing opens: not confirmed yet, or not with us any more."""
    if turn.state == WAITING:
        say_inert(turn)
    else:
        say_ended(turn)


def report_intruder(turn: Turn) -> None:
    """Only the group has a button to take a case for one without rights: coordinators hear that she is in it (S14)."""
    last = turn.data.get("intruded_at")
    if last is None or turn.now - datetime.fromisoformat(last) >= TOLD_EVERY:
        turn.data["intruded_at"] = turn.now.isoformat()
        tell_coordinators(turn, "group_stranger")
    keep_closed(turn)


def is_with_us(turn: Turn) -> bool:
    """Whether she was neither refused nor has left."""
    return turn.state != ENDED


def is_waiting(turn: Turn) -> bool:
    """Whether a colleague's word is still to come."""
    return turn.state == WAITING


RIGHTS = Flow(
    "Rights",
    Audience.STAFF,
    (),
    (
        Transition(on=Started, source=BEFORE_ALL, to=None, do=add_code, when=every(has_staff_code, is_with_us)),
        Transition(on=Started, source=BEFORE_ALL, to=None, do=come_again, when=has_staff_code),
        Transition(
            on=ButtonPressed, source=BEFORE_ALL, to=None, do=set_language, when=every(chose("language.set"), is_waiting)
        ),
        Transition(
            on=ButtonPressed, source=BEFORE_ALL, to=None, do=remind, when=every(chose("staff.remind"), is_waiting)
        ),
        Transition(on=MessageReceived, source=BEFORE_ALL, to=None, do=pass_on_finding, when=has_finding),
        Transition(
            on=ButtonPressed, source=BEFORE_ALL, to=None, do=report_intruder, when=every(is_inert, chose("case.take"))
        ),
        *(Transition(on=event, source=BEFORE_ALL, to=None, do=keep_closed, when=is_inert) for event in CLOSED_TO_INERT),
    ),
)


def say_nobody_heard(turn: Turn) -> None:
    """Loose text is never sent, even while she has one case alone (S13); what she can do instead is by her role."""
    if me(turn).has(Role.FACILITATOR):
        told = turn.text(
            "This went to nobody. To answer a mother, press Reply under her message, or use the "
            "messenger's own reply on it."
        )
    elif cases_along(turn):
        told = turn.text(
            "This went to nobody. Only the facilitator who has a case writes to the mother. To leave a note for the "
            "facilitator, press My cases and there Leave a note."
        )
    else:
        told = turn.text(
            "This went to nobody. Only the facilitator who has a case writes to the mother. What you can do is in the "
            "menu."
        )
    turn.say_to_desk(
        told,
        (turn.button("My cases", "menu.mine", standing=True), turn.button("To the menu", "menu.leave", standing=True)),
    )


def is_at_rest(turn: Turn) -> bool:
    """Whether she is in no step."""
    return turn.state in turn.library.resting


def ask_again(turn: Turn) -> None:
    """Not what this step needs: words where it has only buttons, or neither words nor a press; it is shown again."""
    if turn.event.kind is Kind.TEXT:
        turn.say_to_desk(turn.text("This went to nobody. Please press one of the buttons here."))
    else:
        turn.say_to_desk(turn.text("This went to nobody. Here I understand only written text and the buttons."))
    turn.show()


def say_edit_is_late(turn: Turn) -> None:
    """Editing changes nothing that went."""
    turn.say_to_desk(turn.text("A change made here does not reach anybody. To correct an answer, send a new one."))


def is_of_the_desk(turn: Turn) -> bool:
    """Whether the button belongs to something she has no right or no reason to do now."""
    return str(turn.event.choice) != "stale"


def refuse_press(turn: Turn) -> None:
    """A button that does nothing now."""
    turn.say_to_desk(turn.text("This button does nothing now."))
    if is_at_rest(turn):
        leave_step(turn)
    turn.show()


LOOSE = Flow(
    "Loose",
    Audience.STAFF,
    (),
    (
        Transition(on=MessageReceived, source=ANY, to=None, do=say_nobody_heard, when=is_at_rest),
        Transition(on=MessageReceived, source=ANY, to=None, do=ask_again),
        Transition(on=MessageEdited, source=ANY, to=None, do=say_edit_is_late),
        Transition(on=ButtonPressed, source=ANY, to=None, do=refuse_press, when=is_of_the_desk),
        Transition(on=ButtonPressed, source=ANY, to=None),
    ),
)

STAFF_FLOWS: tuple[Flow, ...] = (
    RIGHTS,
    STAFF,
    NEWCOMERS,
    RINGING,
    MOVING_DESK,
    DIGEST,
    READING,
    GUIDING,
    HISTORY,
    CASEWORK,
    OPINION,
    AFTERWARDS,
    ANSWERING,
    KEEPING,
    DUTY,
    ARRANGING,
    SESSIONS,
    VOICES,
    MEETING,
    APART,
    WITHHOLDING,
    FALLBACK,
    ASSIGNING,
    COORDINATOR,
    REPORT,
    BROADCASTING,
    UNDERWAY,
    LOOSE,
)
