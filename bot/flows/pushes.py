"""What falls due for her: a page, a check-in, a word after silence, the end of a pause, a broadcast (S1, S2, S4)."""

from datetime import datetime, timedelta

from bot.core.effects import CancelSends, CountPush, Purpose, Schedule, SettleRecipient, Unschedule
from bot.core.events import (
    BroadcastArrived,
    BroadcastCancelled,
    ButtonPressed,
    CatchUpDue,
    CheckInDue,
    LessonDue,
    ModuleOpened,
    NudgeDue,
    PauseEnded,
)
from bot.core.messages import Button, Lane
from bot.core.people import Participant
from bot.core.templates import SILENT
from bot.flows import case_hers, lesson, silence
from bot.flows.choices import chose
from bot.flows.conditions import has_joined, open_case
from bot.flows.course import current, lesson_of, next_lesson, opened
from bot.flows.pace import closes_by, fell_due, is_closed, may_go, open_until, plan, push
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


# ---- what a coordinator sends


def take_broadcast(turn: Turn) -> None:
    """By S4 it goes now, later within its time, or not at all."""
    event, participant = turn.event, turn.facts.participant
    key = f"broadcast:{event.broadcast_id}"
    reason = left_out_because(turn, participant)
    if reason or participant is None:
        turn.do(SettleRecipient(event.broadcast_id, "left_out", reason))
        turn.data.get("due", {}).pop(key, None)
        return
    if turn.now < event.expires_at and may_go(turn, key, is_new=False):
        _say_broadcast(turn, participant)
    elif key in turn.data.get("due", {}):
        turn.do(SettleRecipient(event.broadcast_id, "waiting"))
    else:
        turn.do(SettleRecipient(event.broadcast_id, "left_out", "late"))


def left_out_because(turn: Turn, participant: Participant | None) -> str:
    """Why a broadcast does not go to her at all (S4, S16); empty when it may."""
    if participant is None:
        return "erased"
    reasons = {
        "case": open_case(turn) is not None or turn.held_by is not None,
        "stopped": participant.stopped_at,
        "hidden": participant.hidden_at,
        "frozen": participant.frozen_at,
        "withheld": participant.are_pushes_withheld,
        "paused": participant.is_silent(turn.now) and participant.paused_until,
        "unreachable": participant.unreachable_at,
        "unconfirmed": not participant.is_confirmed,
        "hours": participant.hours is None,
        "window": is_closed(turn) and not turn.library.policy.silent_reach,
    }
    return next((reason for reason, holds in reasons.items() if holds), "")


def _say_broadcast(turn: Turn, participant: Participant) -> None:
    """The text itself on a phone that is hers alone, else a neutral line and the text after Open (S2).

    To one who is silent on WhatsApp before it must have gone it is the neutral line, too: a template can stand for
    nothing else.
    """
    event = turn.event
    expires_at = min(event.expires_at, open_until(turn) or turn.now)
    is_by_template = bool(turn.library.policy.silent_reach) and closes_by(turn, expires_at)
    text = event.tg if turn.language == "tg" else event.ru
    rows: tuple[tuple[Button, ...], ...] = ()
    if not participant.may_see_content or is_by_template:
        until = event.expires_at.isoformat()
        turn.data["broadcast"] = {"id": event.broadcast_id, "tg": event.tg, "ru": event.ru, "until": until}
        text = turn.text("Your page is here. Open it whenever you like.")
        rows = (_open_or_later(turn),)
    turn.say(
        text,
        *rows,
        lane=Lane.BROADCAST,
        purpose=Purpose.BROADCAST,
        expires_at=expires_at,
        broadcast_id=event.broadcast_id,
        tag=SILENT if is_closed(turn) else "",
        dedupe=f"broadcast:{event.broadcast_id}:{participant.id}",
    )
    turn.do(CountPush(turn.now))


def cancel_broadcast(turn: Turn) -> None:
    """What has not gone must not go; what she has not opened must not open."""
    name = turn.event.broadcast_id
    turn.do(CancelSends(broadcast_id=name), Unschedule((f"broadcast:{name}",)))
    turn.data.get("due", {}).pop(f"broadcast:{name}", None)
    if turn.data.get("broadcast", {}).get("id") == name:
        turn.data.pop("broadcast")


# ---- Open and Later


def open_waiting(turn: Turn) -> None:
    """Open: a person's answer first, then a coordinator's text, then how it went, then her page."""
    if not turn.is_fresh:  # whoever holds the phone now did not open it
        if turn.is_live and not (case_hers.may_reply(turn) and case_hers.offer(turn)):
            turn.say(turn.text("Your page is here. Open it whenever you like."), _open_or_later(turn))
        return
    if case_hers.offer(turn):
        return
    waiting = turn.data.pop("broadcast", None)
    if waiting is not None and turn.now < datetime.fromisoformat(waiting["until"]):
        turn.say(waiting[turn.language])
        return
    lesson.open_page(turn)


def is_known(turn: Turn) -> bool:
    """Whether anything waits for her here; a button in a chat that she has left tells nobody of pages (S17)."""
    return has_joined(turn) or open_case(turn) is not None


def _open_or_later(turn: Turn) -> tuple[Button, ...]:
    return turn.button("Open", "push.open", standing=True), turn.button("Later", "push.later", standing=True)


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
        Transition(on=BroadcastArrived, source=ANY, to=None, do=take_broadcast),
        Transition(on=BroadcastCancelled, source=ANY, to=None, do=cancel_broadcast),
        Transition(on=ButtonPressed, source=ANY, to=None, do=open_waiting, when=every(is_known, chose("push.open"))),
        Transition(
            on=ButtonPressed, source=ANY, to=None, do=case_hers.read_later, when=every(is_known, chose("push.later"))
        ),
    ),
)
