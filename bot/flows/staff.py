"""The staff's chat: the menu, the words that act everywhere, the language, and what happens without rights."""

from datetime import datetime, timedelta

from bot.core.cases import Level
from bot.core.effects import CancelSends, SteerBroadcast, Unsay, Unschedule
from bot.core.events import (
    AccessEnded,
    ButtonPressed,
    CaseHandedBack,
    CommandGiven,
    DeskAlarmed,
    OwnerLost,
    ReachChanged,
    SendsFailed,
    Started,
)
from bot.core.messages import Button
from bot.core.people import Role
from bot.core.speech import say_duration
from bot.core.teamwork import LookEnded
from bot.flows.choices import chose, named
from bot.flows.conditions import said
from bot.flows.rights import ENDED, MENU, WAITING, cases_along, colleagues, is_inert, me, own_cases
from bot.flows.turn import ANY, Audience, Flow, State, Transition, Turn

Menu = tuple[tuple[tuple[str, str], ...], ...]
"""Rows of labels and choices."""
TOLD_EVERY = timedelta(hours=1)
"""How often it is said at most that something for one of the team did not arrive."""

FACILITATOR_MENU: Menu = (
    (("My cases", "menu.mine"), ("Open cases", "menu.queue")),
    (("Duty hours", "menu.duty"), ("End my shift", "menu.shift")),
    (("Session held", "menu.session"), ("My cohort", "menu.people")),
    (("Shared answers", "menu.shared"),),
)
COHORT_MENU: Menu = (FACILITATOR_MENU[2],)
COORDINATOR_MENU: Menu = (
    (("Cohorts", "menu.cohorts"), ("Message to cohorts", "menu.broadcast")),
    (("Test the alarm", "menu.test"), ("New colleagues", "menu.newcomers")),
    (("Readiness", "menu.ready"), ("Fall-back person", "menu.fallback")),
    (("Answers in figures", "menu.measures"),),
)
VOICES_MENU: Menu = ((("Pages to hear", "menu.voices"),),)
SUPERVISOR_MENU: Menu = ((("Held cohorts", "menu.withheld"),),)
OTHERS_MENU: Menu = ((("My cases", "menu.mine"), ("Open cases", "menu.queue")),)
SHARED_MENU: Menu = (
    (("How I work", "menu.arrange"),),
    (("What to do", "menu.help"), ("Забон / Язык", "menu.language")),
)


def show_menu(turn: Turn) -> None:
    """What she can do by her roles; the buttons work whenever they are pressed."""
    staff = me(turn)
    table = FACILITATOR_MENU if staff.has(Role.FACILITATOR) else OTHERS_MENU
    if staff.has(Role.COORDINATOR):
        table += COORDINATOR_MENU if staff.has(Role.FACILITATOR) else COHORT_MENU + COORDINATOR_MENU
    if staff.has(Role.FACILITATOR) or staff.has(Role.COORDINATOR):
        table += VOICES_MENU
    if any(cohort.is_withheld for cohort in turn.facts.cohorts):
        table += SUPERVISOR_MENU
    rows = [tuple(turn.button(label, choice, standing=True) for label, choice in row) for row in (*table, *SHARED_MENU)]
    turn.say_to_desk(
        turn.text(
            "Menu, {alias}. Yours now: {mine}. Waiting for somebody: {free}.",
            alias=staff.alias,
            mine=len(own_cases(turn)),
            free=sum(1 for case in turn.facts.cases if case.owner_id is None),
        ),
        *rows,
    )


def rest(turn: Turn) -> None:
    """Leave whatever was begun and show the menu."""
    leave_step(turn)
    show_menu(turn)


def leave_step(turn: Turn) -> None:
    """Back to the menu's state; a draft that was not sent is dropped, and she is told."""
    step = turn.data.pop("step", {})
    if step.get("draft"):
        turn.say_to_desk(turn.text("The text you had begun was not sent to anybody."))
    turn.go(MENU)


def cancel_button(turn: Turn) -> Button:
    """The way out of every step."""
    return turn.button("Cancel", "menu.leave", standing=True)


HELP_COORDINATOR = (
    "What to do.\n"
    "1. An alarm came that nobody answers: call one of the facilitators whom it names. Under Open cases you can name "
    "who should take one.\n"
    "2. A facilitator reads and answers, not you. That every case has somebody is yours.\n"
    "3. Somebody came by a code: speak with her first, confirm her then.\n"
    "4. Hard to carry? Talk to somebody of the team the same day."
)
HELP_OTHERS = (
    "What to do.\n"
    "1. A supervisor whom a colleague asks for her opinion looks at the case, which is recorded, and leaves her a "
    "note.\n"
    "2. The colleague stays the one who writes to the mother. Nothing of yours goes there.\n"
    "3. An alarm that names facilitators: call one of them.\n"
    "4. Hard to carry? Talk to your coordinator the same day."
)


def show_help(turn: Turn) -> None:
    """What to do, on one screen, by her role."""
    leave_step(turn)
    staff = me(turn)
    if staff.has(Role.FACILITATOR):
        told = _help_facilitator(turn)
    else:
        told = turn.text(HELP_COORDINATOR if staff.has(Role.COORDINATOR) else HELP_OTHERS)
    turn.say_to_desk(
        told,
        (turn.button("My cases", "menu.mine", standing=True), turn.button("Open cases", "menu.queue", standing=True)),
    )


def _help_facilitator(turn: Turn) -> str:
    return turn.text(
        "What to do.\n"
        "1. An alarm came: press Take. It then belongs to you alone.\n"
        "2. Read, then within {wait} answer, or do something and write down what you did. Only "
        "this stops the alarm.\n"
        "3. To answer: press Reply under her message. You see your text with the number once more before it goes.\n"
        "4. The first answer of each contact is preceded by a neutral question of ours: perhaps "
        "somebody else holds the phone.\n"
        "5. Her life comes first: do not advise her to leave, to accuse or to search. Ask what she "
        "needs and when it is quiet.\n"
        "6. Cannot go on? Pass the case on. Finished? Close it with one line of reason.\n"
        "7. Hard to carry? Talk to your coordinator the same day.",
        wait=say_duration(turn.library.policy.alarm_again // timedelta(minutes=1), "minute", turn.language),
    )


def ask_language(turn: Turn) -> None:
    """Both names, in both languages."""
    turn.say_to_desk(
        "Забонро интихоб кунед.\nВыберите язык.",
        (Button("Тоҷикӣ", "language.set:tg", True), Button("Русский", "language.set:ru", True)),  # noqa: FBT003 - standing
    )


def set_language(turn: Turn) -> None:
    """From now on everything here is in that language; the step she is in is shown again."""
    turn.language = "ru" if named(turn) == "ru" else "tg"
    turn.show()


def say_inert(turn: Turn) -> None:
    """Nothing opens before a colleague has vouched for her (S14)."""
    turn.say_to_desk(
        turn.text(
            "A colleague who knows you must confirm you first. Until then nothing opens here. Please "
            "remind your coordinator."
        ),
        (turn.button("Remind the coordinator", "staff.remind", standing=True),),
    )


def say_broken(turn: Turn) -> None:
    """What she did could not be played."""
    turn.say_to_desk(turn.text("Something did not work here, and nothing was sent. Send /menu to go on."))


def say_ended(turn: Turn) -> None:
    """Nothing opens any more."""
    turn.say_to_desk(turn.text("Your access here has ended. If this is a mistake, please speak with your coordinator."))


def has_finding(turn: Turn) -> bool:
    """Whether somebody without rights wrote something that needs a human being (S7)."""
    return is_inert(turn) and turn.facts.finding.level is not Level.NONE


def pass_on_finding(turn: Turn) -> None:
    """She is answered like everybody here, and the coordinators hear that somebody should talk to her."""
    tell_coordinators(turn, "newcomer_writes")
    if colleagues(turn):
        turn.say_to_desk(
            turn.text("A coordinator is told now that you wrote, and that a person should speak with you.")
        )
    turn.show()


def end_access(turn: Turn) -> None:
    """The desk leaves this chat at once, her broadcasts end, her cases ring, and none is open to her (S4, S14)."""
    staff_id = turn.conversation.owner_id
    for case in own_cases(turn):
        turn.post(CaseHandedBack(case.id, staff_id), case.conversation_id)
    for case in cases_along(turn):
        turn.post(LookEnded(case.id, staff_id), case.conversation_id)
    turn.data = {}
    turn.do(SteerBroadcast(None, "cancelled"), CancelSends(), Unschedule(("",)), Unsay(everything=True))
    turn.go(ENDED)
    say_ended(turn)


def hide(turn: Turn) -> None:
    """Everything younger than 48 hours leaves this chat; cases stay hers."""
    turn.data.pop("step", None)
    turn.do(Unsay(everything=True))
    turn.go(MENU)
    turn.say_to_desk(turn.text("Done. Send /menu to go on."))


def say_not_here(turn: Turn) -> None:
    """Stop, pause and forget me are mothers' words; hers are in the menu, by her roles."""
    staff = me(turn)
    if staff.has(Role.FACILITATOR):
        rest = turn.text("To rest, press End my shift.")
        button = turn.button("End my shift", "menu.shift", standing=True)
    else:
        rest = turn.text("For days off, press How I work.")
        button = turn.button("How I work", "menu.arrange", standing=True)
    if staff.has(Role.COORDINATOR):
        leave = turn.text("To leave the team, speak with the operator.")
    else:
        leave = turn.text("To leave the team, speak with your coordinator.")
    turn.say_to_desk(f"{rest} {leave}", (button, turn.button("To the menu", "menu.leave", standing=True)))


def is_unreachable(turn: Turn) -> bool:
    """Whether the channel says that she cannot be reached."""
    return not turn.event.is_reachable


def tell_coordinators(turn: Turn, what: str) -> None:
    """A line without any text to every colleague who coordinates."""
    staff = turn.facts.staff
    alarm = DeskAlarmed(what, code_name=staff.alias if staff else "")
    for colleague in colleagues(turn):
        turn.post(alarm, colleague.conversation_id)


def report_unreachable(turn: Turn) -> None:
    """A member of staff who cannot be rung: coordinators must know, and her cases ring for others."""
    _lose_cases(turn)
    if not _was_told_lately(turn):
        tell_coordinators(turn, "staff_unreachable")


def _lose_cases(turn: Turn) -> None:
    """What waits for her act rings for others (S10)."""
    for case in own_cases(turn):
        turn.post(OwnerLost(case.id, turn.conversation.owner_id), case.conversation_id)


def note_reachable(turn: Turn) -> None:
    """She can be rung again; if she cannot once more, that is news."""
    turn.data.pop("failed_at", None)


def report_failed(turn: Turn) -> None:
    """Something for her did not arrive: she is told, and coordinators are; a file that is gone is nobody's fault."""
    if turn.event.why == "unreachable":
        _lose_cases(turn)
    if turn.event.why == "gone":
        turn.say_to_desk(
            turn.text("This recording or picture is too old and can no longer be fetched. Ask her to send it again.")
        )
    elif not _was_told_lately(turn):
        tell_coordinators(turn, "staff_unreachable")
        if turn.event.why != "unreachable":
            turn.say_to_desk(turn.text("Something from us may not have reached you. Please look at My cases."))


def _was_told_lately(turn: Turn) -> bool:
    """Whether it was said within the hour: a word that does not arrive either must not call for the next one."""
    last = turn.data.get("failed_at")
    if last is not None and turn.now - datetime.fromisoformat(last) < TOLD_EVERY:
        return True
    turn.data["failed_at"] = turn.now.isoformat()
    return False


STAFF = Flow(
    "Staff",
    Audience.STAFF,
    (State(WAITING, say_inert), State(ENDED, say_ended), State(MENU, show_menu, is_resting=True)),
    (
        Transition(on=CommandGiven, source=ANY, to=None, do=show_help, when=said("help")),
        Transition(on=CommandGiven, source=ANY, to=None, do=ask_language, when=said("language")),
        Transition(on=CommandGiven, source=ANY, to=None, do=hide, when=said("hide")),
        Transition(on=CommandGiven, source=ANY, to=None, do=say_not_here, when=said("stop", "pause", "delete_me")),
        Transition(on=CommandGiven, source=ANY, to=None, do=rest),
        Transition(on=Started, source=ANY, to=None, do=rest),
        Transition(on=ButtonPressed, source=ANY, to=None, do=show_help, when=chose("menu.help")),
        Transition(on=ButtonPressed, source=ANY, to=None, do=ask_language, when=chose("menu.language")),
        Transition(on=ButtonPressed, source=ANY, to=None, do=set_language, when=chose("language.set")),
        Transition(on=ButtonPressed, source=ANY, to=None, do=rest, when=chose("menu.leave")),
        Transition(on=ReachChanged, source=ANY, to=None, do=report_unreachable, when=is_unreachable),
        Transition(on=ReachChanged, source=ANY, to=None, do=note_reachable),
        Transition(on=SendsFailed, source=ANY, to=None, do=report_failed),
        Transition(on=AccessEnded, source=ANY, to=None, do=end_access),
    ),
)
