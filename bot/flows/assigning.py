"""A coordinator names the facilitator who should take a case; she sees cards and reads nothing (S12)."""

from bot.core.cases import Case
from bot.core.events import ButtonPressed
from bot.core.messages import Button
from bot.core.people import Staff
from bot.core.teamwork import CaseAssigned
from bot.flows.cards import card_of
from bot.flows.choices import chose, named
from bot.flows.rights import every, is_coordinator, known_case, me
from bot.flows.ringing import REFUSALS
from bot.flows.staff import cancel_button, leave_step
from bot.flows.steps import begin
from bot.flows.turn import ANY, Audience, Flow, State, Transition, Turn

NAMING = "Assign:naming"


def able(turn: Turn) -> tuple[Staff, ...]:
    """The facilitators who may take the case of this step and are there: on duty first, then with the fewest cases."""
    case = _case(turn)
    if case is None:
        return ()
    found = turn.facts.roster.facilitators(case.cohort_id, case.conversation_id)
    there = (s for s in found if s.id != case.owner_id and not s.is_away(turn.now))
    loads = turn.facts.loads
    return tuple(sorted(there, key=lambda s: (not s.is_on_duty(turn.now), loads.get(s.id, 0), s.alias)))


def _case(turn: Turn) -> Case | None:
    """The case of this step, as long as it is open and where it was when the step began."""
    step = turn.data.get("step", {})
    case = known_case(turn, step.get("case"))
    return case if case is not None and case.conversation_id == step["to"] else None


def ask_who(turn: Turn) -> None:
    """Who may take it, with how many cases each has."""
    case = _case(turn)
    if case is None:
        say_gone(turn)
        return
    turn.data["step"]["owner"] = case.owner_id or ""
    staff = able(turn)
    if not staff:
        leave_step(turn)
        turn.say_to_desk(
            turn.text(
                "Nobody who is there may take No. {number}. It goes on ringing; please call somebody.",
                number=case.number,
            )
        )
        return
    turn.say_to_desk(
        card_of(turn, case)
        + "\n"
        + turn.text("Who should take it? She is rung first; the alarm goes on until she acts."),
        *((Button(_label(turn, s), f"assign.to:{s.id}"),) for s in staff),
        (cancel_button(turn),),
    )


def _label(turn: Turn, staff: Staff) -> str:
    """Alias and open cases; a mark for who is on duty."""
    mark = "● " if staff.is_on_duty(turn.now) else ""
    return f"{mark}{staff.alias} · {turn.facts.loads.get(staff.id, 0)}"


def has_changed_hands(turn: Turn) -> bool:
    """Whether the case is open, but with another than when she was asked."""
    return _case(turn) is not None and not is_as_shown(turn)


def is_one_of_them(turn: Turn) -> bool:
    """Whether somebody who may take it was pressed."""
    return chose("assign.to")(turn) and named(turn) in {s.id for s in able(turn)}


def is_as_shown(turn: Turn) -> bool:
    """Whether it is still with whom it was when she was asked."""
    case = _case(turn)
    return case is not None and (case.owner_id or "") == turn.data["step"].get("owner")


def say_taken(turn: Turn) -> None:
    """Somebody took it while she was choosing: it stays with her; who wants otherwise begins anew."""
    number = turn.data["step"]["number"]
    leave_step(turn)
    turn.say_to_desk(
        turn.text(REFUSALS["taken"], number=number), (turn.button("Open cases", "menu.queue", standing=True),)
    )


def assign(turn: Turn) -> None:
    """Her wish goes to the case's conversation, which checks it once more."""
    step, to = turn.data["step"], named(turn)
    alias = next(s.alias for s in able(turn) if s.id == to)
    turn.post(CaseAssigned(step["case"], me(turn).id, to, step["owner"]), step["to"])
    leave_step(turn)
    turn.say_to_desk(turn.text("No. {number}: {alias} is being rung.", number=step["number"], alias=alias))


def say_gone(turn: Turn) -> None:
    """Closed, erased or taken by somebody else's hand meanwhile."""
    leave_step(turn)
    turn.say_to_desk(
        turn.text("This case is closed, or it belongs to another cohort. Nothing was changed."),
        (turn.button("Open cases", "menu.queue", standing=True),),
    )


ASSIGNING = Flow(
    "Assigning",
    Audience.STAFF,
    (State(NAMING, ask_who),),
    (
        Transition(
            on=ButtonPressed,
            source=NAMING,
            to=None,
            do=assign,
            when=every(is_one_of_them, is_coordinator, is_as_shown),
        ),
        Transition(
            on=ButtonPressed, source=NAMING, to=None, do=say_taken, when=every(chose("assign.to"), has_changed_hands)
        ),
        Transition(on=ButtonPressed, source=NAMING, to=None, do=say_gone, when=chose("assign.to")),
        Transition(
            on=ButtonPressed,
            source=ANY,
            to=None,
            do=begin(NAMING, known_case),
            when=every(chose("case.assign"), is_coordinator),
        ),
    ),
)
