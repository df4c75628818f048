"""The one automatic answer: the same for every category, both levels and a plain cry for help (S5)."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from bot.core.calendar import say_date, say_time
from bot.core.cases import Case
from bot.core.effects import CancelSends, ChangeCase, Purpose, Unsay, Unschedule
from bot.core.events import ButtonPressed
from bot.core.messages import Button
from bot.flows.choices import chose, named
from bot.flows.conditions import open_case
from bot.flows.hearing import cohort_of, leave_no_trace
from bot.flows.screens import help_lines
from bot.flows.turn import ANY, Audience, Flow, Transition, Turn

WINDOWS = ("30", "120")
"""For how many minutes she lets us write, pressed by herself for this case (S1)."""


def answer(turn: Turn, case: Case) -> None:
    """Say it once; what follows within the same exchange gets a word of receipt."""
    if is_telling(turn):
        reply(turn, case.id, turn.text("Received."))
    else:
        text = turn.text(
            "Thank you for writing. {promise}\n\n"
            "The answer comes here when you next write, or in the hours you chose. Below you can allow us to write "
            "sooner. There is no need to wait by the phone.",
            promise=promise(turn),
        )
        reply(turn, case.id, text, *choices(turn))
    turn.data["telling"] = turn.now.isoformat()


def answer_voice(turn: Turn, case: Case) -> None:
    """Her voice or picture: a person will hear it (S19)."""
    text = turn.text("Thank you. A person will hear or see this. Writing, or the word HELP, is faster.")
    reply(turn, case.id, text, *choices(turn))


def reply(turn: Turn, case_id: str, text: str, *rows: tuple[Button, ...]) -> None:
    """A word to her about her case: a reply to her own act, and gone from a shared phone in time."""
    tag = f"case:{turn.ids.id()}"
    turn.say(text, *rows, purpose=Purpose.NOTICED, case_id=case_id, tag=tag)
    leave_no_trace(turn, case_id, tag=tag)


def choices(turn: Turn) -> list[tuple[Button, ...]]:
    """When we may write, the help lines, and not now; each works whenever it is pressed."""
    rows = [
        (
            turn.button("In 30 minutes", "window:30", standing=True),
            turn.button("In 2 hours", "window:120", standing=True),
        )
    ]
    later = turn.button("Later", "notice.later", standing=True)
    if turn.library.policy.help_lines:
        return [*rows, (turn.button("Numbers", "lines", standing=True), later)]
    return [*rows, (later,)]


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


def allow_window(turn: Turn) -> None:
    """She lets us write for so long; only for this case."""
    case, minutes = open_case(turn), named(turn)
    if case is None or minutes not in WINDOWS:
        turn.show()
        return
    until = turn.now + timedelta(minutes=int(minutes))
    turn.do(ChangeCase(case.id, {"window_until": until}))
    turn.data.pop("is_held_off", None)
    reply(turn, case.id, turn.text("All right."))


def hold_off(turn: Turn) -> None:
    """Not now: the exchange leaves the chat, and nothing follows until she writes; the case stays as it is."""
    case = open_case(turn)
    turn.data.pop("telling", None)
    if case is not None:
        turn.data["is_held_off"] = True
        turn.do(
            Unsay(case_id=case.id),
            CancelSends((Purpose.COVER, Purpose.ANSWER, Purpose.NOTICED)),
            Unschedule((f"cover:{case.id}",)),
            ChangeCase(case.id, {"window_until": None}),
        )
    turn.show()


ANSWER = Flow(
    "Answer",
    Audience.MOTHER,
    (),
    (
        Transition(on=ButtonPressed, source=ANY, to=None, do=show_lines, when=chose("lines")),
        Transition(on=ButtonPressed, source=ANY, to=None, do=allow_window, when=chose("window")),
        Transition(on=ButtonPressed, source=ANY, to=None, do=hold_off, when=chose("notice.later")),
    ),
)
