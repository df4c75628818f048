"""The window that she presses for a case: when we may write to her about it; no press means S1 alone."""

from datetime import timedelta

from bot.core.cases import Case
from bot.core.effects import CancelSends, ChangeCase, Purpose, Unschedule
from bot.core.events import ButtonPressed
from bot.flows import case_hers
from bot.flows.answer import HOURS, WINDOWS, reply
from bot.flows.choices import chose, named
from bot.flows.conditions import open_case
from bot.flows.turn import ANY, Audience, Flow, Transition, Turn


def allow(turn: Turn) -> None:
    """She says when; it holds for this case, and what waits for her already is offered now that she is here."""
    case, wish = open_case(turn), named(turn)
    if case is None or wish not in {*WINDOWS, HOURS}:
        turn.show()
        return
    turn.data.pop("is_held_off", None)
    if wish == HOURS:
        _keep_to_hours(turn, case)
    else:
        turn.data.pop("own_hours", None)
        turn.do(ChangeCase(case.id, {"window_until": turn.acted_at + timedelta(minutes=int(wish))}))
    if not (case_hers.may_reply(turn) and case_hers.offer(turn)):
        reply(turn, case.id, turn.text("All right."))


def _keep_to_hours(turn: Turn, case: Case) -> None:
    """No window any more; a line that was to go in one waits for her hours instead."""
    turn.data["own_hours"] = case.id
    turn.data.pop("is_covered", None)
    turn.do(
        ChangeCase(case.id, {"window_until": None}), CancelSends((Purpose.COVER,)), Unschedule((f"cover:{case.id}",))
    )
    case_hers.plan_cover(turn, case)


WINDOW = Flow(
    "Window",
    Audience.MOTHER,
    (),
    (Transition(on=ButtonPressed, source=ANY, to=None, do=allow, when=chose("window")),),
)
