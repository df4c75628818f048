"""Duty hours: by buttons or typed, shown back before they count; and the end of a shift."""

from datetime import datetime, timedelta

from bot.core.calendar import Hours
from bot.core.effects import Arrange, SetDuty
from bot.core.events import ButtonPressed, DeskAlarmed, MessageReceived
from bot.core.messages import Button
from bot.core.people import Staff
from bot.core.teamwork import ShiftRested
from bot.flows.cards import say_when
from bot.flows.choices import chose, named
from bot.flows.rights import colleagues, every, is_facilitator_or_coordinator, me, own_cases
from bot.flows.staff import cancel_button, leave_step
from bot.flows.steps import is_plain_text
from bot.flows.timetable import Stretch, parse, say, say_days, say_times
from bot.flows.turn import ANY, Audience, Flow, State, Transition, Turn

DAYS, HOURS, SHOWN = "Duty:days", "Duty:hours", "Duty:shown"
STATES = (DAYS, HOURS, SHOWN)
DAY_SETS = ((0, 1, 2, 3, 4), (0, 1, 2, 3, 4, 5), (5, 6), (0, 1, 2, 3, 4, 5, 6))
HOUR_SETS = (
    ("09:00", "13:00"),
    ("09:00", "17:00"),
    ("13:00", "20:00"),
    ("08:00", "20:00"),
    ("20:00", "08:00"),
    ("00:00", "00:00"),
)
REST = timedelta(hours=8)
"""How long one who ended her shift is off duty at least."""
MOST = 14
"""At most this many stretches: two a day for a week."""


OVER = (
    "Your shift is over; from {when} your duty hours count again. To be on duty earlier press Back on duty; for days "
    "off, How I work. Thank you. If today was heavy, please tell your coordinator."
)


def stretches_of(hours: tuple[Hours, ...]) -> tuple[Stretch, ...]:
    """Hours as they are written."""
    return tuple((f"{h.begin:%H:%M}", f"{h.end:%H:%M}", tuple(sorted(h.days))) for h in hours)


def _planned(turn: Turn) -> list[Stretch]:
    return [(begin, end, tuple(days)) for begin, end, days in turn.data.get("step", {}).get("stretches", [])]


def begin(turn: Turn) -> None:
    """Show what is set now and ask for the days."""
    leave_step(turn)
    turn.data["step"] = {"stretches": []}
    present = say(stretches_of(me(turn).duty), turn.language)
    if present:
        turn.say_to_desk(turn.text("Your duty hours now:") + f"\n{present}")
    turn.go(DAYS)
    turn.show()


def ask_days(turn: Turn) -> None:
    """Ask for the days."""
    labels = [say_days(days, turn.language) for days in DAY_SETS]
    turn.say_to_desk(
        turn.text(
            "On which days are you there? You can also write everything in one line, for example: {example}",
            example=_example(turn),
        ),
        tuple(Button(label, f"duty.days:{n}") for n, label in enumerate(labels)),
        (cancel_button(turn),),
    )


def _example(turn: Turn) -> str:
    return "пн-пт 9-17, сб 10-13" if turn.language == "ru" else "дш-ҷм 9-17, шб 10-13"


def is_day_set(turn: Turn) -> bool:
    """Whether one of the offered sets of days was pressed."""
    return chose("duty.days")(turn) and named(turn) in {str(n) for n in range(len(DAY_SETS))}


def is_hour_set(turn: Turn) -> bool:
    """Whether one of the offered hours was pressed."""
    return chose("duty.hours")(turn) and named(turn) in {str(n) for n in range(len(HOUR_SETS))}


def choose_days(turn: Turn) -> None:
    """Then the hours."""
    turn.data["step"]["days"] = list(DAY_SETS[int(named(turn))])
    turn.show()


def ask_hours(turn: Turn) -> None:
    """Ask for the hours."""
    buttons = [Button(say_times(begin, end), f"duty.hours:{n}") for n, (begin, end) in enumerate(HOUR_SETS)]
    turn.say_to_desk(turn.text("From when to when?"), tuple(buttons[:3]), tuple(buttons[3:]), (cancel_button(turn),))


def choose_hours(turn: Turn) -> None:
    """One stretch is complete."""
    begins, ends = HOUR_SETS[int(named(turn))]
    _add(turn, ((begins, ends, tuple(turn.data["step"].pop("days", DAY_SETS[-1]))),))


def is_timetable(turn: Turn) -> bool:
    """Whether she wrote hours that are understood."""
    return is_plain_text(turn) and parse(turn.event.text) is not None


def write_hours(turn: Turn) -> None:
    """All stretches in one line."""
    _add(turn, parse(turn.event.text) or ())


def _add(turn: Turn, more: tuple[Stretch, ...]) -> None:
    turn.data["step"]["stretches"] = [*_planned(turn), *more][:MOST]
    turn.go(SHOWN)
    turn.show()


def say_not_understood(turn: Turn) -> None:
    """How hours are written."""
    turn.say_to_desk(
        turn.text("I did not understand these hours. Please write them like this: {example}", example=_example(turn))
    )
    turn.show()


def show_plan(turn: Turn) -> None:
    """Shown back before it counts."""
    turn.say_to_desk(
        turn.text("Your duty hours will be:") + f"\n{say(_planned(turn), turn.language)}",
        (turn.button("Save", "duty.save"), turn.button("Add more hours", "duty.more"), cancel_button(turn)),
    )


def save(turn: Turn) -> None:
    """From now on alarms and promises go by these hours."""
    planned = tuple(_planned(turn))
    turn.data.pop("shift", None)
    turn.do(SetDuty(planned), Arrange({"off": None}))
    leave_step(turn)
    turn.say_to_desk(
        turn.text("Saved. Mothers are promised an answer by these hours, so please keep them true.")
        + f"\n{say(planned, turn.language)}"
    )


def end_shift(turn: Turn) -> None:
    """The shift that runs ends, the week stays; her cases stay hers until she answers or passes them on."""
    leave_step(turn)
    staff = me(turn)
    mine = len(own_cases(turn))
    back = (turn.button("Back on duty", "duty.back", standing=True),)
    if staff.is_on_duty(turn.now):
        until = _rested_at(turn, staff)
        turn.do(Arrange({"off": (turn.now, until)}))
        turn.say_to_desk(turn.text(OVER, when=say_when(turn, until)), back)
    else:
        turn.say_to_desk(turn.text("You are not on duty now; your duty hours stay as they are."), back)
    if mine:
        turn.say_to_desk(
            turn.text("Still yours: {n}. Answer them or pass them on, so that nobody waits for you.", n=mine),
            (turn.button("My cases", "menu.mine", standing=True),),
        )
    _warn_if_last(turn, staff)


def _rested_at(turn: Turn, staff: Staff) -> datetime:
    """When the shift that runs would have ended, and she has rested."""
    running = [end for begin, end in staff.shifts(turn.now) if begin <= turn.now < end]
    return max([turn.now + REST, *(end.astimezone(turn.now.tzinfo) for end in running)])


def rest_over(turn: Turn) -> None:
    """Give the week back to one who ended her shift when that still took it out of the rota."""
    if kept := tuple((begins, ends, tuple(days)) for begins, ends, days in turn.data.pop("shift", [])):
        turn.do(SetDuty(kept))


def _warn_if_last(turn: Turn, staff: Staff) -> None:
    """When she was the last on duty, for all or for a cohort of hers, coordinators hear it before the next alarm."""
    if not (staff.may_take(None) and staff.is_on_duty(turn.now)):
        return
    left = [s for s in turn.facts.roster.on_duty(None, turn.now) if s.id != staff.id]
    cohorts = staff.cohorts or {cohort.id for cohort in turn.facts.cohorts}
    if left and all(any(s.may_take(cohort) for s in left) for cohort in cohorts):
        return
    alarmed = DeskAlarmed("cohort_alone", staff.alias) if left else DeskAlarmed("nobody_on_duty")
    for colleague in colleagues(turn):
        turn.post(alarmed, colleague.conversation_id)


def come_back(turn: Turn) -> None:
    """The hours she had before count again."""
    leave_step(turn)
    staff = me(turn)
    is_off = staff.off is not None and turn.now < staff.off[1]
    if is_off:
        turn.do(Arrange({"off": None}))
    if staff.duty:
        words = "Welcome back. Your duty hours count again:" if is_off else "Your duty hours now:"
        turn.say_to_desk(turn.text(words) + f"\n{say(stretches_of(staff.duty), turn.language)}")
    else:
        begin(turn)


def more(turn: Turn) -> None:
    """A further stretch."""
    turn.show()


DUTY = Flow(
    "Duty",
    Audience.STAFF,
    (State(DAYS, ask_days), State(HOURS, ask_hours), State(SHOWN, show_plan)),
    (
        Transition(on=ShiftRested, source=ANY, to=None, do=rest_over),
        Transition(on=ButtonPressed, source=DAYS, to=HOURS, do=choose_days, when=is_day_set),
        Transition(on=ButtonPressed, source=HOURS, to=None, do=choose_hours, when=is_hour_set),
        Transition(on=ButtonPressed, source=SHOWN, to=None, do=save, when=chose("duty.save")),
        Transition(on=ButtonPressed, source=SHOWN, to=DAYS, do=more, when=chose("duty.more")),
        Transition(on=MessageReceived, source=STATES, to=None, do=write_hours, when=is_timetable),
        Transition(on=MessageReceived, source=STATES, to=None, do=say_not_understood, when=is_plain_text),
        Transition(
            on=ButtonPressed,
            source=ANY,
            to=None,
            do=begin,
            when=every(chose("menu.duty"), is_facilitator_or_coordinator),
        ),
        Transition(
            on=ButtonPressed,
            source=ANY,
            to=None,
            do=end_shift,
            when=every(chose("menu.shift"), is_facilitator_or_coordinator),
        ),
        Transition(
            on=ButtonPressed,
            source=ANY,
            to=None,
            do=come_back,
            when=every(chose("duty.back"), is_facilitator_or_coordinator),
        ),
    ),
)
