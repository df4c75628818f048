"""What the owner of a case does besides answering: a note of an act, passing on, closing with a reason (S10)."""

from bot.core.cases import Outcome
from bot.core.events import ActRecorded, ButtonPressed, CaseCloseAsked, CaseHandedBack, MessageReceived
from bot.flows.cards import sweep_at
from bot.flows.choices import chose, named
from bot.flows.rights import every, me
from bot.flows.ringing import case_rows
from bot.flows.staff import cancel_button, leave_step
from bot.flows.steps import begin, is_plain_text, is_still_hers, keep_typed, refuse_step
from bot.flows.turn import ANY, Audience, Flow, State, Transition, Turn

NOTING, PASSING, CLOSING, REASON = "Case:noting", "Case:passing", "Case:closing", "Case:reason"
STATES = (NOTING, PASSING, CLOSING, REASON)

OUTCOMES = {
    Outcome.HANDLED: "Handled",
    Outcome.REFERRED: "Referred",
    Outcome.NO_ANSWER: "No answer",
    Outcome.FALSE_ALARM: "False alarm",
}


def ask_note(turn: Turn) -> None:
    """Ask what she did."""
    turn.say_to_desk(
        turn.text(
            "No. {number}: write in a line or two what you did (called, met her, spoke with a doctor). "
            "It stays with the case and never goes to her.",
            number=turn.data["step"]["number"],
        ),
        (cancel_button(turn),),
    )


def record_note(turn: Turn) -> None:
    """An act outside the chat: it stops the alarm (S10)."""
    step = turn.data["step"]
    keep_typed(turn)
    sweep_at(turn, step["case"])
    turn.post(ActRecorded(step["case"], me(turn).id, turn.event.text), step["to"])
    leave_step(turn)
    turn.say_to_desk(
        turn.text("No. {number}: written down. It did not go to her.", number=step["number"]),
        *case_rows(turn, step["case"]),
    )


def ask_passing(turn: Turn) -> None:
    """Passing on is asked once."""
    turn.say_to_desk(
        turn.text(
            "Pass No. {number} on? It rings for the others at once, and its texts leave this chat.",
            number=turn.data["step"]["number"],
        ),
        (turn.button("Yes, pass on", "case.passed"), cancel_button(turn)),
    )


def pass_on(turn: Turn) -> None:
    """The case goes back and rings."""
    step = turn.data["step"]
    turn.post(CaseHandedBack(step["case"], me(turn).id), step["to"])
    leave_step(turn)
    turn.say_to_desk(turn.text("No. {number}: passed on. Thank you for saying so in time.", number=step["number"]))


def ask_outcome(turn: Turn) -> None:
    """Ask how it ended."""
    buttons = tuple((turn.button(label, f"case.outcome:{outcome.value}"),) for outcome, label in OUTCOMES.items())
    turn.say_to_desk(
        turn.text("No. {number}: how did it end?", number=turn.data["step"]["number"]), *buttons, (cancel_button(turn),)
    )


def is_outcome(turn: Turn) -> bool:
    """Whether one of the four outcomes was pressed."""
    return chose("case.outcome")(turn) and named(turn) in set(Outcome)


def choose_outcome(turn: Turn) -> None:
    """Then the reason, in one line."""
    turn.data["step"]["outcome"] = named(turn)
    turn.show()


def ask_reason(turn: Turn) -> None:
    """One line, without names."""
    step = turn.data["step"]
    turn.say_to_desk(
        turn.text(
            "No. {number}, {outcome}. One line: why do you close it, and what was agreed? Without names and places.",
            number=step["number"],
            outcome=turn.text(OUTCOMES[Outcome(step["outcome"])]),
        ),
        (cancel_button(turn),),
    )


def close(turn: Turn) -> None:
    """Closed by a named person with a reason."""
    step = turn.data["step"]
    keep_typed(turn)
    turn.post(CaseCloseAsked(step["case"], me(turn).id, Outcome(step["outcome"]), turn.event.text), step["to"])
    sweep_at(turn, step["case"])
    leave_step(turn)
    turn.say_to_desk(
        turn.text("No. {number}: it is being closed. Its texts leave this chat now.", number=step["number"])
    )


CASEWORK = Flow(
    "Casework",
    Audience.STAFF,
    (
        State(NOTING, ask_note, is_literal=True),
        State(PASSING, ask_passing),
        State(CLOSING, ask_outcome),
        State(REASON, ask_reason, is_literal=True),
    ),
    (
        Transition(
            on=MessageReceived, source=NOTING, to=None, do=record_note, when=every(is_plain_text, is_still_hers)
        ),
        Transition(
            on=ButtonPressed, source=PASSING, to=None, do=pass_on, when=every(chose("case.passed"), is_still_hers)
        ),
        Transition(
            on=ButtonPressed, source=CLOSING, to=REASON, do=choose_outcome, when=every(is_outcome, is_still_hers)
        ),
        Transition(on=MessageReceived, source=REASON, to=None, do=close, when=every(is_plain_text, is_still_hers)),
        Transition(on=MessageReceived, source=(NOTING, REASON), to=None, do=refuse_step, when=is_plain_text),
        Transition(on=ButtonPressed, source=STATES, to=None, do=refuse_step, when=chose("case.passed", "case.outcome")),
        Transition(on=ButtonPressed, source=ANY, to=None, do=begin(NOTING), when=chose("case.note")),
        Transition(on=ButtonPressed, source=ANY, to=None, do=begin(PASSING), when=chose("case.pass")),
        Transition(on=ButtonPressed, source=ANY, to=None, do=begin(CLOSING), when=chose("case.close")),
    ),
)
