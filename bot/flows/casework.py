"""A case of one's own: its texts, files, a note of what was done, passing on, closing, and leaving the chat again."""

from datetime import datetime

from bot.core.cases import Outcome, Voice
from bot.core.effects import Unsay
from bot.core.events import (
    ActRecorded,
    ButtonPressed,
    CaseCloseAsked,
    CaseGiven,
    CaseHandedBack,
    CaseLeft,
    CaseMessageArrived,
    FileGiven,
    MessageReceived,
    ReadAsked,
    SweepDue,
)
from bot.core.messages import Button, Kind, Lane, Outgoing
from bot.flows.cards import CATEGORIES, LANGUAGES, LEVELS, say_case_file, say_case_text, say_when, sweep_at
from bot.flows.choices import chose, named
from bot.flows.rights import every, me, own_case
from bot.flows.ringing import case_rows
from bot.flows.staff import cancel_button, leave_step
from bot.flows.turn import ANY, Audience, Do, Flow, State, Transition, Turn

NOTING, PASSING, CLOSING, REASON = "Case:noting", "Case:passing", "Case:closing", "Case:reason"
STATES = (NOTING, PASSING, CLOSING, REASON)
SHOWN = 30
"""The latest messages of a case that are shown; how many came before them is said."""

KINDS = {
    Kind.VOICE: "voice message",
    Kind.PHOTO: "photo",
    Kind.VIDEO: "video",
    Kind.DOCUMENT: "file",
    Kind.STICKER: "sticker",
    Kind.CONTACT: "contact",
    Kind.LOCATION: "place",
    Kind.OTHER: "something that is not text",
}
VOICES = {Voice.HERS: "she", Voice.STAFF: "we", Voice.NOTE: "note"}
OUTCOMES = {
    Outcome.HANDLED: "Handled",
    Outcome.REFERRED: "Referred",
    Outcome.NO_ANSWER: "No answer",
    Outcome.FALSE_ALARM: "False alarm",
}
LEFT = {
    "closed": "No. {number} is closed. Its texts have left this chat.",
    "passed": "No. {number} is no longer yours; others go on with it. Its texts have left this chat.",
    "revoked": "No. {number} is no longer yours. Its texts have left this chat.",
    "erased": (
        "No. {number}: she was erased during an open case. Do not write to her; look for her at "
        "the session. Its texts have left this chat."
    ),
}


# ---- what the taker sees


def give(turn: Turn) -> None:
    """The case as its taker sees it: what is known, every message by itself, what to do next (S15)."""
    event = turn.event
    if own_case(turn, event.case_id) is None:
        say_too_late(turn)
        return
    heading = [
        turn.text(
            "No. {number} is yours. The writer is not verified: somebody else may hold the phone.", number=event.number
        )
        if not event.is_reading_again
        else turn.text(
            "No. {number}, once more. The writer is not verified: somebody else may hold the phone.",
            number=event.number,
        ),
        turn.text(
            "{level} · {category} · {tongue} · {code_name}",
            level=turn.text(LEVELS[event.level]),
            category=turn.text(CATEGORIES.get(event.category, CATEGORIES[""])),
            tongue=turn.text(LANGUAGES[event.language]),
            code_name=event.code_name,
        ),
    ]
    if event.lesson:
        heading.append(turn.text("Her lesson: {lesson}", lesson=event.lesson))
    if event.reasons:
        heading.append(turn.text("Why it rang: {reasons}", reasons=", ".join(event.reasons)))
    earlier = len(event.lines) - SHOWN
    if earlier > 0:
        heading.append(turn.text("Earlier messages not shown here: {n}", n=earlier))
    say_case_text(turn, event.case_id, "\n".join(heading))
    for line in event.lines[-SHOWN:]:
        _say_line(turn, line)
    say_case_text(
        turn,
        event.case_id,
        turn.text(
            "No. {number}, next: answer her, or do something and write it down; only then the alarm stops. "
            "Your first answer is preceded by a neutral line of ours, and she opens it when she is alone. "
            "Cannot do it? Pass it on at once.",
            number=event.number,
        ),
        *case_rows(turn, event.case_id),
    )


def say_too_late(turn: Turn) -> None:
    """Something of a case came after it had left her: it is not shown (S14)."""
    turn.say_to_desk(turn.text("No. {number} has something new, but it is no longer yours.", number=turn.event.number))


def _say_line(turn: Turn, line: tuple[str, str, str, datetime, str]) -> None:
    """One message of the case by itself, so that a reply under it is clear."""
    message_id, voice, kind, at, text = line
    case_id, number = turn.event.case_id, turn.event.number
    head = turn.text(
        "No. {number}, {voice}, {when}", number=number, voice=turn.text(VOICES[Voice(voice)]), when=say_when(turn, at)
    )
    body, rows = _body(turn, case_id, message_id, Kind(kind), text)
    say_case_text(turn, case_id, f"{head}\n{body}", *rows)


def _body(
    turn: Turn, case_id: str, message_id: str, kind: Kind, text: str
) -> tuple[str, tuple[tuple[Button, ...], ...]]:
    """Her words, or what sort of thing she sent with a way to hear or see her own voice and photos (S19)."""
    if kind is Kind.TEXT:
        return text, ()
    shown = f"[{turn.text(KINDS[kind])}]" + (f"\n{text}" if text else "")
    if kind not in {Kind.VOICE, Kind.PHOTO, Kind.VIDEO}:
        return shown, ()
    turn.data.setdefault("files", {})[message_id] = case_id
    label = "Listen" if kind is Kind.VOICE else "See"
    return shown, ((turn.button(label, f"case.file:{message_id}", standing=True),),)


def bring_message(turn: Turn) -> None:
    """She wrote again in a case of this person."""
    event = turn.event
    if own_case(turn, event.case_id) is None:
        say_too_late(turn)
        return
    key = "No. {number}, she changed her message:" if event.is_edit else "No. {number}, she writes:"
    if event.is_urgent:
        key = "No. {number}, she writes, please look now:"
    body, rows = _body(turn, event.case_id, event.message_id, event.kind, event.text)
    reply = turn.button("Reply", f"case.reply:{event.case_id}", standing=True)
    lane = Lane.ESCALATION if event.is_urgent else Lane.REPLY
    say_case_text(turn, event.case_id, f"{turn.text(key, number=event.number)}\n{body}", *rows, (reply,), lane=lane)


def give_file(turn: Turn) -> None:
    """Her own voice or photo, on the owner's tap."""
    event = turn.event
    if own_case(turn, event.case_id) is None:
        say_too_late(turn)
        return
    caption = turn.text("No. {number}", number=event.number)
    say_case_file(turn, event.case_id, Outgoing(caption, version=turn.version, file=event.file, file_kind=event.kind))


# ---- asking for it


def ask_again(turn: Turn) -> None:
    """Second look: the case's conversation gives everything again and writes the audit row."""
    case = own_case(turn, named(turn))
    if case is None:
        say_not_yours(turn)
        return
    turn.post(ReadAsked(case.id, me(turn).id), case.conversation_id)
    turn.say_to_desk(turn.text("No. {number}: one moment.", number=case.number))


def ask_file(turn: Turn) -> None:
    """Listen or See."""
    message_id = named(turn)
    case = own_case(turn, turn.data.get("files", {}).get(message_id))
    if case is None:
        say_not_yours(turn)
        return
    turn.post(ReadAsked(case.id, me(turn).id, file_of=message_id), case.conversation_id)
    turn.say_to_desk(turn.text("No. {number}: one moment.", number=case.number))


def say_not_yours(turn: Turn) -> None:
    """The button of a case that was closed, passed on or moved (S13)."""
    turn.say_to_desk(
        turn.text("This case is not yours any more. Nothing was sent and nothing was changed."),
        (turn.button("My cases", "menu.mine", standing=True),),
    )


# ---- steps with a case: note, pass on, close


def begin(state: str) -> Do:
    """Begin a step with the case that the button names, if it is hers."""

    def begin_step(turn: Turn) -> None:
        case = own_case(turn, named(turn))
        leave_step(turn)
        if case is None:
            say_not_yours(turn)
            return
        turn.data["step"] = {"case": case.id, "number": case.number, "to": case.conversation_id}
        turn.go(state)
        turn.show()

    begin_step.__name__ = f"begin {state}"
    return begin_step


def is_still_hers(turn: Turn) -> bool:
    """Whether the case of this step is open, hers, and where it was when the step began (S13)."""
    step = turn.data.get("step", {})
    case = own_case(turn, step.get("case"))
    return case is not None and case.conversation_id == step["to"]


def refuse_step(turn: Turn) -> None:
    """The case was closed, passed on or moved meanwhile: nothing leaves."""
    turn.data.pop("step", None)
    leave_step(turn)
    say_not_yours(turn)


def is_plain_text(turn: Turn) -> bool:
    """Whether she wrote words of her own that are not a reply to a message of a case."""
    event = turn.event
    return bool(
        event.kind is Kind.TEXT and event.text.strip() and not event.is_forwarded and not turn.facts.replied_case
    )


def keep_typed(turn: Turn) -> None:
    """Remember what she typed for a case, so that it leaves the chat with the case's texts."""
    typed = turn.data.setdefault("typed", {}).setdefault(turn.data["step"]["case"], [])
    if turn.event.message_id:
        typed.append(turn.event.message_id)


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


# ---- leaving the chat


def sweep(turn: Turn) -> None:
    """47 hours are over: the texts leave, the case stays hers."""
    case = own_case(turn, turn.event.case_id)
    _take_away(turn, turn.event.case_id)
    if case is not None:
        turn.say_to_desk(
            turn.text(
                "No. {number}: its texts have left this chat after two days. It is still yours.", number=case.number
            ),
            *case_rows(turn, case.id),
        )
    else:
        turn.say_to_desk(turn.text("Older texts have left this chat."))


def leave(turn: Turn) -> None:
    """The case is no longer hers: its texts leave, a step with it ends."""
    event = turn.event
    is_in_step = turn.data.get("step", {}).get("case") == event.case_id
    _take_away(turn, event.case_id)
    if is_in_step:
        leave_step(turn)
    turn.say_to_desk(turn.text(LEFT.get(event.why, LEFT["revoked"]), number=event.number))


def _take_away(turn: Turn, case_id: str) -> None:
    typed = turn.data.get("typed", {}).pop(case_id, [])
    turn.data.get("sweeps", {}).pop(case_id, None)
    files = turn.data.get("files", {})
    turn.data["files"] = {message: case for message, case in files.items() if case != case_id}
    turn.do(Unsay(case_id=case_id, message_ids=tuple(typed)))


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
        Transition(on=ButtonPressed, source=ANY, to=None, do=ask_again, when=chose("case.again")),
        Transition(on=ButtonPressed, source=ANY, to=None, do=ask_file, when=chose("case.file")),
        Transition(on=CaseGiven, source=ANY, to=None, do=give),
        Transition(on=CaseMessageArrived, source=ANY, to=None, do=bring_message),
        Transition(on=FileGiven, source=ANY, to=None, do=give_file),
        Transition(on=CaseLeft, source=ANY, to=None, do=leave),
        Transition(on=SweepDue, source=ANY, to=None, do=sweep),
    ),
)
