"""The desk's side of a move: the code on the facilitator's screen, the word of whoever has the case (S17)."""

from bot.core.effects import Schedule, Unsay
from bot.core.events import ButtonPressed, SweepDue
from bot.core.moving import MoveAllowed, MoveCodeMade, MoveSettled, MoveWanted
from bot.flows.cards import say_when
from bot.flows.choices import chose, named
from bot.flows.rights import me, own_case
from bot.flows.steps import say_not_yours
from bot.flows.turn import ANY, Audience, Flow, Transition, Turn

TAG = "move"
"""The message with a code: it leaves the chat when the code is no longer good."""

SETTLED = {
    "asked": (
        "{name}: somebody is helping her just now and is asked first. When she agrees, the code comes here; nothing "
        "has changed yet."
    ),
    "refused": "{name}: whoever is helping her does not agree. No code was made; please speak with each other.",
    "untaken": "{name}: something of hers waits in Open cases. Somebody takes it first; then ask for the code again.",
    "frozen": "{name}: nothing goes to her now, because somebody of the team has frozen it. No code is good meanwhile.",
    "role": "This is not yours to do: only a facilitator of her cohort can, and nobody who knows her in her own life.",
    "helped": (
        "{name}: somebody is being helped in the chat in which her code was given, so nothing was mixed. End that case "
        "first, then ask for a new code."
    ),
    "changed": "{name}: whether she may move must be asked anew, because her case has changed. Ask for a new code.",
    "over": "This question is not open any more. Nothing was changed.",
    "done": (
        "{name} writes from another phone or chat now. Her place came along, nothing that was written did, and her "
        "earlier chat is closed. She counts as not met until you see her in person and confirm her again."
    ),
    "case": (
        "No. {number}: she writes from another phone or chat now. Nothing of the case was shown there. What waited for "
        "her was taken back; the writer is not verified."
    ),
}


def show_code(turn: Turn) -> None:
    """The eight digits, to be told by voice."""
    event = turn.event
    turn.say_to_desk(
        turn.text(
            "For {name}: {code}\nGood once, until {when}. Tell it to her by voice. She writes these eight digits to us "
            "from her new phone or chat.",
            name=event.code_name,
            code=f"{event.code[:4]} {event.code[4:]}",
            when=say_when(turn, event.until),
        ),
        tag=TAG,
        expires_at=event.until,
    )
    turn.do(Schedule(f"sweep:{TAG}", event.until, SweepDue(tag=TAG)))


def is_of_code(turn: Turn) -> bool:
    """Whether it is the code that leaves the chat."""
    return bool(turn.event.tag == TAG)


def sweep(turn: Turn) -> None:
    """It is no longer good."""
    turn.do(Unsay(tag=TAG))


def ask_owner(turn: Turn) -> None:
    """Whoever has the case says whether it is a good moment, and whether it is she who asks."""
    event = turn.event
    turn.say_to_desk(
        turn.text(
            "No. {number}: {alias} says that the mother of this case wants to write from another phone or chat. "
            "Somebody may be pressing her. Do you agree now?",
            number=event.number,
            alias=event.alias,
        ),
        (
            turn.button("I agree", f"move.yes:{event.case_id}", standing=True),
            turn.button("Not now", f"move.no:{event.case_id}", standing=True),
        ),
    )


def answer(turn: Turn) -> None:
    """Her word goes to the case's conversation, which checks whose word it is."""
    case = own_case(turn, named(turn))
    if case is None:
        say_not_yours(turn)
        return
    is_allowed = chose("move.yes")(turn)
    turn.post(MoveAllowed(case.id, me(turn).id, is_allowed), case.conversation_id)
    turn.say_to_desk(turn.text("No. {number}: your word was passed on.", number=case.number))


def settle(turn: Turn) -> None:
    """What became of it."""
    event = turn.event
    how = "case" if event.how == "done" and event.number else event.how
    turn.say_to_desk(turn.text(SETTLED.get(how, SETTLED["over"]), name=event.code_name, number=event.number))


MOVING_DESK = Flow(
    "MovingDesk",
    Audience.STAFF,
    (),
    (
        Transition(on=MoveCodeMade, source=ANY, to=None, do=show_code),
        Transition(on=SweepDue, source=ANY, to=None, do=sweep, when=is_of_code),
        Transition(on=MoveWanted, source=ANY, to=None, do=ask_owner),
        Transition(on=MoveSettled, source=ANY, to=None, do=settle),
        Transition(on=ButtonPressed, source=ANY, to=None, do=answer, when=chose("move.yes", "move.no")),
    ),
)
