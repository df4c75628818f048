"""What falls due for her: a page, a check-in, a word after silence, the end of a pause (S1, S2)."""

from datetime import timedelta

from bot.core.effects import Schedule
from bot.core.events import (
    ButtonPressed,
    CatchUpDue,
    CheckInDue,
    LessonDue,
    ModuleOpened,
    NudgeDue,
    PauseEnded,
)
from bot.flows import broadcast_hers, case_hers, lesson, silence
from bot.flows.choices import chose
from bot.flows.conditions import has_joined, open_case
from bot.flows.course import current, lesson_of, next_lesson, opened
from bot.flows.pace import fell_due, may_go, open_or_later, plan, push
from bot.flows.rights import every
from bot.flows.screens import stand
from bot.flows.turn import ANY, Audience, Flow, Transition, Turn

FIRST_NUDGE, SECOND_NUDGE = timedelta(hours=48), timedelta(days=7)


# ---- pages


def plan_module(turn: Turn) -> None:
    """The session was held: the first page of the module is announced in her hours."""
    page = next_lesson(turn, modules=(turn.event.module,))
    if page is not None:
        plan(turn, "lesson", LessonDue(page.id), turn.now)


def announce_page(turn: Turn) -> None:
    """A page is ready: its neutral line, unless it is gone, finished or not hers yet."""
    fell_due(turn, "lesson")
    page = lesson_of(turn, turn.event.lesson)
    participant = turn.facts.participant
    if page is None or participant is None or page.id in (*participant.finished, turn.data.get("lesson")):
        return
    if not any(page in module.lessons for module in opened(turn)):
        return
    if may_go(turn, "lesson"):
        push(turn, page.push.in_language(turn.language))
        turn.do(Schedule("nudge", turn.now + FIRST_NUDGE, NudgeDue(1)))


def ask_how_it_went(turn: Turn) -> None:
    """The day after a practice: a neutral line; the question itself follows Open."""
    silence.expect_check_in(turn)
    fell_due(turn, "check_in")
    if lesson_of(turn, turn.event.lesson) is not None and may_go(turn, "check_in"):
        push(turn, turn.text("Your page is here. Open it whenever you like."))


def nudge(turn: Turn) -> None:
    """Two reminders at most, then silence, and a line for her facilitators."""
    fell_due(turn, "nudge")
    participant, last = turn.facts.participant, turn.conversation.last_in_at
    if participant is None or not _has_something_open(turn):
        return
    step = turn.event.step
    due = (last or participant.joined_at) + (FIRST_NUDGE if step == 1 else SECOND_NUDGE)
    if turn.now < due:
        turn.do(Schedule("nudge", due, NudgeDue(step)))
        return
    if may_go(turn, "nudge", is_new=False):
        push(turn, turn.text("Your page is here. Open it whenever you like."))
    elif "nudge" in turn.data.get("due", {}):
        return
    if step == 1:
        turn.do(Schedule("nudge", due + SECOND_NUDGE - FIRST_NUDGE, NudgeDue(2)))
    else:
        silence.report(turn)


def _has_something_open(turn: Turn) -> bool:
    return current(turn) is not None or next_lesson(turn) is not None


def end_pause(turn: Turn) -> None:
    """The days she asked for are over: one line in her hours."""
    participant = turn.facts.participant
    if participant is None or participant.paused_until is None or participant.paused_until > turn.now:
        return
    stand(turn, paused_until=None)
    turn.data.pop("pause", None)
    plan(turn, "catch_up", CatchUpDue(), turn.now)
    if (case := open_case(turn)) is not None:
        case_hers.plan_cover(turn, case)


def catch_up(turn: Turn) -> None:
    """One line for all that was missed, never ten."""
    if may_go(turn, "catch_up", is_new=False):
        turn.data.pop("has_missed", None)
        push(turn, turn.text("Your page is here. Open it whenever you like."))


# ---- Open and Later


def open_waiting(turn: Turn) -> None:
    """Open: a person's answer first, then a coordinator's text, then how it went, then her page."""
    if not turn.is_fresh:  # whoever holds the phone now did not open it
        if turn.is_live and not (case_hers.may_reply(turn) and case_hers.offer(turn)):
            turn.say(turn.text("Your page is here. Open it whenever you like."), open_or_later(turn))
        return
    if case_hers.offer(turn):
        return
    if not broadcast_hers.open_announced(turn):
        lesson.open_page(turn)


def is_known(turn: Turn) -> bool:
    """Whether anything waits for her here; a button in a chat that she has left tells nobody of pages (S17)."""
    return has_joined(turn) or open_case(turn) is not None


PUSHES = Flow(
    "Pushes",
    Audience.MOTHER,
    (),
    (
        Transition(on=ModuleOpened, source=ANY, to=None, do=plan_module),
        Transition(on=LessonDue, source=ANY, to=None, do=announce_page),
        Transition(on=CheckInDue, source=ANY, to=None, do=ask_how_it_went),
        Transition(on=NudgeDue, source=ANY, to=None, do=nudge),
        Transition(on=PauseEnded, source=ANY, to=None, do=end_pause),
        Transition(on=CatchUpDue, source=ANY, to=None, do=catch_up),
        Transition(on=ButtonPressed, source=ANY, to=None, do=open_waiting, when=every(is_known, chose("push.open"))),
        Transition(
            on=ButtonPressed, source=ANY, to=None, do=case_hers.read_later, when=every(is_known, chose("push.later"))
        ),
    ),
)
