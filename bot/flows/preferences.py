"""What she chooses: is the phone shared, a name, hours, days, place and language; at joining, and at any time."""

from collections.abc import Callable
from dataclasses import replace
from datetime import time

from bot.core.calendar import EVERY_DAY, Hours
from bot.core.effects import CancelSends, Prefer, Purpose
from bot.core.events import ButtonPressed, CommandGiven, MessageReceived
from bot.core.messages import Button
from bot.core.people import Participant, Shared
from bot.core.places import CITIES, city
from bot.flows import case_hers
from bot.flows.choices import chose, named
from bot.flows.conditions import has_joined, is_text, open_case, said
from bot.flows.course import next_lesson
from bot.flows.hearing import leave_no_trace
from bot.flows.pace import restart
from bot.flows.rights import every
from bot.flows.screens import MENU, ask, home
from bot.flows.turn import ANY, Audience, Flow, State, Transition, Turn

FIRST_PHONE, FIRST_NAME = "Onboarding:phone", "Onboarding:name"
FIRST_HOURS, FIRST_OWN, READY = "Onboarding:hours", "Onboarding:own_hours", "Onboarding:ready"
SETTINGS, PHONE, NAME = "Preferences:menu", "Preferences:phone", "Preferences:name"
HOURS, OWN, DAYS, LANGUAGE = "Preferences:hours", "Preferences:own_hours", "Preferences:days", "Preferences:language"
CITY = "Preferences:city"

OFFERED = (9, 12, 15, 6)
"""Hours at which the offered windows begin; none is the hour when the family is together (S2)."""
LENGTH = 2
LONGEST_NAME = 30
WEEK = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
DAY_SETS = (
    ("Every day", "0123456"),
    ("Monday to Friday", "01234"),
    ("Mon, Wed, Fri", "024"),
    ("Tue, Thu, Sat", "135"),
    ("Saturday, Sunday", "56"),
)


# ---- the questions


def ask_phone(turn: Turn) -> None:
    """Whether somebody else takes the phone; anything but no counts as yes (S2)."""
    ask(
        turn,
        turn.text(
            "Does anyone else at home use this phone?\n\n"
            "If so, or if you skip this, what we send first is a short plain line only. "
            "A page that you open can be seen in the chat."
        ),
        (turn.button("Yes, others too", "phone.yes"), turn.button("No, only I", "phone.no")),
        (turn.button("I don't know", "phone.unknown"), turn.button("Skip", "phone.skip")),
    )


def ask_name(turn: Turn) -> None:
    """A name of her choice, or none."""
    ask(
        turn,
        turn.text("How may we call you? Write any name you like; it need not be your own. Or skip it."),
        (turn.button("Skip", "name.skip"),),
    )


def ask_hours(turn: Turn) -> None:
    """When we may write first; without an answer we never do."""
    rows = [tuple(_hours_button(begin) for begin in OFFERED[n : n + 2]) for n in (0, 2)]
    ask(
        turn,
        turn.text(
            "When is the phone calmly in your own hands? Only then will we write first.\n\n"
            "Without a choice we never write first; you open the pages yourself."
        ),
        *rows,
        (turn.button("Another hour", "own"), turn.button("Skip", "hours.skip")),
    )


def ask_own_hours(turn: Turn) -> None:
    """Every other hour of the day."""
    begins = range(4, 23)
    rows = [tuple(_hours_button(begin) for begin in begins[n : n + 3]) for n in range(0, len(begins), 3)]
    ask(turn, turn.text("Choose any two hours of the day."), *rows, (turn.button("Skip", "hours.skip"),))


def _hours_button(begin: int) -> Button:
    return Button(_span(begin), f"hours:{begin}")


def _span(begin: int) -> str:
    return f"{begin:02}:00–{(begin + LENGTH) % 24:02}:00"


def ask_days(turn: Turn) -> None:
    """On which days."""
    ask(
        turn,
        turn.text("On which days may we write?"),
        *((turn.button(label, f"days:{days}"),) for label, days in DAY_SETS),
        (turn.button("Back", "settings"),),
    )


def ask_city(turn: Turn) -> None:
    """By whose clock her hours go; nothing about her is guessed from a number."""
    buttons = [Button(one.name[turn.language], f"city:{one.id}") for one in CITIES]
    ask(
        turn,
        turn.text("Where are you now? We go by the clock of that place, and by nothing else."),
        *(tuple(buttons[n : n + 2]) for n in range(0, len(buttons), 2)),
        (turn.button("Back", "settings"),),
    )


def ask_language(turn: Turn) -> None:
    """Both names in their own language."""
    ask(
        turn,
        "Забонро интихоб кунед.\n\nВыберите язык.",
        (Button("Тоҷикӣ", "language:tg"), Button("Русский", "language:ru")),
    )


# ---- her answers


def keep_phone(turn: Turn) -> None:
    """What she said of the phone; on one that others use from now on no texts of a case stay, none comes first."""
    participant = turn.facts.participant
    was_hers = participant is not None and participant.may_see_content
    answer = {"phone.yes": Shared.YES, "phone.no": Shared.NO}.get(turn.event.choice, Shared.UNKNOWN)
    _prefer(turn, phone_shared=answer)
    if was_hers and answer is not Shared.NO:
        turn.do(CancelSends((Purpose.BROADCAST,)))
        leave_no_trace(turn)


def keep_name(turn: Turn) -> None:
    """The first line of what she wrote, shortened."""
    turn.do(Prefer({"name": " ".join(turn.event.text.split())[:LONGEST_NAME]}))


def keep_no_name(turn: Turn) -> None:
    """No name at all."""
    turn.do(Prefer({"name": ""}))


def keep_hours(turn: Turn) -> None:
    """Two hours from the one she chose, on the days she had."""
    begin = int(named(turn))
    participant = turn.facts.participant
    days = participant.hours.days if participant and participant.hours else EVERY_DAY
    _write_at(turn, hours=Hours(time(begin), time((begin + LENGTH) % 24), days))


def keep_no_hours(turn: Turn) -> None:
    """We never write first."""
    _write_at(turn, hours=None)


def keep_days(turn: Turn) -> None:
    """The same hours on other days."""
    participant = turn.facts.participant
    if participant is not None and participant.hours is not None:
        _write_at(turn, hours=replace(participant.hours, days=frozenset(int(day) for day in named(turn))))


def keep_city(turn: Turn) -> None:
    """Her hours go by the clock of that city from now on."""
    chosen = city(named(turn))
    if chosen is not None:
        _write_at(turn, zone=chosen.zone)


def _prefer(turn: Turn, **chosen: object) -> None:
    """Keep what she chose; the rest of this turn goes by it."""
    turn.do(Prefer(chosen))
    if (participant := turn.facts.participant) is not None:
        turn.facts = replace(turn.facts, participant=replace(participant, **chosen))  # type: ignore[arg-type]


def _write_at(turn: Turn, **chosen: Hours | str | None) -> None:
    """From now on we write first at other times: what is on its way by the old ones does not go any more (S1)."""
    _prefer(turn, **chosen)
    turn.do(CancelSends((Purpose.PUSH, Purpose.BROADCAST)))
    if (case := open_case(turn)) is not None:
        case_hers.plan_cover(turn, case)
    restart(turn)


def is_a_city(turn: Turn) -> bool:
    """Whether the choice names a city of the list."""
    return chose("city")(turn) and city(named(turn)) is not None


def is_an_hour(turn: Turn) -> bool:
    """Whether the choice names an hour of the day."""
    return chose("hours")(turn) and named(turn).isdecimal() and int(named(turn)) < 24


def are_days(turn: Turn) -> bool:
    """Whether the choice names some days of the week."""
    return chose("days")(turn) and bool(named(turn)) and set(named(turn)) <= set("0123456")


def keep_language(turn: Turn) -> None:
    """From now on in the other language; the step she was in is shown again."""
    turn.language = "ru" if named(turn) == "ru" else "tg"
    turn.come_back(home(turn))


# ---- after joining


def say_ready(turn: Turn) -> None:
    """She has joined: what she chose, and the first page."""
    text = turn.text("That is all. Everything can be changed in the menu.")
    rows = [(turn.button("First page", "lesson.next"),)]
    if next_lesson(turn) is None:
        text, rows = text + "\n\n" + turn.text("The first page opens after your meeting."), []
    ask(
        turn,
        text,
        *rows,
        (turn.button("Choose days", "days"), turn.button("I am abroad", "city")),
        (turn.button("Menu", "menu", standing=True),),
    )


# ---- the settings


def say_settings(turn: Turn) -> None:
    """What is chosen now, and what can be changed."""
    participant = turn.facts.participant
    chosen = describe(turn, participant) if participant else ""
    ask(
        turn,
        turn.text("Settings") + "\n" + chosen,
        (turn.button("Hours", "hours"), turn.button("Days", "days")),
        (turn.button("Place", "city"), turn.button("Name", "name"), turn.button("Phone", "phone")),
        (Button("Забон / Язык", "language"), turn.button("Pause", "pause", standing=True)),
        (turn.button("Stop all messages", "stop"), turn.button("Forget me", "forget")),
        (turn.button("Menu", "menu", standing=True),),
    )


def describe(turn: Turn, participant: Participant) -> str:
    """Her hours in words."""
    hours = participant.hours
    if hours is None:
        return turn.text("We never write first.")
    days = next((label for label, days in DAY_SETS if frozenset(map(int, days)) == hours.days), None)
    span = f"{hours.begin:%H:%M}–{hours.end:%H:%M}"
    return turn.text("We write only at {hours}.", hours=span) + (" " + turn.text(days) if days else "")


def change(record: Callable[[Turn], None]) -> Callable[[Turn], None]:
    """Record, say so, and show the settings again."""

    def recorded(turn: Turn) -> None:
        record(turn)
        turn.say(turn.text("Changed."))
        go_back(turn)

    recorded.__name__ = record.__name__
    return recorded


def go_back(turn: Turn) -> None:
    """Back to the step she came from, or to the menu."""
    turn.come_back(home(turn))


def go_on(record: Callable[[Turn], None]) -> Callable[[Turn], None]:
    """Record, and show the next question."""

    def recorded(turn: Turn) -> None:
        record(turn)
        turn.show()

    recorded.__name__ = record.__name__
    return recorded


def open_settings(turn: Turn) -> None:
    """A detour from wherever she is."""
    turn.leave_for(SETTINGS)


def open_language(turn: Turn) -> None:
    """A detour from wherever she is."""
    turn.leave_for(LANGUAGE)


def open_city(turn: Turn) -> None:
    """A detour from wherever she is."""
    turn.leave_for(CITY)


def open_days(turn: Turn) -> None:
    """Days are asked only of someone who has chosen hours."""
    participant = turn.facts.participant
    turn.leave_for(DAYS if participant and participant.hours else HOURS)


PREFERENCES = Flow(
    "Preferences",
    Audience.MOTHER,
    (
        State(FIRST_PHONE, ask_phone),
        State(FIRST_NAME, ask_name),
        State(FIRST_HOURS, ask_hours),
        State(FIRST_OWN, ask_own_hours),
        State(READY, say_ready, is_resting=True),
        State(SETTINGS, say_settings, is_detour=True),
        State(PHONE, ask_phone, is_detour=True),
        State(NAME, ask_name, is_detour=True),
        State(HOURS, ask_hours, is_detour=True),
        State(OWN, ask_own_hours, is_detour=True),
        State(DAYS, ask_days, is_detour=True),
        State(CITY, ask_city, is_detour=True),
        State(LANGUAGE, ask_language, is_detour=True),
    ),
    (
        Transition(
            on=ButtonPressed,
            source=FIRST_PHONE,
            to=FIRST_NAME,
            do=go_on(keep_phone),
            when=chose(*(f"phone.{a}" for a in ("yes", "no", "unknown", "skip"))),
        ),
        Transition(on=ButtonPressed, source=FIRST_NAME, to=FIRST_HOURS, when=chose("name.skip")),
        Transition(on=MessageReceived, source=FIRST_NAME, to=FIRST_HOURS, do=go_on(keep_name), when=is_text),
        Transition(on=ButtonPressed, source=FIRST_HOURS, to=FIRST_OWN, when=chose("own")),
        Transition(on=ButtonPressed, source=(FIRST_HOURS, FIRST_OWN), to=READY, do=go_on(keep_hours), when=is_an_hour),
        Transition(on=ButtonPressed, source=(FIRST_HOURS, FIRST_OWN), to=READY, when=chose("hours.skip")),
        Transition(
            on=ButtonPressed,
            source=PHONE,
            to=None,
            do=change(keep_phone),
            when=chose(*(f"phone.{a}" for a in ("yes", "no", "unknown", "skip"))),
        ),
        Transition(on=ButtonPressed, source=NAME, to=None, do=change(keep_no_name), when=chose("name.skip")),
        Transition(on=MessageReceived, source=NAME, to=None, do=change(keep_name), when=is_text),
        Transition(on=ButtonPressed, source=HOURS, to=OWN, when=chose("own")),
        Transition(on=ButtonPressed, source=(HOURS, OWN), to=None, do=change(keep_hours), when=is_an_hour),
        Transition(on=ButtonPressed, source=(HOURS, OWN), to=None, do=change(keep_no_hours), when=chose("hours.skip")),
        Transition(on=ButtonPressed, source=DAYS, to=None, do=change(keep_days), when=are_days),
        Transition(on=ButtonPressed, source=DAYS, to=SETTINGS, when=chose("settings")),
        Transition(on=ButtonPressed, source=CITY, to=None, do=change(keep_city), when=is_a_city),
        Transition(on=ButtonPressed, source=CITY, to=SETTINGS, when=chose("settings")),
        Transition(on=ButtonPressed, source=(SETTINGS, READY), to=None, do=open_city, when=chose("city")),
        Transition(on=ButtonPressed, source=LANGUAGE, to=None, do=keep_language, when=chose("language")),
        Transition(on=ButtonPressed, source=SETTINGS, to=HOURS, when=chose("hours")),
        Transition(on=ButtonPressed, source=SETTINGS, to=None, do=open_days, when=chose("days")),
        Transition(on=ButtonPressed, source=READY, to=None, do=open_days, when=chose("days")),
        Transition(on=ButtonPressed, source=SETTINGS, to=NAME, when=chose("name")),
        Transition(on=ButtonPressed, source=SETTINGS, to=PHONE, when=chose("phone")),
        Transition(on=ButtonPressed, source=SETTINGS, to=LANGUAGE, when=chose("language")),
        Transition(on=ButtonPressed, source=MENU, to=None, do=open_settings, when=chose("settings")),
        Transition(on=CommandGiven, source=ANY, to=None, do=open_language, when=said("language")),
        Transition(on=CommandGiven, source=ANY, to=None, do=open_city, when=every(has_joined, said("city"))),
    ),
)
