"""After a case: a kind word to the one who carried a heavy one, and the day on which to look how a mother is."""

from bot.core.events import ButtonPressed, DeskAlarmed
from bot.core.people import Role, Staff
from bot.core.teamwork import FollowUpAsked, FollowUpBegun
from bot.flows.choices import chose, named
from bot.flows.rights import every, is_facilitator, me
from bot.flows.staff import leave_step
from bot.flows.turn import ANY, Audience, Flow, Transition, Turn

TASK = (
    "You wanted to look today how {name} is (No. {number}, closed). Nothing went to her. Best is to see her at "
    "the session."
)
TASK_OF_A_STRANGER = (
    "You wanted to look today how the writer of No. {number} is (closed). She has not joined, so nobody can write to "
    "her first; nothing went to her. If you know who she is, please look for her."
)
WHY_NOT = {
    "stopped": "She wants no messages now: please do not write; look for her at the session.",
    "unreachable": "She cannot be reached in this chat: please look for her at the session.",
    "open_case": "She has an open case again; whoever has it is looking.",
}


# ---- for the one who carried it


def offer_debrief(turn: Turn) -> None:
    """The same words after every heavy case, so that they tell nothing of it (S12)."""
    turn.say_to_desk(
        turn.text(
            "Thank you for carrying this case. Such a case may come back to you at night, in tears or in anger; that "
            "is human, not weakness. Please talk with somebody of the team today, and rest before the next one."
        ),
        (turn.button("I want to talk", "debrief.ask", standing=True),),
    )


def listeners(turn: Turn) -> tuple[Staff, ...]:
    """The supervisors, or without any the coordinators, other than herself."""
    others = [s for s in turn.facts.roster.staff if s.id != me(turn).id and s.is_confirmed]
    supervisors = tuple(s for s in others if s.has(Role.SUPERVISOR))
    return supervisors or tuple(s for s in others if s.has(Role.COORDINATOR))


def ask_to_talk(turn: Turn) -> None:
    """Somebody who listens hears that she wants to talk; of the case nothing is told."""
    found = listeners(turn)
    for member in found:
        turn.post(DeskAlarmed("debrief", code_name=me(turn).alias), member.conversation_id)
    if found:
        names = ", ".join(member.alias for member in found)
        turn.say_to_desk(turn.text("{names} has been asked to call you today.", names=names))
    else:
        turn.say_to_desk(
            turn.text("There is nobody on the team yet who could be asked. Please call somebody you trust.")
        )


# ---- looking how she is


def ask_follow_up(turn: Turn) -> None:
    """A task, not a message to her: nothing has gone."""
    event = turn.event
    lines = [turn.text(TASK if event.code_name else TASK_OF_A_STRANGER, name=event.code_name, number=event.number)]
    if not event.code_name:
        turn.say_to_desk(lines[0])
        return
    if event.why_not:
        lines.append(turn.text(WHY_NOT.get(event.why_not, WHY_NOT["unreachable"])))
        turn.say_to_desk("\n".join(lines))
        return
    chat = event.conversation_id
    turn.data.setdefault("follow_ups", {})[chat] = [event.number, event.code_name]
    turn.say_to_desk(
        "\n".join(lines),
        (
            *((turn.button("Write to her", f"follow.open:{chat}", standing=True),) if is_facilitator(turn) else ()),
            turn.button("I have seen her", f"follow.done:{chat}", standing=True),
        ),
    )


def is_planned(turn: Turn) -> bool:
    """Whether this looking after somebody is still hers to do."""
    return chose("follow.open", "follow.done")(turn) and named(turn) in turn.data.get("follow_ups", {})


def begin_follow_up(turn: Turn) -> None:
    """A case of its own, in which she writes as always: after a neutral line, in the mother's hours (S1)."""
    leave_step(turn)
    to = named(turn)
    known = turn.data["follow_ups"].pop(to)
    number, code_name = (known, "") if isinstance(known, str) else known  # an earlier release kept the number alone
    turn.post(FollowUpBegun(me(turn).id, number, code_name), to)
    turn.say_to_desk(turn.text("One moment: a new case is being opened for you."))


def end_follow_up(turn: Turn) -> None:
    """She has been seen."""
    turn.data["follow_ups"].pop(named(turn))
    turn.say_to_desk(turn.text("Thank you, that is good to know."))


def say_past(turn: Turn) -> None:
    """Pressed a second time."""
    turn.say_to_desk(turn.text("This has been done already."))


AFTERWARDS = Flow(
    "Afterwards",
    Audience.STAFF,
    (),
    (
        Transition(on=ButtonPressed, source=ANY, to=None, do=ask_to_talk, when=chose("debrief.ask")),
        Transition(on=FollowUpAsked, source=ANY, to=None, do=ask_follow_up),
        Transition(
            on=ButtonPressed,
            source=ANY,
            to=None,
            do=begin_follow_up,
            when=every(chose("follow.open"), is_planned, is_facilitator),
        ),
        Transition(
            on=ButtonPressed, source=ANY, to=None, do=end_follow_up, when=every(chose("follow.done"), is_planned)
        ),
        Transition(on=ButtonPressed, source=ANY, to=None, do=say_past, when=chose("follow.open", "follow.done")),
    ),
)
