"""What the owner of a case does besides answering: a note of an act, passing on, closing with a reason (S10)."""

from bot.core.cases import Outcome
from bot.core.events import (
    ActRecorded,
    ButtonPressed,
    CaseCloseAsked,
    CaseHandedBack,
    CaseMessageArrived,
    MessageReceived,
)
from bot.core.messages import Button
from bot.core.people import Staff
from bot.core.speech import say_duration, say_until
from bot.flows.cards import sweep_at
from bot.flows.choices import chose, named
from bot.flows.reading import bring_message
from bot.flows.rights import every, known_case, me, own_case
from bot.flows.ringing import REFUSALS, case_rows
from bot.flows.staff import cancel_button, leave_step
from bot.flows.steps import begin, begun_at, is_plain_text, is_still_hers, keep_typed, refuse_step
from bot.flows.turn import ANY, Audience, Flow, State, Transition, Turn

NOTING, CLOSING, REASON = "Case:noting", "Case:closing", "Case:reason"
PASSING, PASSING_TO = "Case:passing", "Case:passing_to"
STATES = (NOTING, PASSING, PASSING_TO, CLOSING, REASON)
EVERYBODY = "all"
FOLLOW_UPS = (3, 7, 14)
"""After how many days the owner may want to look how she is."""

OUTCOMES = {
    Outcome.HANDLED: "Handled",
    Outcome.REFERRED: "Referred",
    Outcome.NO_ANSWER: "No answer",
    Outcome.FALSE_ALARM: "False alarm",
}


# ---- a note of an act


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


# ---- passing on


def ask_passing(turn: Turn) -> None:
    """A note for whoever goes on, or at once and to everybody."""
    turn.say_to_desk(
        turn.text(
            "Pass No. {number} on? Write a line or two for whoever goes on: what was said, what was agreed, what is "
            "next. It stays with the desk. Then choose to whom. Or pass it on to everybody at once, without a note.",
            number=turn.data["step"]["number"],
        ),
        (turn.button("To everybody, at once", "case.passed"), cancel_button(turn)),
    )


def write_summary(turn: Turn) -> None:
    """The note is there; now to whom."""
    keep_typed(turn)
    step = turn.data["step"]
    sweep_at(turn, step["case"])
    step["summary"] = turn.event.text.strip()
    turn.show()


def others_for(turn: Turn) -> tuple[Staff, ...]:
    """The colleagues who may take the case of this step and are there, those on duty first."""
    case = known_case(turn, turn.data.get("step", {}).get("case"))
    if case is None:
        return ()
    able = turn.facts.roster.facilitators(case.cohort_id, case.conversation_id)
    there = [s for s in able if s.id != me(turn).id and not s.is_away(turn.now)]
    loads = turn.facts.loads
    return tuple(sorted(there, key=lambda s: (not s.is_on_duty(turn.now), loads.get(s.id, 0), s.alias)))


def ask_to_whom(turn: Turn) -> None:
    """Everybody, or one of those who may take it."""
    mark = turn.text("on duty")
    buttons = [
        Button(f"{s.alias} · {mark}" if s.is_on_duty(turn.now) else s.alias, f"case.to:{s.id}")
        for s in others_for(turn)
    ]
    turn.say_to_desk(
        turn.text("No. {number}: to whom?", number=turn.data["step"]["number"]),
        (turn.button("To everybody", f"case.to:{EVERYBODY}"),),
        *(tuple(buttons[n : n + 2]) for n in range(0, len(buttons), 2)),
        (cancel_button(turn),),
    )


def is_one_of_us(turn: Turn) -> bool:
    """Whether everybody was pressed, or a colleague who may still take it."""
    known = {EVERYBODY, *(s.id for s in others_for(turn))}
    return chose("case.to")(turn) and named(turn) in known


def pass_on(turn: Turn) -> None:
    """The case goes on: to one who is rung first, or rings for everybody."""
    step = turn.data["step"]
    chosen = named(turn) if chose("case.to")(turn) else EVERYBODY
    to_staff_id = "" if chosen == EVERYBODY else chosen
    turn.post(CaseHandedBack(step["case"], me(turn).id, step.get("summary", ""), to_staff_id), step["to"])
    leave_step(turn)
    turn.say_to_desk(turn.text("No. {number}: passed on. Thank you for saying so in time.", number=step["number"]))


# ---- closing


def ask_outcome(turn: Turn) -> None:
    """Ask how it ended; what stands in the way is said now, before she has written why (S10)."""
    step = turn.data["step"]
    case = known_case(turn, step["case"])
    lacks = case.lacks if case is not None else ""
    able = {Outcome.FALSE_ALARM} if lacks else set(Outcome)
    buttons = [(turn.button(OUTCOMES[one], f"case.outcome:{one.value}"),) for one in OUTCOMES if one in able]
    lines = [turn.text(REFUSALS.get(lacks, "No. {number}: how did it end?"), number=step["number"])]
    first, *_, last = case_rows(turn, step["case"])
    rows = [first, *buttons, last] if lacks else buttons
    if case is not None and case.waits:
        lines.append(turn.text("She has not read {n} of your answers yet; closing takes them back.", n=case.waits))
    turn.say_to_desk("\n".join(lines), *rows, (cancel_button(turn),))


def is_outcome(turn: Turn) -> bool:
    """Whether one of the four outcomes was pressed."""
    return chose("case.outcome")(turn) and named(turn) in set(Outcome)


def choose_outcome(turn: Turn) -> None:
    """Then the reason, in one line; but no alarm ends by closing alone (S10)."""
    step = turn.data["step"]
    case = known_case(turn, step["case"])
    if case is not None and case.lacks and named(turn) != Outcome.FALSE_ALARM:
        leave_step(turn)
        turn.say_to_desk(turn.text(REFUSALS[case.lacks], number=case.number), *case_rows(turn, case.id))
        return
    step["outcome"] = named(turn)
    turn.show()


def ask_reason(turn: Turn) -> None:
    """One line, without names; and whether to look at her again in some days."""
    step = turn.data["step"]
    lines = [
        turn.text(
            "No. {number}, {outcome}. One line: why do you close it, and what was agreed? Without names and places.",
            number=step["number"],
            outcome=turn.text(OUTCOMES[Outcome(step["outcome"])]),
        )
    ]
    rows: list[tuple[Button, ...]] = []
    if step["outcome"] != Outcome.FALSE_ALARM:
        days = step.get("follow_up", 0)
        lines.append(
            turn.text("You will be reminded {when} to look how she is.", when=say_until(days, "day", turn.language))
            if days
            else turn.text("To be reminded to look how she is, press the days first. She gets nothing by itself.")
        )
        rows = [tuple(Button(say_duration(n, "day", turn.language), f"case.follow:{n}") for n in FOLLOW_UPS)]
    turn.say_to_desk("\n".join(lines), *rows, (cancel_button(turn),))


def is_closing(turn: Turn) -> bool:
    """Whether she wrote in the very case that her owner is about to close."""
    case_id = turn.event.case_id
    return turn.data.get("step", {}).get("case") == case_id and own_case(turn, case_id) is not None


def break_off(turn: Turn) -> None:
    """Her new words are above; nothing is closed over them, and no reason has to be written in vain (S10)."""
    bring_message(turn)
    leave_step(turn)
    turn.say_to_desk(turn.text(REFUSALS["unseen"], number=turn.event.number), *case_rows(turn, turn.event.case_id))


def is_follow_up(turn: Turn) -> bool:
    """Whether one of the offered numbers of days was pressed."""
    return chose("case.follow")(turn) and named(turn) in {str(days) for days in FOLLOW_UPS}


def choose_follow_up(turn: Turn) -> None:
    """The days are kept; the reason is still to come."""
    turn.data["step"]["follow_up"] = int(named(turn))
    turn.show()


def close(turn: Turn) -> None:
    """Closed by a named person with a reason."""
    step = turn.data["step"]
    keep_typed(turn)
    outcome = Outcome(step["outcome"])
    days = 0 if outcome is Outcome.FALSE_ALARM else step.get("follow_up", 0)
    asked = CaseCloseAsked(step["case"], me(turn).id, outcome, turn.event.text, days, begun_at(turn))
    turn.post(asked, step["to"])
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
        State(PASSING, ask_passing, is_literal=True),
        State(PASSING_TO, ask_to_whom),
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
            on=MessageReceived,
            source=PASSING,
            to=PASSING_TO,
            do=write_summary,
            when=every(is_plain_text, is_still_hers),
        ),
        Transition(on=ButtonPressed, source=PASSING_TO, to=None, do=pass_on, when=every(is_one_of_us, is_still_hers)),
        Transition(
            on=ButtonPressed, source=CLOSING, to=REASON, do=choose_outcome, when=every(is_outcome, is_still_hers)
        ),
        Transition(
            on=ButtonPressed, source=REASON, to=None, do=choose_follow_up, when=every(is_follow_up, is_still_hers)
        ),
        Transition(on=MessageReceived, source=REASON, to=None, do=close, when=every(is_plain_text, is_still_hers)),
        Transition(on=MessageReceived, source=(NOTING, PASSING, REASON), to=None, do=refuse_step, when=is_plain_text),
        Transition(on=CaseMessageArrived, source=(CLOSING, REASON), to=None, do=break_off, when=is_closing),
        Transition(
            on=ButtonPressed,
            source=STATES,
            to=None,
            do=refuse_step,
            when=chose("case.passed", "case.to", "case.outcome", "case.follow"),
        ),
        Transition(on=ButtonPressed, source=ANY, to=None, do=begin(NOTING), when=chose("case.note")),
        Transition(on=ButtonPressed, source=ANY, to=None, do=begin(PASSING), when=chose("case.pass")),
        Transition(on=ButtonPressed, source=ANY, to=None, do=begin(CLOSING), when=chose("case.close")),
    ),
)
