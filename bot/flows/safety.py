"""Stop, hide, pause, freeze and forget me: in every state, at once, as a button and as a word (S3, S22)."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.core.cases import Case
from bot.core.conversation import NEW
from bot.core.effects import CancelSends, ChangeCase, Forget, Schedule, Unsay
from bot.core.events import ButtonPressed, CommandGiven, DeskAlarmed, EraseAsked, PauseEnded, Started
from bot.core.messages import LANGUAGES, Button
from bot.core.speech import say_date, say_duration
from bot.flows import alarm, quiet
from bot.flows.case_owner import leave
from bot.flows.choices import chose, named
from bot.flows.conditions import HIDDEN, QUIET, STOPPED, has_joined, open_case, said
from bot.flows.pace import leave_out, restart, unplan
from bot.flows.preferences import SETTINGS
from bot.flows.rights import every
from bot.flows.screens import ask, home, stand
from bot.flows.sharing import take_back_shared
from bot.flows.turn import ANY, Audience, Flow, State, Transition, Turn

PAUSING, FORGETTING = "Safety:pause", "Safety:forget"
DAYS = (3, 7, 14, 30)
UNTIL_SHE_OPENS = (
    "menu", "pause", "case.now", "lines", "push.later", "about", "sample", "sample.yes", "sample.no", "tongue.person",
)  # fmt: skip
"""Buttons of messages that hide took away: on a hidden screen they show only the hidden screen."""
UNTIL_SHE_WRITES = datetime(9999, 1, 1, tzinfo=UTC)


# ---- stop and start


def stop(turn: Turn) -> None:
    """Nothing more goes to her until she says start; her case, if there is one, stays as it is."""
    turn.do(CancelSends())
    unplan(turn, "stopped")
    quiet.take_back(turn, open_case(turn))
    stand(turn, stopped_at=_since(turn, "stopped_at"))
    case, participant = open_case(turn), turn.facts.participant
    if case is not None:
        owner = turn.facts.roster.member(case.owner_id or "")
        told = (owner,) if owner else turn.facts.roster.looking_after(case.cohort_id, turn.conversation.id)
        code_name = participant.code_name if participant else ""
        alarm.tell(turn, DeskAlarmed("stopped_in_case", code_name, case.number, turn.conversation.id), told)
    turn.leave_for(HIDDEN if quiet.is_hidden(turn) else STOPPED)


def _since(turn: Turn, what: str) -> datetime:
    """When she asked for it, the last time: what she did before is not played after it."""
    known = quiet.since(turn, what)
    return turn.acted_at if known is None else max(turn.acted_at, known)


def say_stopped(turn: Turn) -> None:
    """Quiet until she wants otherwise."""
    ask(
        turn,
        turn.text("All right, nothing more comes from here. To go on one day, write START or press the button."),
        (turn.button("Start", "start", standing=True),),
    )


def start(turn: Turn) -> None:
    """She is back: at her step, whatever she had opened beside it, and from tomorrow with pages in her hours."""
    wake(turn)
    if turn.state in turn.library.detours:
        turn.come_back(home(turn))
    else:
        turn.show()


def wake(turn: Turn) -> None:
    """Neither stopped nor hidden nor paused any more; a pause that she asked for after this holds."""
    participant = turn.facts.participant
    is_paused = participant is not None and participant.paused_until is not None
    if is_paused and not quiet.is_since_pause(turn):
        return
    if is_paused or any(quiet.since(turn, what) for what in QUIET):
        stand(turn, stopped_at=None, hidden_at=None, paused_until=None)
        turn.data.pop("pause", None)
        restart(turn)


# ---- hide


def hide(turn: Turn) -> None:
    """Both sides' messages leave the chat; a neutral screen, and nothing unprompted until she opens."""
    turn.do(CancelSends(), Unsay(everything=True))
    leave_out(turn, "hidden")
    quiet.take_back(turn, open_case(turn))
    stand(turn, hidden_at=_since(turn, "hidden_at"))
    for key in ("telling", "contact"):
        turn.data.pop(key, None)
    turn.leave_for(HIDDEN)


def say_hidden(turn: Turn) -> None:
    """What anyone may see."""
    turn.say(turn.text("There is nothing new."), (turn.button("Open", "hidden.open", standing=True),))


def open_again(turn: Turn) -> None:
    """Whoever holds the phone opens: back to her step, and no wish of hers for quiet ends by it but hide (S3)."""
    if turn.state != HIDDEN:
        turn.show()
        return
    stand(turn, hidden_at=None)
    if not quiet.is_pausing(turn):
        restart(turn)
    _come_back(turn)


def _come_back(turn: Turn) -> None:
    """End a detour: to the screen of the quiet that she has asked for, or to her step."""
    if quiet.is_hidden(turn):
        turn.go(HIDDEN)
        turn.show()
    elif quiet.since(turn, "stopped_at") is not None:
        turn.go(STOPPED)
        turn.show()
    else:
        turn.come_back(home(turn))


# ---- pause


def ask_pause(turn: Turn) -> None:
    """For how long."""
    ask(
        turn,
        turn.text("For how long shall we be quiet? You can open your pages all the same."),
        tuple(_days_button(turn, days) for days in DAYS[:2]),
        tuple(_days_button(turn, days) for days in DAYS[2:]),
        *(((turn.button("Until the feast is over", "pause.feast"),),) if feast_over(turn) else ()),
        (turn.button("Until I write", "pause.days:0"), turn.button("Back", "pause.no")),
    )


def feast_over(turn: Turn) -> datetime | None:
    """In Ramadan: the morning after the days on which its feast may be."""
    participant = turn.facts.participant
    zone = ZoneInfo(participant.zone if participant else turn.library.policy.zone)
    day = turn.library.policy.feasts.after_fast(turn.now.astimezone(zone).date())
    return datetime.combine(day, time(), zone).astimezone(UTC) if day else None


def pause_for_feast(turn: Turn) -> None:
    """Quiet until the feast is over."""
    until = feast_over(turn)
    if until is None:
        turn.show()
        return
    participant = turn.facts.participant
    zone = ZoneInfo(participant.zone if participant else turn.library.policy.zone)
    _rest(turn, until)
    turn.say(turn.text("All right. Quiet until {date}.", date=say_date(until, zone, turn.language)))
    stand(turn, paused_until=until)
    _come_back(turn)


def _rest(turn: Turn, until: datetime) -> None:
    """Nothing that was planned goes, until one line at the end."""
    turn.do(CancelSends())
    unplan(turn, "paused")
    turn.data["pause"], turn.data["paused_at"] = "days", turn.acted_at.isoformat()
    turn.do(Schedule("pause", until, PauseEnded()))


def _days_button(turn: Turn, days: int) -> Button:
    return Button(say_duration(days, "day", turn.language), f"pause.days:{days}")


def open_pause(turn: Turn) -> None:
    """A detour from wherever she is; where she cannot be asked for how long, it is until she writes."""
    if turn.is_hushed:
        pause(turn)
    else:
        turn.leave_for(PAUSING)


def pause(turn: Turn) -> None:
    """Quiet for so many days, or until she writes."""
    wish = named(turn) if isinstance(turn.event, ButtonPressed) else ""
    days = int(wish) if wish.isdecimal() else 0
    if days in DAYS:
        until = turn.now + timedelta(days=days)
        _rest(turn, until)
        turn.say(turn.text("All right. Quiet for {days}.", days=say_duration(days, "day", turn.language)))
    else:
        until = UNTIL_SHE_WRITES
        turn.do(CancelSends())
        unplan(turn, "paused")
        turn.data["pause"], turn.data["paused_at"] = "open", turn.acted_at.isoformat()
        turn.say(turn.text("All right. Quiet until you write."))
    stand(turn, paused_until=until)
    _come_back(turn)


def go_back(turn: Turn) -> None:
    """No pause, or nothing erased, after all."""
    _come_back(turn)


# ---- forget me


def ask_forget(turn: Turn) -> None:
    """What is erased and what stays, asked once (S22)."""
    ask(
        turn,
        turn.text(
            "Shall we erase everything? Your place in the lessons, your answers, your name and hours are then gone "
            "for good. If a facilitator is just now helping you, "
            "only a number without your words stays, for at most 30 days."
        ),
        (turn.button("Yes, erase", "forget.yes"), turn.button("No, keep", "forget.no")),
    )


def open_forget(turn: Turn) -> None:
    """A detour from wherever she is."""
    turn.leave_for(FORGETTING)


def forget(turn: Turn) -> None:
    """She asked for it, so she hears that it is done."""
    erase(turn)
    turn.say(turn.text("Done. All the best to you."))
    turn.language = LANGUAGES[0]  # which one she chose is forgotten, too


def erase(turn: Turn) -> None:
    """Text, address and key at once; the owner of an open case hears that she must not write (S22).

    When the operator asks, nothing is said to her: it is no reply to anything of hers (S1).
    """
    case = open_case(turn)
    take_back_shared(turn)
    turn.do(CancelSends(is_settled=True), Unsay(everything=True), Forget())
    if case is not None:
        _leave_behind(turn, case)
    turn.data = {}
    turn.held_by = None
    turn.go(NEW)


def _leave_behind(turn: Turn, case: Case) -> None:
    """The case stays open for its owner, and without an act of a person its clock runs on (S10): it has to be taken."""
    roster = turn.facts.roster
    if roster.member(case.owner_id or "") is not None:
        leave(turn, case, "erased")
        if not alarm.is_acted(case) or case.is_act_taken_back:  # the erasure takes that answer away
            turn.do(ChangeCase(case.id, {"acted_at": None}))
            alarm.set_clock(turn, case, 1, alarm.deadline(turn, case, turn.now))
        elif alarm.is_awaiting(case):  # her last words have no answer, and are gone: somebody looks for her
            alarm.set_clock(turn, case, 1, alarm.answer_due(turn, case))
        return
    told = roster.looking_after(case.cohort_id, turn.conversation.id)
    alarm.tell(turn, DeskAlarmed("erased_in_case", number=case.number), told)
    alarm.ring(turn, case, 1)


SAFETY = Flow(
    "Safety",
    Audience.MOTHER,
    (
        State(STOPPED, say_stopped, is_detour=True),
        State(HIDDEN, say_hidden, is_detour=True),
        State(PAUSING, ask_pause, is_detour=True),
        State(FORGETTING, ask_forget, is_detour=True),
    ),
    (
        Transition(on=CommandGiven, source=ANY, to=None, do=stop, when=said("stop")),
        Transition(on=CommandGiven, source=ANY, to=None, do=hide, when=said("hide")),
        Transition(on=CommandGiven, source=HIDDEN, to=None, do=start, when=said("start", "resume")),
        Transition(on=CommandGiven, source=HIDDEN, to=None, do=open_forget, when=said("delete_me")),
        Transition(on=CommandGiven, source=HIDDEN, to=None, when=said("menu", "language", "city", "pause")),
        Transition(on=CommandGiven, source=STOPPED, to=None, when=said("menu")),
        Transition(on=CommandGiven, source=ANY, to=None, do=start, when=said("start", "resume")),
        Transition(on=Started, source=ANY, to=None, do=start),
        Transition(on=CommandGiven, source=ANY, to=None, do=open_pause, when=every(has_joined, said("pause"))),
        Transition(on=CommandGiven, source=ANY, to=None, do=open_forget, when=said("delete_me")),
        Transition(on=ButtonPressed, source=ANY, to=None, do=hide, when=chose("hide")),
        Transition(on=ButtonPressed, source=ANY, to=None, do=start, when=chose("start")),
        Transition(on=ButtonPressed, source=ANY, to=None, do=open_again, when=chose("hidden.open")),
        Transition(on=ButtonPressed, source=HIDDEN, to=None, do=open_again, when=chose("push.open")),
        Transition(on=ButtonPressed, source=HIDDEN, to=None, when=chose(*UNTIL_SHE_OPENS)),
        Transition(on=ButtonPressed, source=ANY, to=None, do=open_pause, when=every(has_joined, chose("pause"))),
        Transition(on=ButtonPressed, source=SETTINGS, to=None, do=stop, when=chose("stop")),
        Transition(on=ButtonPressed, source=SETTINGS, to=None, do=open_forget, when=chose("forget")),
        Transition(on=ButtonPressed, source=PAUSING, to=None, do=pause, when=chose("pause.days")),
        Transition(on=ButtonPressed, source=PAUSING, to=None, do=pause_for_feast, when=chose("pause.feast")),
        Transition(on=ButtonPressed, source=PAUSING, to=None, do=go_back, when=chose("pause.no")),
        Transition(on=ButtonPressed, source=FORGETTING, to=None, do=forget, when=chose("forget.yes")),
        Transition(on=ButtonPressed, source=ANY, to=None, do=forget, when=every(quiet.has_begun, chose("forget.yes"))),
        Transition(on=ButtonPressed, source=FORGETTING, to=None, do=go_back, when=chose("forget.no")),
        Transition(on=EraseAsked, source=ANY, to=None, do=erase),
    ),
)
