"""Silence is information: a gentle task for a person, once, and never a message to her by itself."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from bot.core import rota
from bot.core.effects import Schedule
from bot.core.events import DeskAlarmed
from bot.core.people import Participant
from bot.core.teamwork import CheckInMissed, SilenceDue
from bot.flows import alarm
from bot.flows.conditions import open_case
from bot.flows.course import waiting_check_in
from bot.flows.turn import ANY, Audience, Flow, Transition, Turn

CHECK_IN_WAITS = timedelta(days=2)


def watch(turn: Turn) -> None:
    """She is here: from now on her silence is noticed."""
    if turn.facts.participant is not None and not turn.data.get("is_watched"):
        begin(turn)


def begin(turn: Turn) -> None:
    """From now on, also for one who joins and then does nothing more."""
    turn.data["is_watched"] = True
    turn.do(Schedule("silence", _morning(turn, turn.now + turn.library.policy.silent_after), SilenceDue()))


def _morning(turn: Turn, at: datetime) -> datetime:
    """What is no alarm comes in the morning."""
    return rota.next_morning(at, ZoneInfo(turn.library.policy.zone))


def look(turn: Turn) -> None:
    """Still silent: a line for her people.  Whoever stopped, rests or cannot be reached has told us already."""
    participant = turn.facts.participant
    turn.data.pop("is_watched", None)
    if participant is None or participant.stopped_at or participant.frozen_at or participant.unreachable_at:
        return
    is_resting = participant.paused_until is not None and participant.paused_until > turn.now
    since = turn.now if is_resting else _last_sign(turn, participant)
    due = since + turn.library.policy.silent_after
    if turn.now < due:
        turn.data["is_watched"] = True
        turn.do(Schedule("silence", _morning(turn, due), SilenceDue()))
    else:
        report(turn)


def _last_sign(turn: Turn, participant: Participant) -> datetime:
    return turn.conversation.last_in_at or participant.joined_at


def report(turn: Turn) -> None:
    """Once for each silence, however it was noticed: to whoever has her case, or to her facilitators."""
    participant = turn.facts.participant
    if participant is None:
        return
    since = _last_sign(turn, participant).isoformat()
    if turn.data.get("silent_since") == since:
        return
    turn.data["silent_since"] = since
    _tell(turn, participant, "silent")


def _tell(turn: Turn, participant: Participant, what: str) -> None:
    case, roster = open_case(turn), turn.facts.roster
    owner = roster.member(case.owner_id or "") if case else None
    people = (owner,) if owner else roster.looking_after(participant.cohort_id, turn.conversation.id)
    number = case.number if case else ""
    alarm.tell(turn, DeskAlarmed(what, participant.code_name, number, turn.conversation.id), people)


def expect_check_in(turn: Turn) -> None:
    """She was to be asked how it went at home: when nothing comes in an open case, a person should know."""
    turn.do(Schedule("quiet", _morning(turn, turn.now + CHECK_IN_WAITS), CheckInMissed(turn.event.lesson)))


def look_for_check_in(turn: Turn) -> None:
    """Only while her case is open, and only if she has not answered."""
    participant, waiting = turn.facts.participant, waiting_check_in(turn)
    if participant is None or open_case(turn) is None or waiting is None or waiting.id != turn.event.lesson:
        return
    _tell(turn, participant, "no_check_in")


SILENCE = Flow(
    "Silence",
    Audience.MOTHER,
    (),
    (
        Transition(on=SilenceDue, source=ANY, to=None, do=look),
        Transition(on=CheckInMissed, source=ANY, to=None, do=look_for_check_in),
    ),
)
