"""Conflict of interest: a mother who is somebody's relative or neighbour; her cases are never shown to that person.

She says so herself, or a coordinator does; only a coordinator takes it back, and never for herself.
"""

from bot.core.effects import Audit, KeepApart
from bot.core.events import ButtonPressed, CaseHandedBack
from bot.core.messages import Button
from bot.core.people import Staff
from bot.core.teamwork import ConflictNamed, LookEnded
from bot.flows import digest
from bot.flows.choices import chose, named
from bot.flows.meeting import ONE, chosen, is_still_here
from bot.flows.rights import cases_along, every, is_coordinator, is_facilitator_or_coordinator, me, own_cases
from bot.flows.staff import cancel_button, leave_step
from bot.flows.turn import ANY, Audience, Flow, State, Transition, Turn

WHOSE = "Apart:whose"


def keep_apart(turn: Turn, conversation_id: str, by: str, *, is_apart: bool) -> None:
    """Keep it: that mother's case goes back if it is hers, one she looks along at is closed, shared answers go."""
    turn.do(KeepApart(conversation_id, by, is_apart), Audit("keep_apart" if is_apart else "keep_apart_no_more", by))
    if is_apart:
        for case in own_cases(turn):
            if case.conversation_id == conversation_id:
                turn.post(CaseHandedBack(case.id, me(turn).id), case.conversation_id)
        for case in cases_along(turn):
            if case.conversation_id == conversation_id:
                turn.post(LookEnded(case.id, me(turn).id), case.conversation_id)
        digest.take_from(turn, conversation_id)


def say_mine(turn: Turn) -> None:
    """The mother of this step is her relative or neighbour."""
    name, _ = chosen(turn)
    keep_apart(turn, turn.data["step"]["person"], me(turn).id, is_apart=True)
    leave_step(turn)
    turn.say_to_desk(
        turn.text(
            "Thank you for saying so. What {name} writes is never shown to you. Only a coordinator can take this back.",
            name=name,
        )
    )


# ---- a coordinator says it for a colleague


def others(turn: Turn) -> tuple[Staff, ...]:
    """Everybody but herself: nobody opens a relative's case to herself."""
    return tuple(sorted((s for s in turn.facts.roster.staff if s.id != me(turn).id), key=lambda s: s.alias))


def ask_whose(turn: Turn) -> None:
    """The team by alias; those kept apart are marked, pressing changes it."""
    name, _ = chosen(turn)
    person = turn.data.get("step", {}).get("person", "")
    turn.say_to_desk(
        turn.text(
            "Whose relative or neighbour is {name}? Her cases are then never shown to that colleague.", name=name
        ),
        *((Button(f"{'✓ ' if person in s.conflicts else ''}{s.alias}", f"apart:{s.id}"),) for s in others(turn)),
        (cancel_button(turn),),
    )


def is_other(turn: Turn) -> bool:
    """Whether a colleague was pressed, and the mother is still of her cohorts."""
    return chose("apart")(turn) and named(turn) in {s.id for s in others(turn)} and is_still_here(turn)


def change_other(turn: Turn) -> None:
    """The colleague's own conversation keeps it."""
    name, _ = chosen(turn)
    person = turn.data["step"]["person"]
    staff = next(s for s in others(turn) if s.id == named(turn))
    is_apart = person not in staff.conflicts
    leave_step(turn)
    turn.post(ConflictNamed(person, is_apart, me(turn).id), staff.conversation_id)
    key = (
        "{name}'s cases are no longer shown to {alias}."
        if is_apart
        else "{name} and {alias}: cases may be shown again."
    )
    turn.say_to_desk(turn.text(key, name=name, alias=staff.alias))


def take_conflict(turn: Turn) -> None:
    """A coordinator said it; of whom is not repeated here."""
    event = turn.event
    keep_apart(turn, event.conversation_id, event.by, is_apart=event.is_apart)
    if event.is_apart:
        turn.say_to_desk(
            turn.text("A coordinator noted that you know one of the mothers in your own life: her cases go to others.")
        )
    else:
        turn.say_to_desk(turn.text("A coordinator took back a note that you know one of the mothers in your own life."))


APART = Flow(
    "Apart",
    Audience.STAFF,
    (State(WHOSE, ask_whose),),
    (
        Transition(
            on=ButtonPressed,
            source=ONE,
            to=None,
            do=say_mine,
            when=every(chose("meet.mine"), is_still_here, is_facilitator_or_coordinator),
        ),
        Transition(
            on=ButtonPressed,
            source=ONE,
            to=WHOSE,
            when=every(chose("meet.whose"), is_still_here, is_coordinator),
        ),
        Transition(on=ButtonPressed, source=WHOSE, to=None, do=change_other, when=every(is_other, is_coordinator)),
        Transition(on=ConflictNamed, source=ANY, to=None, do=take_conflict),
    ),
)
