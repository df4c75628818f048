"""The case in its owner's chat: its messages, voices and pictures come in, and leave again (S12, S14, S15, S19)."""

from datetime import datetime

from bot.concern.screen import label
from bot.core.cases import Voice
from bot.core.effects import Unsay
from bot.core.events import (
    ButtonPressed,
    CaseGiven,
    CaseLeft,
    CaseMessageArrived,
    FileGiven,
    ReadAsked,
    SweepDue,
)
from bot.core.messages import Button, Kind, Lane, Outgoing
from bot.flows.afterwards import offer_debrief
from bot.flows.cards import CATEGORIES, LANGUAGES, LEVELS, card_of, say_case_file, say_case_text, say_if_late, say_when
from bot.flows.choices import chose, named
from bot.flows.course import lesson_of
from bot.flows.guiding import say_guidance
from bot.flows.keeping import remind, window_lines
from bot.flows.plain import plain
from bot.flows.rights import me, own_case, seen_case
from bot.flows.ringing import ERASED, case_rows, second_rows
from bot.flows.staff import leave_step
from bot.flows.steps import say_not_yours
from bot.flows.turn import ANY, Audience, Flow, Transition, Turn

FIRST, LATEST = 10, 20
"""The messages of a case that are shown: those that opened it and the latest; how many lie between is said."""

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
VOICES = {
    str(Voice.HERS): "she",
    "edited": "she changed a message of hers into",
    str(Voice.STAFF): "we",
    "answer_waits": "we, she has not read it yet",
    "answer_unread": "we, it never reached her",
    "answer_unsure": "we, it is not known whether she has it",
    str(Voice.NOTE): "note",
    str(Voice.BRIEF): "passed on with this note",
}
HERS = {
    (False, False): "No. {number}, she writes:",
    (False, True): "No. {number}, she writes, please look now:",
    (True, False): "No. {number}, she changed her message:",
    (True, True): "No. {number}, she changed her message, please look now:",
}
"""How a message of hers is brought: whether she changed an earlier one, and whether it is urgent."""
CHANGED = "No. {number}, she wrote this first and changed it since:"
RULES = {
    "rule.help_word": "she asked for help with one word",
    "rule.past": "it may be about the past",
    "rule.resolved": "she also says that it is quiet now",
    "rule.laughter": "she also laughs, perhaps a joke",
    "rule.harm_told": "to the short question she said that something became harder with the programme",
    "rule.sample_read": "a person who read a kept answer for the check thinks that she needs somebody",
}
UNNAMED = "the wording as a whole; please read"
"""Why it rang, where no words of the lexicons say it."""
LEFT = {
    "closed": "No. {number} is closed. Its texts have left this chat.",
    "passed": "No. {number} is no longer yours; others go on with it. Its texts have left this chat.",
    "revoked": "No. {number} is no longer yours. Its texts have left this chat.",
    "opinion": "No. {number}: you are no longer asked to look along. Its texts have left this chat. Thank you.",
    "replaced": (
        "No. {number}: somebody writes again from the chat that was erased, so this number is closed and a new case "
        "rings. Its texts have left this chat."
    ),
    "erased": (
        "No. {number}: she was erased during an open case. Do not write to her; look for her at "
        "the session. Its texts have left this chat."
    ),
}


# ---- what the owner sees


def give(turn: Turn) -> None:
    """The case as its taker sees it: what is known, every message by itself, what to do next (S15)."""
    event = turn.event
    case = seen_case(turn, event.case_id)
    if case is None:
        say_too_late(turn)
        return
    if case.is_erased:
        say_case_text(
            turn, event.case_id, f"{card_of(turn, case)}\n{turn.text(ERASED)}", *case_rows(turn, event.case_id)
        )
        return
    briefs = [line for line in event.lines if line[1] == Voice.BRIEF]
    say_case_text(turn, event.case_id, "\n".join([*_heading(turn), *window_lines(turn, case)]))
    others = [line for line in event.lines if line not in briefs[-1:]]
    between = range(FIRST, max(FIRST, len(others) - LATEST))
    for line in (*briefs[-1:], *(line for n, line in enumerate(others) if n not in between)):
        _say_line(turn, line)
    if not event.is_reading_again:
        say_guidance(turn, event.case_id, event.number, event.level, event.category)
    _say_next(turn)


def _say_next(turn: Turn) -> None:
    """What the reader may do now: the owner everything, a supervisor who looks along a note."""
    event = turn.event
    if own_case(turn, event.case_id) is None:
        text = turn.text(
            "No. {number}: you look along. A note of yours goes to the colleague who has the case, never to the "
            "mother.",
            number=event.number,
        )
        say_case_text(turn, event.case_id, text, *second_rows(turn, event.case_id))
        return
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


def _heading(turn: Turn) -> list[str]:
    """What is known of the case before her words."""
    event = turn.event
    is_new = not event.is_reading_again
    heading = [
        turn.text(
            "No. {number} is yours. The writer is not verified: somebody else may hold the phone."
            if is_new
            else "No. {number}, once more. The writer is not verified: somebody else may hold the phone.",
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
    if event.earlier:
        heading.append(turn.text("Shortly before she had No. {earlier}, which was closed.", earlier=event.earlier))
    heading.append(_where_she_is(turn))
    if event.reasons:
        heading.append(turn.text("Why it rang: {reasons}", reasons="; ".join(_why(turn))))
    hidden = len(event.lines) - FIRST - LATEST
    if hidden > 0:
        heading.append(turn.text("Messages between the first and the latest, not shown here: {n}", n=hidden))
    return heading


def _where_she_is(turn: Turn) -> str:
    """Her page by its title, or how far she has come while she is in none."""
    event = turn.event
    page = lesson_of(turn, event.lesson)
    if page is None:
        total = sum(1 for _ in turn.library.curriculum.lessons())
        return turn.text("She is in no page now; read {n} of {total}.", n=event.finished, total=total)
    title = page.title.in_language(turn.language)
    return turn.text("Her page: {lesson} “{title}”, card {card}", lesson=page.id, title=title, card=max(1, event.card))


def _why(turn: Turn) -> list[str]:
    """The reasons of screening in words; what has none is told in general, once."""
    shown = [label(reason, turn.language) or turn.text(RULES.get(reason, UNNAMED)) for reason in turn.event.reasons]
    return list(dict.fromkeys(shown))


def say_too_late(turn: Turn) -> None:
    """Something of a case came after it had left her: it is not shown (S14)."""
    turn.say_to_desk(turn.text("No. {number} has something new, but it is no longer yours.", number=turn.event.number))


def _say_line(turn: Turn, line: tuple[str, str, str, datetime, str]) -> None:
    """One message of the case by itself, so that a reply under it is clear."""
    message_id, voice, kind, at, text = line
    case_id, number = turn.event.case_id, turn.event.number
    head = turn.text(
        "No. {number}, {voice}, {when}", number=number, voice=turn.text(VOICES[voice]), when=say_when(turn, at)
    )
    body, rows = _body(turn, case_id, message_id, Kind(kind), text)
    say_case_text(turn, case_id, f"{head}\n{body}", *rows)


def _body(
    turn: Turn, case_id: str, message_id: str, kind: Kind, text: str
) -> tuple[str, tuple[tuple[Button, ...], ...]]:
    """Her words, or what sort of thing she sent with a way to hear or see her own voice and photos (S19)."""
    text = plain(text)
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
    key = CHANGED if event.is_old else HERS[event.is_edit, event.is_urgent]
    body, rows = _body(turn, event.case_id, event.message_id, event.kind, event.text)
    reply = turn.button("Reply", f"case.reply:{event.case_id}", standing=True)
    lane = Lane.ESCALATION if event.is_urgent else Lane.REPLY
    lines = [turn.text(key, number=event.number), say_if_late(turn, event.said_at), body]
    say_case_text(turn, event.case_id, "\n".join(filter(None, lines)), *rows, (reply,), lane=lane)
    remind(turn)


def give_file(turn: Turn) -> None:
    """Her own voice or photo, on the owner's tap."""
    event = turn.event
    if seen_case(turn, event.case_id) is None:
        say_too_late(turn)
        return
    caption = turn.text("No. {number}", number=event.number)
    say_case_file(turn, event.case_id, Outgoing(caption, version=turn.version, file=event.file, file_kind=event.kind))


# ---- asking for it


def ask_again(turn: Turn) -> None:
    """Second look: the case's conversation gives everything again and writes the audit row."""
    case = seen_case(turn, named(turn))
    if case is None:
        say_not_yours(turn)
        return
    turn.post(ReadAsked(case.id, me(turn).id), case.conversation_id)
    turn.say_to_desk(turn.text("No. {number}: one moment.", number=case.number))


def ask_file(turn: Turn) -> None:
    """Listen or See."""
    message_id = named(turn)
    case = seen_case(turn, turn.data.get("files", {}).get(message_id))
    if case is None:
        say_not_yours(turn)
        return
    turn.post(ReadAsked(case.id, me(turn).id, file_of=message_id), case.conversation_id)
    turn.say_to_desk(turn.text("No. {number}: one moment.", number=case.number))


# ---- leaving the chat


def sweep(turn: Turn) -> None:
    """47 hours are over: the texts leave, the case stays hers; of what left when she let it go nothing is said."""
    case, is_there = own_case(turn, turn.event.case_id), turn.event.case_id in turn.data.get("sweeps", {})
    _take_away(turn, turn.event.case_id)
    if case is not None:
        turn.say_to_desk(
            turn.text(
                "No. {number}: its texts have left this chat after two days. It is still yours.", number=case.number
            ),
            *case_rows(turn, case.id),
        )
    elif is_there:
        turn.say_to_desk(turn.text("Older texts have left this chat."))


def leave(turn: Turn) -> None:
    """The case is no longer hers: its texts leave, a step with it ends."""
    event = turn.event
    is_in_step = turn.data.get("step", {}).get("case") == event.case_id
    _take_away(turn, event.case_id)
    if is_in_step:
        leave_step(turn)
    turn.say_to_desk(turn.text(LEFT.get(event.why, LEFT["revoked"]), number=event.number))
    if event.is_heavy:
        offer_debrief(turn)


def _take_away(turn: Turn, case_id: str) -> None:
    typed = turn.data.get("typed", {}).pop(case_id, [])
    for kept in ("sweeps", "kept"):
        turn.data.get(kept, {}).pop(case_id, None)
    files = turn.data.get("files", {})
    turn.data["files"] = {message: case for message, case in files.items() if case != case_id}
    turn.do(Unsay(case_id=case_id, message_ids=tuple(typed)))


READING = Flow(
    "Reading",
    Audience.STAFF,
    (),
    (
        Transition(on=CaseGiven, source=ANY, to=None, do=give),
        Transition(on=CaseMessageArrived, source=ANY, to=None, do=bring_message),
        Transition(on=FileGiven, source=ANY, to=None, do=give_file),
        Transition(on=ButtonPressed, source=ANY, to=None, do=ask_again, when=chose("case.again")),
        Transition(on=ButtonPressed, source=ANY, to=None, do=ask_file, when=chose("case.file")),
        Transition(on=CaseLeft, source=ANY, to=None, do=leave),
        Transition(on=SweepDue, source=ANY, to=None, do=sweep),
    ),
)
