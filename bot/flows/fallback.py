"""The coordinator names the person who is rung when nobody else is there."""

from bot.core.events import ButtonPressed
from bot.core.messages import Button
from bot.core.people import Staff
from bot.core.teamwork import FallbackNamed
from bot.flows.choices import chose, named
from bot.flows.rights import every, is_coordinator, me
from bot.flows.staff import cancel_button, leave_step
from bot.flows.turn import ANY, Audience, Flow, State, Transition, Turn

NAMING = "Fallback:naming"


def candidates(turn: Turn) -> tuple[Staff, ...]:
    """Everybody who is confirmed."""
    return tuple(sorted((s for s in turn.facts.roster.staff if s.is_confirmed), key=lambda s: s.alias))


def begin(turn: Turn) -> None:
    """Ask who it is."""
    leave_step(turn)
    turn.go(NAMING)
    turn.show()


def ask_who(turn: Turn) -> None:
    """The team by alias; the present one is marked."""
    turn.say_to_desk(
        turn.text(
            "Who is rung when nobody else is there? She need not be a facilitator: she sees no words of a mother, "
            "and finds somebody who can take the case."
        ),
        *((Button(f"{'✓ ' if s.is_fallback else ''}{s.alias}", f"fallback:{s.id}"),) for s in candidates(turn)),
        (cancel_button(turn),),
    )


def is_candidate(turn: Turn) -> bool:
    """Whether one of the team was pressed."""
    return chose("fallback")(turn) and named(turn) in {s.id for s in candidates(turn)}


def name(turn: Turn) -> None:
    """She hears it from her own conversation; whoever it was before is released."""
    chosen, by = named(turn), me(turn).id
    leave_step(turn)
    for staff in candidates(turn):
        if staff.id == chosen or staff.is_fallback:
            turn.post(FallbackNamed(is_fallback=staff.id == chosen, by=by), staff.conversation_id)
    alias = next(s.alias for s in candidates(turn) if s.id == chosen)
    turn.say_to_desk(turn.text("{alias} is rung from now on when nobody else is there.", alias=alias))


FALLBACK = Flow(
    "Fallback",
    Audience.STAFF,
    (State(NAMING, ask_who),),
    (
        Transition(on=ButtonPressed, source=NAMING, to=None, do=name, when=every(is_candidate, is_coordinator)),
        Transition(on=ButtonPressed, source=ANY, to=None, do=begin, when=every(chose("menu.fallback"), is_coordinator)),
    ),
)
