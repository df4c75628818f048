"""The coordinator's chat: cohorts in counts, readiness, the rehearsal of the alarm, and what the desk must know."""

from bot.core.effects import AcknowledgeAlarm, StartAlarmTest
from bot.core.events import AlarmTested, ButtonPressed, DeskAlarmed
from bot.core.messages import Lane
from bot.core.people import CohortFigures
from bot.flows.choices import chose, named
from bot.flows.rights import every, is_coordinator, is_facilitator_or_coordinator, me
from bot.flows.staff import leave_step
from bot.flows.turn import ANY, Audience, Flow, Transition, Turn

MISSING = {
    "alarm": (
        "The alarm: a facilitator and somebody else must each press “I see it” in a test within 7 "
        "days. Press Test the alarm."
    ),
    "help_lines": (
        "The help lines: the operator checks every number and writes the date into the help file (good for 180 days)."
    ),
    "confidentiality": "The text on when staff must tell others: the operator enters it with its reviewer and date.",
    "group": (
        "The facilitators' group: add the bot as administrator and send there /bind with the code "
        "that the operator gives you."
    ),
    "duty": "Duty hours: nobody has set any, so mothers cannot be promised a time.",
}
ALARMS = {
    "poison": (
        "A message could not be read by the program and lies aside. A facilitator should look how "
        "the writer is; the operator should look at the log."
    ),
    "group_lost": (
        "The facilitators' group cannot be reached, or the bot is not its administrator any more. "
        "Alarms ring privately until it is back."
    ),
    "group_stranger": (
        "Somebody we do not know is in the facilitators' group. Please see who it is and remove "
        "her if she does not belong there."
    ),
    "nobody_on_duty": "Nobody is on duty now. Please find a facilitator who can be.",
    "cohort_alone": (
        "A facilitator ended her shift, and nobody else of a cohort of hers is on duty now. Please find somebody who "
        "can be."
    ),
    "second_person": (
        "Somebody gave a further mother's code from a phone that already has one. Please speak with her at the session."
    ),
    "voice": "A voice message or photo waits to be heard by its facilitator in this shift.",
    "unreachable": (
        "A mother cannot be reached: the bot was blocked or the account is gone. Please look for her at the session."
    ),
    "another_phone": (
        "WhatsApp says that another phone, perhaps another person, is behind a mother's number, or that she has "
        "another number. Nothing goes there until somebody writes from it, and she counts as not met. Please see her "
        "in person; from another number she comes back by a code."
    ),
    "line_stopped": (
        "The connection to the messenger is disturbed: what mothers write may not come in, and answers may not go out. "
        "Please call the operator."
    ),
    "clock_wrong": (
        "The server's clock goes wrong by minutes or more, so messages may reach mothers outside their hours. Please "
        "call the operator."
    ),
    "template_refused": (
        "WhatsApp refuses the template for mothers who have not written for a day, so pages and answers do not reach "
        "them there. Please call the operator."
    ),
    "gap": (
        "Nothing could be received for longer than the messenger keeps what people write (Telegram a day, WhatsApp a "
        "week), so some may be lost. Please ask whether anybody waits for an answer."
    ),
    "broadcast_unknown": (
        "Of a message to cohorts it is not known whether some mothers got it. It is not repeated by itself."
    ),
    "child": (
        "A child may be writing, or somebody under 18 wanted to join. Please have a facilitator speak with her. If she "
        "is grown up after all, close the case as a false alarm: she is then asked her age once more."
    ),
    "silent": (
        "A mother has been silent for a week or more. Nothing is sent to her; please ask how she is when you next meet."
    ),
    "no_check_in": (
        "She has an open case and has not said how it went at home. Nothing is sent to her; please ask how she is when "
        "you speak with her."
    ),
    "stopped_in_case": (
        "A mother stopped the chat while her case is open. The case stays open; please do not write first."
    ),
    "erased_in_case": (
        "A mother was erased during an open case. Please do not write to her; look for her at the session."
    ),
    "withdrawn": (
        "She took a message of this case back: it is no longer on her phone. It stays here; please do not repeat it to "
        "her. Perhaps somebody is beside her."
    ),
    "staff_unreachable": (
        "A colleague does not get our messages. Please call her, and see that her cases are looked after."
    ),
    "staff_doubted": (
        "Two colleagues disagree about a newcomer: one confirmed her, another says it is not she. "
        "Please clear it up now; the operator can end her access."
    ),
    "not_answered": (
        "The first answer of the program did not reach a mother in an open case, so she does not know yet that "
        "somebody looks. Her case stays open."
    ),
    "declined": "A colleague cannot take a case that you passed on to her or named her for. It rings for the others.",
    "debrief": (
        "A colleague would like to talk after a hard case. Please call her today; ask how she is, not what she read."
    ),
    "language": (
        "A mother would like to speak with somebody in another language than Tajik or Russian. Nothing worries us; "
        "please see whether one of you speaks it."
    ),
    "newcomer_writes": (
        "Somebody who is not confirmed yet, or has left the team, wrote something that needs a person. "
        "Please speak with her."
    ),
}
GENERAL = "Something needs a person. Please look at Open cases."


def show_cohorts(turn: Turn) -> None:
    """Each cohort in counts, never names."""
    leave_step(turn)
    if not turn.facts.cohorts:
        turn.say_to_desk(turn.text("There is no cohort yet. It appears with the first invitation of its mothers."))
        return
    turn.say_to_desk("\n\n".join(_figures(turn, cohort) for cohort in turn.facts.cohorts))


def _figures(turn: Turn, cohort: CohortFigures) -> str:
    unmet = sum(1 for _, _, is_met in cohort.participants if not is_met)
    return turn.text(
        "{cohort}: {total} mothers (Tajik {tg}, Russian {ru}), not met yet {unmet}, modules open {modules}",
        cohort=cohort.name,
        total=cohort.total,
        tg=cohort.by_language.get("tg", 0),
        ru=cohort.by_language.get("ru", 0),
        unmet=unmet,
        modules=len(cohort.opened),
    )


def show_readiness(turn: Turn) -> None:
    """What is still missing before mothers may be invited (S11), and who does it."""
    leave_step(turn)
    roster = turn.facts.roster
    missing = list(turn.facts.readiness.lacks(turn.now, roster))
    if not any(group.is_reachable for group in roster.groups):
        missing.append("group")
    if not any(staff.duty for staff in roster.facilitators(None)):
        missing.append("duty")
    if missing:
        lines = [turn.text("Still missing before mothers can be invited:")]
        lines += [f"— {turn.text(MISSING[name])}" for name in missing]
    else:
        lines = [turn.text("Everything is ready: mothers can be invited.")]
    if "alarm" not in missing:
        turn.say_to_desk("\n".join(lines))
    else:
        turn.say_to_desk("\n".join(lines), (turn.button("Test the alarm", "menu.test", standing=True),))


def test_alarm(turn: Turn) -> None:
    """A rehearsal: every confirmed colleague, herself included, should press once."""
    leave_step(turn)
    test_id = turn.ids.id()
    turn.do(StartAlarmTest(test_id))
    event = AlarmTested(test_id, me(turn).alias)
    for staff in turn.facts.roster.staff:
        if staff.conversation_id != turn.conversation.id:
            turn.post(event, staff.conversation_id)
    turn.say_to_desk(turn.text("The test is on its way to everybody on the team."))
    _ask_to_see(turn, event)


def tell_of_test(turn: Turn) -> None:
    """The rehearsal arrives where a real alarm would."""
    _ask_to_see(turn, turn.event)


def _ask_to_see(turn: Turn, event: AlarmTested) -> None:
    turn.say_to_desk(
        turn.text("This is a test of the alarm by {alias}. No mother is waiting. Please press once.", alias=event.by),
        (turn.button("I see it", f"alarm.seen:{event.test_id}", standing=True),),
        lane=Lane.ESCALATION,
    )


def acknowledge(turn: Turn) -> None:
    """She has seen it."""
    turn.do(AcknowledgeAlarm(named(turn)))
    turn.say_to_desk(turn.text("Thank you, recorded."))


def tell_alarm(turn: Turn) -> None:
    """What the desk must know, without any word of a mother."""
    event = turn.event
    parts = [turn.text(ALARMS.get(event.what, GENERAL))]
    if event.number:
        parts.append(turn.text("No. {number}", number=event.number))
    if event.code_name:
        parts.append(turn.text("Who: {name}", name=event.code_name))
    turn.say_to_desk("\n".join(parts), lane=Lane.ESCALATION)


COORDINATOR = Flow(
    "Coordinator",
    Audience.STAFF,
    (),
    (
        Transition(
            on=ButtonPressed,
            source=ANY,
            to=None,
            do=show_cohorts,
            when=every(chose("menu.cohorts"), is_facilitator_or_coordinator),
        ),
        Transition(
            on=ButtonPressed, source=ANY, to=None, do=show_readiness, when=every(chose("menu.ready"), is_coordinator)
        ),
        Transition(
            on=ButtonPressed, source=ANY, to=None, do=test_alarm, when=every(chose("menu.test"), is_coordinator)
        ),
        Transition(on=ButtonPressed, source=ANY, to=None, do=acknowledge, when=chose("alarm.seen")),
        Transition(on=AlarmTested, source=ANY, to=None, do=tell_of_test),
        Transition(on=DeskAlarmed, source=ANY, to=None, do=tell_alarm),
    ),
)
