"""How she works, in her own hands: languages, how many cases, rest hours, days away; and what others set."""

import re
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from bot.core.effects import Arrange, SetDuty
from bot.core.events import ButtonPressed, MessageReceived
from bot.core.messages import LANGUAGES, Button
from bot.core.people import Away
from bot.core.speech import say_duration, say_short_day
from bot.core.teamwork import FallbackNamed, RotaSet
from bot.flows.cards import LANGUAGES as TONGUES
from bot.flows.choices import chose, named
from bot.flows.duty import stretches_of
from bot.flows.rights import me, own_cases
from bot.flows.staff import cancel_button, leave_step
from bot.flows.steps import is_plain_text
from bot.flows.timetable import parse, say
from bot.flows.turn import ANY, Audience, Flow, State, Transition, Turn

OPEN, REST, AWAY = "Arrange:open", "Arrange:rest", "Arrange:away"
STATES = (OPEN, REST, AWAY)
LIMITS = (1, 2, 3, 5, 8, 12)
"""The offered numbers of open cases at once."""
AWAY_DAYS = (1, 3, 7, 14)
LONGEST_AWAY = timedelta(days=180)
_DATE = r"(\d{1,2})\.(\d{1,2})(?:\.(\d{4}))?"
_DATES = re.compile(rf"\s*{_DATE}(?:\s*[-–—]\s*{_DATE})?\s*")


def begin(turn: Turn) -> None:
    """What is set now, and what can be changed."""
    leave_step(turn)
    turn.go(OPEN)
    turn.show()


def show_arrangement(turn: Turn, changes: dict[str, Any] | None = None) -> None:
    """Everything on one screen; `changes` are those of this very turn."""
    staff, now = me(turn), changes or {}
    languages = now.get("languages", staff.languages)
    limit = now.get("load_limit", staff.load_limit)
    rest = now.get("rest", stretches_of(staff.rest))
    away = now.get("away", _dates(staff.away))
    tongues = ", ".join(turn.text(TONGUES[x]) for x in LANGUAGES if x in languages)
    lines = [
        turn.text("How you work. Who is rung first goes by this."),
        turn.text("You answer: {tongues}", tongues=tongues),
        turn.text("Open cases at once, at most: {n}", n=limit),
        turn.text("Rest hours: {hours}", hours=say(rest, turn.language).replace("\n", ", ") or "—"),
        turn.text("Away: {days}", days=_say_away(away) or "—"),
    ]
    if staff.is_fallback:
        lines.append(turn.text("You are the one who is rung when nobody else is there."))
    turn.say_to_desk("\n".join(lines), *_choices(turn, frozenset(languages), limit), (cancel_button(turn),))


def _choices(turn: Turn, languages: frozenset[str], limit: int) -> list[tuple[Button, ...]]:
    marks = {True: "✓ ", False: ""}
    tongues = tuple(Button(marks[x in languages] + turn.text(TONGUES[x]), f"arrange.tongue:{x}") for x in LANGUAGES)
    limits = tuple(Button(f"{marks[n == limit]}{n}", f"arrange.limit:{n}") for n in LIMITS)
    return [
        tongues,
        limits,
        (turn.button("Rest hours", "arrange.rest"), turn.button("Days away", "arrange.away")),
    ]


def _dates(away: Away | None) -> tuple[str, str] | None:
    return (away.first.isoformat(), away.last.isoformat()) if away else None


def _say_away(away: tuple[str, str] | None) -> str:
    if away is None:
        return ""
    first, last = (date.fromisoformat(day) for day in away)
    return " – ".join(say_short_day(day) for day in dict.fromkeys((first, last)))


def arrange(turn: Turn, **changes: Any) -> None:
    """Keep it and show everything again."""
    turn.do(Arrange(changes))
    turn.go(OPEN)
    show_arrangement(turn, changes)


# ---- languages and how many


def is_tongue(turn: Turn) -> bool:
    """Whether one of the languages was pressed."""
    return chose("arrange.tongue")(turn) and named(turn) in LANGUAGES


def choose_tongue(turn: Turn) -> None:
    """Pressing takes a language in or out; one always stays."""
    had = me(turn).languages
    pressed = next(language for language in LANGUAGES if language == named(turn))
    languages = (had ^ {pressed}) or had
    arrange(turn, languages=tuple(language for language in LANGUAGES if language in languages))


def is_limit(turn: Turn) -> bool:
    """Whether one of the offered numbers was pressed."""
    return chose("arrange.limit")(turn) and named(turn) in {str(n) for n in LIMITS}


def choose_limit(turn: Turn) -> None:
    """Beyond it others are rung first; she may always take more."""
    arrange(turn, load_limit=int(named(turn)))


# ---- rest hours


def ask_rest(turn: Turn) -> None:
    """In these hours she is rung privately only when there is nobody else."""
    example = "пн-вс 22-7" if turn.language == "ru" else "дш-яш 22-7"
    turn.say_to_desk(
        turn.text(
            "When do you rest? Write it in one line, for example: {example}. In these hours you are rung privately "
            "only when there is nobody else.",
            example=example,
        ),
        (turn.button("No rest hours", "arrange.no_rest"), cancel_button(turn)),
    )


def is_timetable(turn: Turn) -> bool:
    """Whether she wrote hours that are understood."""
    return is_plain_text(turn) and parse(turn.event.text) is not None


def write_rest(turn: Turn) -> None:
    """Kept as written."""
    arrange(turn, rest=parse(turn.event.text) or ())


def drop_rest(turn: Turn) -> None:
    """None."""
    arrange(turn, rest=())


# ---- days away


def ask_away(turn: Turn) -> None:
    """From today for some days, or dates."""
    turn.say_to_desk(
        turn.text(
            "When are you away? Choose for how many days from today, or write dates, for example: {example}. You are "
            "then not rung, and mothers are promised no time of yours.",
            example=f"{_today(turn):%d.%m}-{_today(turn) + timedelta(days=6):%d.%m}",
        ),
        tuple(Button(say_duration(n, "day", turn.language), f"arrange.days:{n}") for n in AWAY_DAYS),
        (turn.button("I am not away", "arrange.here"), cancel_button(turn)),
    )


def _today(turn: Turn) -> date:
    return turn.now.astimezone(ZoneInfo(me(turn).zone)).date()


def is_days(turn: Turn) -> bool:
    """Whether one of the offered numbers of days was pressed."""
    return chose("arrange.days")(turn) and named(turn) in {str(n) for n in AWAY_DAYS}


def choose_days(turn: Turn) -> None:
    """From today on."""
    _be_away(turn, _today(turn), _today(turn) + timedelta(days=int(named(turn)) - 1))


def read_dates(text: str, today: date) -> tuple[date, date] | None:
    """`24.11-30.11` or `24.11.2026`; without a year the next such day.  None when it is not understood."""
    found = _DATES.fullmatch(text)
    if found is None:
        return None
    day, month, year, last_day, last_month, last_year = found.groups()
    first = _date(day, month, year, today)
    last = _date(last_day, last_month, last_year, first) if first and last_day else first
    is_sound = first is not None and last is not None and today <= last and first <= last <= first + LONGEST_AWAY
    return (first, last) if first and last and is_sound else None


def _date(day: str, month: str, year: str | None, not_before: date) -> date | None:
    try:
        if year:
            return date(int(year), int(month), int(day))
        this_year = date(not_before.year, int(month), int(day))
        return this_year if this_year >= not_before else date(not_before.year + 1, int(month), int(day))
    except ValueError:
        return None


def is_dates(turn: Turn) -> bool:
    """Whether she wrote dates that are understood."""
    return is_plain_text(turn) and read_dates(turn.event.text, _today(turn)) is not None


def write_dates(turn: Turn) -> None:
    """The days she wrote."""
    dates = read_dates(turn.event.text, _today(turn))
    if dates is not None:
        _be_away(turn, *dates)


def _be_away(turn: Turn, first: date, last: date) -> None:
    arrange(turn, away=(first.isoformat(), last.isoformat()))
    mine = len(own_cases(turn))
    if mine:
        turn.say_to_desk(
            turn.text("Still yours: {n}. Answer them or pass them on, so that nobody waits for you.", n=mine),
            (turn.button("My cases", "menu.mine", standing=True),),
        )


def be_here(turn: Turn) -> None:
    """Not away."""
    arrange(turn, away=None)


def say_not_understood(turn: Turn) -> None:
    """What was written is neither hours nor dates."""
    turn.say_to_desk(turn.text("I did not understand this. Please write it like the example."))
    turn.show()


# ---- what others set


def name_fallback(turn: Turn) -> None:
    """A coordinator named her, or somebody else in her place."""
    event = turn.event
    if me(turn).is_fallback == event.is_fallback:
        turn.say_to_desk(turn.text("Nothing has changed for you."))
        return
    turn.do(Arrange({"is_fallback": event.is_fallback}))
    if event.is_fallback:
        by = turn.facts.roster.member(event.by)
        turn.say_to_desk(
            turn.text(
                "{alias} named you as the one who is rung when nobody else is there. You need not take cases: you find "
                "somebody who can.",
                alias=by.alias if by else "—",
            )
        )
    else:
        turn.say_to_desk(turn.text("You are no longer the one who is rung when nobody else is there. Thank you."))


def take_rota(turn: Turn) -> None:
    """The operator brought in the rota; she sees what holds now."""
    event = turn.event
    turn.do(SetDuty(event.duty))
    changes = {
        "languages": event.languages,
        "load_limit": event.load_limit,
        "rest": event.rest,
        "away": event.away,
    }
    turn.do(Arrange(changes))
    turn.data.pop("shift", None)
    lines = [turn.text("The rota was brought up to date. Your duty hours now:"), say(event.duty, turn.language) or "—"]
    turn.say_to_desk("\n".join(lines), (turn.button("How I work", "menu.arrange", standing=True),))


ARRANGING = Flow(
    "Arranging",
    Audience.STAFF,
    (State(OPEN, show_arrangement), State(REST, ask_rest), State(AWAY, ask_away)),
    (
        Transition(on=ButtonPressed, source=OPEN, to=None, do=choose_tongue, when=is_tongue),
        Transition(on=ButtonPressed, source=OPEN, to=None, do=choose_limit, when=is_limit),
        Transition(on=ButtonPressed, source=OPEN, to=REST, when=chose("arrange.rest")),
        Transition(on=ButtonPressed, source=OPEN, to=AWAY, when=chose("arrange.away")),
        Transition(on=ButtonPressed, source=REST, to=None, do=drop_rest, when=chose("arrange.no_rest")),
        Transition(on=MessageReceived, source=REST, to=None, do=write_rest, when=is_timetable),
        Transition(on=ButtonPressed, source=AWAY, to=None, do=choose_days, when=is_days),
        Transition(on=ButtonPressed, source=AWAY, to=None, do=be_here, when=chose("arrange.here")),
        Transition(on=MessageReceived, source=AWAY, to=None, do=write_dates, when=is_dates),
        Transition(on=MessageReceived, source=(REST, AWAY), to=None, do=say_not_understood, when=is_plain_text),
        Transition(on=ButtonPressed, source=ANY, to=None, do=begin, when=chose("menu.arrange")),
        Transition(on=FallbackNamed, source=ANY, to=None, do=name_fallback),
        Transition(on=RotaSet, source=ANY, to=None, do=take_rota),
    ),
)
