"""The one automatic answer: the same for every category, both levels and a plain cry for help (S5)."""

from datetime import datetime
from zoneinfo import ZoneInfo

from bot.core.cases import Case
from bot.core.effects import CancelSends, Purpose, Unsay, Unschedule
from bot.core.events import ButtonPressed
from bot.core.messages import Button
from bot.core.speech import say_date, say_time
from bot.flows import quiet
from bot.flows.choices import chose
from bot.flows.conditions import open_case
from bot.flows.hearing import cohort_of, leave_no_trace
from bot.flows.screens import help_lines
from bot.flows.turn import ANY, Audience, Flow, Transition, Turn

WINDOWS = ("30", "120")
"""For how many minutes she lets us write, pressed by herself for this case (S1)."""
HOURS = "hours"
"""The third choice: in her own hours alone, which is what holds without any press, too."""


def answer(turn: Turn, case: Case) -> None:
    """Say it once; what follows within the same exchange gets a word of receipt."""
    if is_telling(turn):
        reply(turn, case.id, turn.text("Received."))
    else:
        ask_when(turn, case)
    turn.data["telling"] = turn.now.isoformat()


def _thanks(turn: Turn) -> str:
    """By when a person reads it, and when the answer comes; the same whatever she pressed before (S5)."""
    if is_window_asked(turn):
        return turn.text(
            "Thank you for writing. {promise}\n\n"
            "The answer comes here when you next write, or in the hours you chose. Below you can allow us to write "
            "sooner. There is no need to wait by the phone.",
            promise=promise(turn),
        )
    return turn.text(
        "Thank you for writing. {promise}\n\n"
        "The answer comes here when you next write, or as you have allowed. There is no need to wait by the phone.",
        promise=promise(turn),
    )


def is_window_asked(turn: Turn) -> bool:
    """Whether she may say when we may write: never in quiet of hers, and else always (S1).

    A Help without the question would tell whoever presses it that she has answered that before (S5).
    """
    return not quiet.is_pausing(turn)


def answer_voice(turn: Turn, case: Case) -> None:
    """Her voice or picture: a person will hear it (S19)."""
    text = turn.text("Thank you. A person will hear or see this. Writing, or the word HELP, is faster.")
    reply(turn, case.id, text, *choices(turn))


def reply(turn: Turn, case_id: str, text: str, *rows: tuple[Button, ...]) -> None:
    """A word to her about her case: a reply to her own act, and gone from a shared phone in time."""
    tag = f"case:{turn.ids.id()}"
    turn.say(text, *rows, purpose=Purpose.NOTICED, case_id=case_id, tag=tag)
    leave_no_trace(turn, case_id, tag=tag)


def ask_when(turn: Turn, case: Case) -> None:
    """Say by when a person reads it, and ask when we may write."""
    reply(turn, case.id, turn.in_each(lambda: _thanks(turn)), *choices(turn))


def choices(turn: Turn) -> list[tuple[Button, ...]]:
    """When we may write, the help lines, and not now; each works whenever it is pressed."""
    rows = _windows(turn) if is_window_asked(turn) else []
    later = turn.button("Later", "notice.later", standing=True)
    if turn.library.policy.help_lines:
        return [*rows, (turn.button("Numbers", "lines", standing=True), later)]
    return [*rows, (later,)]


def _windows(turn: Turn) -> list[tuple[Button, ...]]:
    participant = turn.facts.participant
    if participant is not None and participant.hours is not None:
        own = turn.button("Only in my hours", f"window:{HOURS}", standing=True)
    else:
        own = turn.button("Only when I write", f"window:{HOURS}", standing=True)
    return [
        (
            turn.button("In 30 minutes", "window:30", standing=True),
            turn.button("In 2 hours", "window:120", standing=True),
        ),
        (own,),
    ]


def promise(turn: Turn) -> str:
    """When a person reads it, from the hours that are really set."""
    at = turn.facts.roster.next_duty(cohort_of(turn), turn.now, turn.conversation.id)
    if at is None:
        return turn.text("A person will read it as soon as one of us is here.")
    if at <= turn.now:
        return turn.text("A person is here now and will read it.")
    participant = turn.facts.participant
    zone = ZoneInfo(participant.zone if participant else turn.library.policy.zone)
    return turn.text(
        "A person will read it after {time}, {date}.", time=say_time(at, zone), date=say_date(at, zone, turn.language)
    )


def is_telling(turn: Turn) -> bool:
    """Whether she was answered a moment ago and is still writing."""
    said = turn.data.get("telling")
    return said is not None and turn.now - datetime.fromisoformat(said) < turn.reply_window


def show_lines(turn: Turn) -> None:
    """The one list for everybody."""
    lines = help_lines(turn)
    case = open_case(turn)
    if not lines:
        turn.show()
    elif case is None:
        turn.say(lines)
    else:
        reply(turn, case.id, lines)


def hold_off(turn: Turn) -> None:
    """Not now, and nothing more is shown of it."""
    if put_off(turn):
        turn.show()


def put_off(turn: Turn) -> bool:
    """The exchange leaves the chat, and nothing follows until she writes; the case stays as it is.

    Whether it holds: she has not acted since.
    """
    case = open_case(turn)
    quiet.take_back(turn, case)
    if case is not None and not quiet.hold_off(turn):
        return False
    turn.data.pop("telling", None)
    if case is not None:
        turn.do(
            Unsay(case_id=case.id), CancelSends((Purpose.ANSWER, Purpose.NOTICED)), Unschedule((f"cover:{case.id}",))
        )
    return True


ANSWER = Flow(
    "Answer",
    Audience.MOTHER,
    (),
    (
        Transition(on=ButtonPressed, source=ANY, to=None, do=show_lines, when=chose("lines")),
        Transition(on=ButtonPressed, source=ANY, to=None, do=hold_off, when=chose("notice.later")),
    ),
)
