"""A broadcast on her side: whether it comes, on which day, and else with what she opens herself, once (S1, S2, S4)."""

from datetime import datetime

from bot.core.conversation import LATE, SHOWN
from bot.core.effects import (
    CancelSends,
    CountPush,
    Purpose,
    Say,
    SettleRecipient,
    Unschedule,
)
from bot.core.events import BroadcastArrived, BroadcastCancelled, ButtonPressed, MessageReceived
from bot.core.messages import Button, Lane
from bot.core.people import Participant
from bot.core.templates import SILENT
from bot.flows.answer import is_telling
from bot.flows.conditions import is_text, open_case
from bot.flows.courtesies import is_courtesy
from bot.flows.lesson import CHECK_IN, STEPS
from bot.flows.menu import FINISHED
from bot.flows.pace import closes_by, drop_broadcast, fell_due, is_closed, may_go, open_or_later, open_until
from bot.flows.preferences import READY
from bot.flows.screens import MENU
from bot.flows.turn import ANY, Audience, Flow, Transition, Turn

OPENED = (MENU, FINISHED, READY, CHECK_IN, *STEPS)
"""Where she is after opening something of ours; nowhere in safety, consent, settings or the question of harm."""


# ---- whether, and when


def take_broadcast(turn: Turn) -> None:
    """By S4 it goes now, waits for a free day of hers or for her own act, or does not come at all."""
    event, participant = turn.event, turn.facts.participant
    key = f"broadcast:{event.broadcast_id}"
    reason = left_out_because(turn, participant)
    if turn.now >= event.expires_at:
        reason = reason or LATE
    if reason or participant is None:
        drop_broadcast(turn, event.broadcast_id)
        turn.do(SettleRecipient(event.broadcast_id, "left_out", reason))
        return
    fell_due(turn, key)
    barrier = _bars_a_push(turn, participant)
    if not barrier and may_go(turn, key, is_new=False):
        drop_broadcast(turn, event.broadcast_id)
        _say_broadcast(turn, participant)
        return
    until = event.expires_at.isoformat()
    turn.data.setdefault("unshown", {})[event.broadcast_id] = {"tg": event.tg, "ru": event.ru, "until": until}
    turn.do(SettleRecipient(event.broadcast_id, "waiting", barrier))


def left_out_because(turn: Turn, participant: Participant | None) -> str:
    """Why a broadcast does not come to her at all (S4, S16); empty when it may."""
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
    }
    return next((reason for reason, holds in reasons.items() if holds), "")


def _bars_a_push(turn: Turn, participant: Participant) -> str:
    """Why it cannot come unprompted, so that she alone can open it; empty when it can."""
    if participant.hours is None:
        return "hours"
    return "window" if is_closed(turn) and not turn.library.policy.silent_reach else ""


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
        rows = (open_or_later(turn),)
    turn.say(
        text,
        *rows,
        lane=Lane.BROADCAST,
        purpose=Purpose.BROADCAST,
        expires_at=expires_at,
        broadcast_id=event.broadcast_id,
        tag=SILENT if is_closed(turn) else "",
        dedupe=_once(event.broadcast_id, participant),
    )
    turn.do(CountPush(turn.now))


def _once(broadcast_id: str, participant: Participant) -> str:
    """However it comes to her, it comes once."""
    return f"broadcast:{broadcast_id}:{participant.id}"


def open_announced(turn: Turn) -> bool:
    """The text after its neutral line; whether there is one that still goes, and to her (S4, S16)."""
    announced = turn.data.get("broadcast")
    if announced is None:
        return False
    is_over = turn.now >= datetime.fromisoformat(announced["until"]) or left_out_because(turn, turn.facts.participant)
    is_going = announced["id"] in turn.facts.going and not is_over
    if is_over or is_going:
        turn.data.pop("broadcast")
    if is_going:
        turn.say(announced[turn.language])
    return is_going


# ---- with what she opens herself


def show(turn: Turn) -> None:
    """What waited comes before what she has just opened, as part of the reply to her act, and is no push any more."""
    participant = turn.facts.participant
    if participant is None or left_out_because(turn, participant) or not _is_at_ease(turn):
        return
    began, said = turn.conversation.last_in_at or turn.now, []
    for broadcast_id, waiting in sorted(turn.data["unshown"].items()):
        until = datetime.fromisoformat(waiting["until"])
        if broadcast_id not in turn.facts.going or turn.now >= until:
            continue
        drop_broadcast(turn, broadcast_id)
        turn.do(Unschedule((f"broadcast:{broadcast_id}",)))
        said.append(
            Say(
                turn.outgoing(waiting[turn.language]),
                purpose=Purpose.BROADCAST,
                expires_at=min(began + turn.reply_window, until),
                broadcast_id=broadcast_id,
                tag=SHOWN,
                dedupe=_once(broadcast_id, participant),
            )
        )
    turn.effects[:0] = said


def _is_at_ease(turn: Turn) -> bool:
    """Whether she opened something just now and is answered for it alone: no case, no quiet, no other hours (S5)."""
    said = {effect.purpose for effect in turn.effects if isinstance(effect, Say)}
    calls_back = any(isinstance(effect, CancelSends) for effect in turn.effects)
    is_answered_alone = said == {Purpose.REPLY} and not calls_back and not is_telling(turn)
    return turn.is_fresh and turn.state in OPENED and _is_opening(turn) and is_answered_alone


def _is_opening(turn: Turn) -> bool:
    """Whether it is a press, a word that acts or a greeting; other words of hers are answered by themselves."""
    event = turn.event
    if isinstance(event, MessageReceived):
        is_answer = turn.conversation.state in turn.library.listening
        return is_text(turn) and is_courtesy(turn) and not is_answer
    return not (isinstance(event, ButtonPressed) and event.choice.endswith(".later"))


# ---- withdrawn, or over


def cancel_broadcast(turn: Turn) -> None:
    """What has not gone must not go; what she has not opened must not open."""
    name, is_over = turn.event.broadcast_id, turn.event.is_over
    turn.do(CancelSends(broadcast_id=name), Unschedule((f"broadcast:{name}",)))
    if drop_broadcast(turn, name) and not is_over:
        turn.do(SettleRecipient(name, "cancelled"))
    if turn.data.get("broadcast", {}).get("id") == name:
        turn.data.pop("broadcast")


BROADCAST_HERS = Flow(
    "BroadcastHers",
    Audience.MOTHER,
    (),
    (
        Transition(on=BroadcastArrived, source=ANY, to=None, do=take_broadcast),
        Transition(on=BroadcastCancelled, source=ANY, to=None, do=cancel_broadcast),
    ),
)
