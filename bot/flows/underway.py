"""A broadcast under way: one line that is brought up to date in place, with pause, continue and cancel."""

from collections import Counter
from collections.abc import Mapping

from bot.core.conversation import BroadcastFigures
from bot.core.effects import Amend, StartBroadcast, SteerBroadcast
from bot.core.events import BroadcastMoved, ButtonPressed
from bot.core.messages import Rows
from bot.core.teamwork import BroadcastBegun
from bot.flows.choices import chose, named
from bot.flows.rights import every, is_coordinator
from bot.flows.turn import ANY, Audience, Flow, Transition, Turn

MOVED = {
    "waiting": "Begins in two minutes.",
    "running": "On its way.",
    "paused": "Paused.",
    "cancelled": "Cancelled. What had not gone yet never goes.",
    "done": "Finished.",
}
COUNTS = {
    "sent": "sent",
    "shown": "seen with what she opened",
    "waiting": "still waiting",
    "left_out": "left out",
    "late": "not opened in time",
    "failed": "failed",
    "unknown": "not known",
    "cancelled": "not sent any more",
}


REASONS = {
    "case": "open case",
    "open_case": "open case",
    "stopped": "stopped",
    "hidden": "hidden",
    "paused": "paused",
    "frozen": "frozen",
    "unreachable": "not reachable",
    "unconfirmed": "not met in person yet",
    "withheld": "pushes are held",
}
"""Why a mother is left out, as cohorts are counted before and as her own turn says it."""


def say_left_out(turn: Turn, numbers: Mapping[str, int]) -> list[str]:
    """Why how many are left out, one reason a line."""
    told: Counter[str] = Counter()
    for reason, number in sorted(numbers.items()):
        told[REASONS.get(reason, "other reasons")] += number
    return [turn.text("Left out: {why}, {n}", why=turn.text(why), n=number) for why, number in told.items() if number]


def tag_of(broadcast_id: str) -> str:
    """The progress line of one broadcast."""
    return f"broadcast:{broadcast_id}"


def steer(turn: Turn) -> None:
    """Pause, continue, cancel; harmless when pressed twice."""
    state = {"cast.pause": "paused", "cast.on": "running", "cast.cancel": "cancelled"}[
        turn.event.choice.partition(":")[0]
    ]
    turn.do(SteerBroadcast(named(turn), state))
    turn.say_to_desk(turn.text(MOVED[state]), *_steering(turn, BroadcastFigures(named(turn), state)))


def begin(turn: Turn, broadcast: StartBroadcast, count: int) -> None:
    """It begins after the time to undo, which every coordinator has: its author's phone may be off, or not hers."""
    turn.do(broadcast)
    waiting = BroadcastFigures(broadcast.broadcast_id, "waiting")
    turn.say_to_desk(turn.text(MOVED["waiting"]), *_steering(turn, waiting), tag=tag_of(waiting.id))
    alias = turn.facts.staff.alias if turn.facts.staff else ""
    begun = BroadcastBegun(waiting.id, alias, count, broadcast.tg, broadcast.ru)
    for colleague in turn.facts.roster.coordinators():
        if colleague.conversation_id != turn.conversation.id:
            turn.post(begun, colleague.conversation_id)


def show_begun(turn: Turn) -> None:
    """What a colleague is about to send, and the way to stop it."""
    begun: BroadcastBegun = turn.event
    told = turn.text(
        "{alias} is sending this to {n} mothers. It begins in two minutes; you can stop it too.",
        alias=begun.alias,
        n=begun.count,
    )
    running = BroadcastFigures(begun.broadcast_id, "running")
    turn.say_to_desk(f"{told}\n\n{begun.tg}\n\n{begun.ru}", *_steering(turn, running))


def show_progress(turn: Turn) -> None:
    """One line that is brought up to date in place."""
    figures = turn.facts.broadcast
    if figures is None or figures.id != turn.event.broadcast_id:
        turn.say_to_desk(turn.text("An earlier message to cohorts has come on."))
        return
    counts = ", ".join(
        f"{turn.text(key)} {figures.counts[name]}" for name, key in COUNTS.items() if figures.counts.get(name)
    )
    lines = [turn.text(MOVED.get(figures.state, "On its way.")), *filter(None, [counts])]
    text = "\n".join([*lines, *say_left_out(turn, figures.left_out)])
    turn.do(Amend(tag_of(figures.id), turn.outgoing(text, _steering(turn, figures))))


def _steering(turn: Turn, figures: BroadcastFigures) -> Rows:
    cancel = turn.button("Cancel the rest", f"cast.cancel:{figures.id}", standing=True)
    if figures.state == "waiting":
        return ((turn.button("Undo, send nothing", f"cast.cancel:{figures.id}", standing=True),),)
    if figures.state == "running":
        return ((turn.button("Pause it", f"cast.pause:{figures.id}", standing=True), cancel),)
    if figures.state == "paused":
        return ((turn.button("Let it go on", f"cast.on:{figures.id}", standing=True), cancel),)
    if figures.may_open:  # all have the line, and the text comes with what they open
        return ((turn.button("Show it no more", f"cast.cancel:{figures.id}", standing=True),),)
    return ()


UNDERWAY = Flow(
    "Underway",
    Audience.STAFF,
    (),
    (
        Transition(
            on=ButtonPressed,
            source=ANY,
            to=None,
            do=steer,
            when=every(chose("cast.pause", "cast.on", "cast.cancel"), is_coordinator),
        ),
        Transition(on=BroadcastBegun, source=ANY, to=None, do=show_begun),
        Transition(on=BroadcastMoved, source=ANY, to=None, do=show_progress),
    ),
)
