"""The window that she presses for a case: when we may write to her about it; no press means S1 alone.

It begins with her press, whenever we hear of that, and what she pressed last holds.
"""

from dataclasses import replace
from datetime import timedelta

from bot.core.cases import Case
from bot.core.effects import ChangeCase
from bot.core.events import ButtonPressed
from bot.flows import case_hers, quiet
from bot.flows.answer import HOURS, WINDOWS, ask_when, reply
from bot.flows.choices import chose, named
from bot.flows.conditions import open_case
from bot.flows.turn import ANY, Audience, Flow, Transition, Turn


def allow(turn: Turn) -> None:
    """She says when; it holds for this case, and what waits for her already is offered now that she is here."""
    case, wish = open_case(turn), named(turn)
    if case is None or wish not in {*WINDOWS, HOURS}:
        turn.show()
        return
    if not quiet.is_her_last(turn, "window_at"):
        return
    if quiet.is_hidden(turn):  # a button that Hide took away: by it nothing opens
        turn.do(ChangeCase(case.id, {"window_until": None}))
        turn.show()
        return
    is_over = False
    if wish == HOURS:
        keep_to_hours(turn, case)
    else:
        is_over = not _open(turn, case, timedelta(minutes=int(wish)))
    if not case_hers.may_reply(turn) or case_hers.offer(turn):
        return
    if is_over:
        ask_when(turn, case)
    elif quiet.is_pausing(turn):  # her pause holds over the window; what waits is offered when she writes
        reply(turn, case.id, turn.text("All right. Quiet until you write."))
    else:
        reply(turn, case.id, turn.text("All right."))


def _open(turn: Turn, case: Case, span: timedelta) -> bool:
    """Let us write until then; False where that is over, or where she pressed it for an earlier case."""
    until = turn.acted_at + span
    is_of_another = turn.acted_at < case.opened_at and not turn.is_fresh
    is_over = until <= turn.now or is_of_another or quiet.is_taken_back(turn)
    turn.do(ChangeCase(case.id, {"window_until": None if is_over else until}))
    return not is_over


def keep_to_hours(turn: Turn, case: Case) -> None:
    """No window any more; a line that was to go in one waits for her hours instead."""
    turn.do(ChangeCase(case.id, {"window_until": None}))
    case_hers.plan_cover(turn, replace(case, window_until=None))


WINDOW = Flow(
    "Window",
    Audience.MOTHER,
    (),
    (Transition(on=ButtonPressed, source=ANY, to=None, do=allow, when=chose("window")),),
)
