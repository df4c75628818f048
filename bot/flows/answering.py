"""Answering a mother: only from Reply or as a reply to a message of one case, shown back before it goes (S13)."""

from collections.abc import Callable
from zoneinfo import ZoneInfo

from bot.core.cases import Case
from bot.core.events import AnswerGiven, AnswerSettled, ButtonPressed, MessageEdited, MessageReceived
from bot.core.messages import Kind, Language
from bot.core.speech import say_date, say_time
from bot.flows.cards import say_case_text, say_when
from bot.flows.choices import chose, named
from bot.flows.keeping import offer_to_keep, window_lines
from bot.flows.rights import every, me, own_case
from bot.flows.staff import cancel_button, leave_step
from bot.flows.steps import begun_at, is_plain_text, is_still_hers, keep_typed, refuse_step, say_not_yours
from bot.flows.turn import ANY, Audience, Flow, State, Transition, Turn

WRITING, CHECKING = "Answer:writing", "Answer:checking"
STATES = (WRITING, CHECKING)

# The button → the draft it gives, in the mother's language; none tells what was written (S15).
# The first one is the cover question; those with places in braces are filled by FILLED.
READY = {
    "Is it a good moment?": "Hello. Is it a good moment for you to write now?",
    "I am here": "Thank you for writing. I am here and I am listening.",
    "When may I call?": "When is it quiet around you? You can choose the time, I will be here.",
    "See you at the session": "We can also speak at the next session, only the two of us. Would that be good for you?",
    "What would help?": "What would help you most right now? You decide, step by step.",
    "Until when I am here": "I am here today until {time}, by our time.",
    "When I am here again": "I am here again on {date} after {time}, by our time. Write when it suits you.",
    "Numbers": "These people answer by telephone too:\n{lines}",
}
LIMIT = 1500
"""The longest answer in letters: she reads it on a small screen."""

SETTLED = {
    "sent": "No. {number}: your answer was handed over to her chat.",
    "asked": "No. {number}: she is being asked whether it is a good moment. Your answer waits until she says yes.",
    "waits": "No. {number}: your answer waits until she opens it. She gets a neutral line in her hours.",
    "covered": (
        "No. {number}: your answer waits until she opens it. A neutral line is in her chat already; no second one goes "
        "before she does something."
    ),
    "held": (
        "No. {number}: your answer waits until she writes or opens it herself; until then no line goes to her, because "
        "of the hours or the quiet she chose."
    ),
    "returned": "No. {number}: your answer was taken back, because she had not read it. She does not get it any more.",
    "reopened": (
        "No. {number}: your answer did not reach her after all, so the case that you closed is open again and rings. "
        "Take it if you can go on with it, and reach her another way."
    ),
    "frozen": (
        "No. {number}: your answer did not go, because the team froze everything to her. Ask whoever froze it, or "
        "reach her another way and write down what you did."
    ),
    "expired": (
        "No. {number}: she did not open your answer in time, so it was taken back. Answer "
        "again, or reach her another way and write down what you did."
    ),
    "refused": "No. {number}: your answer did not go, because the case is not yours any more.",
    "failed": "No. {number}: your answer could not be delivered. Reach her another way and write down what you did.",
    "unknown": (
        "No. {number}: it is not known whether your answer reached her. Do not send it again at once; wait whether she "
        "writes, or reach her another way and write down what you did."
    ),
    "window": (
        "No. {number}: she last wrote on WhatsApp more than a day ago, so your answer was taken back and does not go "
        "by itself. Answer again when she writes, or reach her another way and write down what you did."
    ),
    "moved": (
        "No. {number}: she writes from another phone or chat now, so your answer was taken back. Look once more "
        "whether it still fits, and answer again."
    ),
    "unreachable": (
        "No. {number}: she cannot be reached in this chat now. Look for her at the session or ask "
        "your coordinator, and write down what you did."
    ),
}


# ---- what is put into ready answers


def until_when(turn: Turn, _: Language) -> dict[str, str] | None:
    """The end of her shift, while she is on duty."""
    staff = me(turn)
    ends = [end for begin, end in staff.shifts(turn.now) if begin <= turn.now < end]
    return {"time": say_time(max(ends), ZoneInfo(staff.zone))} if ends else None


def again_when(turn: Turn, language: Language) -> dict[str, str] | None:
    """The beginning of her next shift."""
    staff = me(turn)
    begins = [begin for begin, _ in staff.shifts(turn.now) if begin > turn.now]
    if not begins:
        return None
    zone = ZoneInfo(staff.zone)
    return {"time": say_time(min(begins), zone), "date": say_date(min(begins), zone, language)}


def lines_of(turn: Turn, language: Language) -> dict[str, str] | None:
    """The one list of help lines for everybody, in her language (S5)."""
    lines = "\n".join(f"{line.text[language]}: {line.number}" for line in turn.library.policy.help_lines)
    return {"lines": lines} if lines else None


FILLED: dict[str, Callable[[Turn, Language], dict[str, str] | None]] = {
    "Until when I am here": until_when,
    "When I am here again": again_when,
    "Numbers": lines_of,
}
"""What is put into a ready answer; None: it is not offered now."""


def ready_text(turn: Turn, label: str, language: Language) -> str | None:
    """A ready answer in the mother's language with everything put in; None when it does not fit now."""
    values = FILLED[label](turn, language) if label in FILLED else {}
    return None if values is None else turn.library.texts.say(language, READY[label], **values)


# ---- writing


def begin_reply(turn: Turn) -> None:
    """Reply was pressed on one case: the next words are for it."""
    _turn_to(turn, own_case(turn, named(turn)))
    if turn.state == WRITING:
        turn.show()


def _turn_to(turn: Turn, case: Case | None) -> None:
    """Begin an answer to this case and no other; a draft for another one is dropped, and she is told."""
    leave_step(turn)
    if case is None:
        say_not_yours(turn)
    elif case.is_erased:
        turn.say_to_desk(
            turn.text("She was erased during an open case: do not write; look for her at the session. Then close it.")
        )
    else:
        turn.data["step"] = {
            "case": case.id,
            "number": case.number,
            "to": case.conversation_id,
            "language": case.language,
            "begun_at": turn.now.isoformat(),
        }
        turn.go(WRITING)


def ask_answer(turn: Turn) -> None:
    """Her words, or a ready answer in the mother's language."""
    step = turn.data["step"]
    fitting = [(n, label) for n, label in enumerate(READY) if ready_text(turn, label, step["language"]) is not None]
    ready = tuple((turn.button(label, f"answer.ready:{n}"),) for n, label in fitting)
    turn.say_to_desk(
        turn.text(
            "Answer to No. {number}: write it now, or choose a ready one. She writes {tongue}. You "
            "will see it once more before it goes.",
            number=step["number"],
            tongue=turn.text("in Russian" if step["language"] == "ru" else "in Tajik"),
        )
        + "".join(f"\n{line}" for line in _window(turn)),
        *ready,
        (cancel_button(turn),),
    )


def _window(turn: Turn) -> list[str]:
    case = own_case(turn, turn.data["step"]["case"])
    return window_lines(turn, case) if case is not None else []


def is_ready_answer(turn: Turn) -> bool:
    """Whether one of the ready answers that fit now was pressed."""
    if not chose("answer.ready")(turn) or named(turn) not in {str(n) for n in range(len(READY))}:
        return False
    return ready_text(turn, tuple(READY)[int(named(turn))], turn.data["step"]["language"]) is not None


def choose_ready(turn: Turn) -> None:
    """A ready answer becomes the draft."""
    label = tuple(READY)[int(named(turn))]
    _draft(turn, [["", ready_text(turn, label, turn.data["step"]["language"]) or ""]])


def write(turn: Turn) -> None:
    """Her words become the draft; further ones are joined to it, for many write one answer in several messages."""
    keep_typed(turn)
    _draft(turn, [*_parts(turn), [turn.event.message_id, turn.event.text.strip()]])


def _parts(turn: Turn) -> list[list[str]]:
    """What the draft is made of: of which message each part came, and its words."""
    step = turn.data.get("step", {})
    parts: list[list[str]] = step.get("parts") or ([["", step["draft"]]] if "draft" in step else [])
    return parts


def _draft(turn: Turn, parts: list[list[str]]) -> None:
    text = "\n".join(words for _, words in parts)
    if len(text) > LIMIT:
        turn.say_to_desk(
            turn.text(
                "This is too long for her screen: at most {n} letters. Please write it shorter; nothing went.", n=LIMIT
            )
        )
        return
    turn.data["step"] |= {"parts": parts, "draft": text}
    turn.go(CHECKING)
    turn.show()


def is_reply_to_case(turn: Turn) -> bool:
    """Whether she used the messenger's own reply under a message of one case, with words of her own."""
    event = turn.event
    return bool(turn.facts.replied_case and event.kind is Kind.TEXT and event.text.strip() and not event.is_forwarded)


def write_reply(turn: Turn) -> None:
    """A reply under a message of a case is an answer to that case, whatever she was doing."""
    is_begun = turn.state in STATES and turn.data["step"]["case"] == turn.facts.replied_case and is_still_hers(turn)
    if not is_begun:
        _turn_to(turn, own_case(turn, turn.facts.replied_case))
    if turn.state in STATES:
        write(turn)


def is_draft_edited(turn: Turn) -> bool:
    """Whether she changed a message that her draft came from."""
    return bool(turn.event.text.strip()) and turn.event.message_id in {
        came_by for came_by, _ in _parts(turn) if came_by
    }


def rewrite(turn: Turn) -> None:
    """The draft follows her change, in that part alone, and is shown again."""
    edited, words = turn.event.message_id, turn.event.text.strip()
    _draft(turn, [[came_by, words if came_by == edited else was] for came_by, was in _parts(turn)])


# ---- checking and sending


def show_draft(turn: Turn) -> None:
    """The text as it will go, with the number of the case."""
    step = turn.data["step"]
    heads = [turn.text("This will go to No. {number}:", number=step["number"])]
    if len(_parts(turn)) > 1:
        heads.append(turn.text("Your messages are joined into one answer; press Change to write it anew."))
    say_case_text(
        turn,
        step["case"],
        "\n".join(heads) + f"\n\n{step['draft']}",
        (
            turn.button("Send", "answer.send"),
            turn.button("Change", "answer.change"),
            turn.button("Do not send", "answer.drop"),
        ),
    )


def send(turn: Turn) -> None:
    """The answer goes to the case's conversation; her turn decides when the mother may get it (S1)."""
    step = turn.data["step"]
    turn.post(AnswerGiven(step["case"], me(turn).id, step["draft"], begun_at(turn)), step["to"])
    del step["draft"]
    leave_step(turn)
    turn.say_to_desk(
        turn.text("No. {number}: taken over. You will be told when it is with her.", number=step["number"])
    )


def change(turn: Turn) -> None:
    """Write it anew."""
    for kept in ("draft", "parts"):
        turn.data["step"].pop(kept, None)
    turn.show()


def settle(turn: Turn) -> None:
    """What became of an answer, and what to do if it did not arrive."""
    event = turn.event
    how = "asked" if event.how == "waits" and event.until is None else event.how
    lines = [turn.text(SETTLED.get(how, SETTLED["failed"]), number=event.number)]
    if how == "waits":
        lines.append(turn.text("Next step: {when}.", when=say_when(turn, event.until)))
    elif how in {"held", "covered"} and event.until is not None:
        lines.append(turn.text("Unread, it comes back to you: {when}.", when=say_when(turn, event.until)))
    turn.say_to_desk("\n".join(lines), *offer_to_keep(turn))


ANSWERING = Flow(
    "Answering",
    Audience.STAFF,
    (State(WRITING, ask_answer, is_literal=True), State(CHECKING, show_draft)),
    (
        Transition(on=MessageReceived, source=STATES, to=None, do=write, when=every(is_plain_text, is_still_hers)),
        Transition(on=MessageReceived, source=STATES, to=None, do=refuse_step, when=is_plain_text),
        Transition(on=MessageEdited, source=CHECKING, to=None, do=rewrite, when=every(is_draft_edited, is_still_hers)),
        Transition(
            on=ButtonPressed, source=WRITING, to=None, do=choose_ready, when=every(is_ready_answer, is_still_hers)
        ),
        Transition(on=ButtonPressed, source=WRITING, to=None, when=every(chose("answer.ready"), is_still_hers)),
        Transition(
            on=ButtonPressed, source=CHECKING, to=None, do=send, when=every(chose("answer.send"), is_still_hers)
        ),
        Transition(
            on=ButtonPressed, source=CHECKING, to=WRITING, do=change, when=every(chose("answer.change"), is_still_hers)
        ),
        Transition(on=ButtonPressed, source=CHECKING, to=None, do=leave_step, when=chose("answer.drop")),
        Transition(
            on=ButtonPressed,
            source=STATES,
            to=None,
            do=refuse_step,
            when=chose("answer.ready", "answer.send", "answer.change"),
        ),
        Transition(on=ButtonPressed, source=ANY, to=None, do=begin_reply, when=chose("case.reply")),
        Transition(on=MessageReceived, source=ANY, to=None, do=write_reply, when=is_reply_to_case),
        Transition(on=AnswerSettled, source=ANY, to=None, do=settle),
    ),
)
