"""The facilitators' group: cards, and alarms about who is in it.

A group is the one exception to "no state leaves anybody unanswered": people talk there among themselves, and that
is neither answered nor kept.  Being in it grants nothing; Take is checked in the private chat of the one who pressed.
"""

from datetime import datetime, timedelta

from bot.core.effects import Amend, BindGroup, CancelSends, Purpose, Stand, Unsay
from bot.core.events import (
    ButtonPressed,
    CardChanged,
    CardLost,
    CaseRang,
    CommandGiven,
    DeskAlarmed,
    MessageEdited,
    MessageReceived,
    ReachChanged,
    SendsFailed,
    Started,
)
from bot.core.groups import GroupBound, GroupChanged
from bot.core.messages import Lane
from bot.core.people import Role
from bot.flows.alarm import is_acted
from bot.flows.cards import card, take_button
from bot.flows.ringing import standing
from bot.flows.turn import ANY, Audience, Flow, State, Transition, Turn

UNBOUND, BOUND = "Group:unbound", "Group:bound"
SAID_EVERY = {"joined": timedelta(minutes=1), "pressed": timedelta(hours=1), "refused": timedelta(hours=1)}
"""How often at most the same is said of what anybody in a group can do as often as she likes."""


def stay_quiet(_turn: Turn) -> None:
    """Say and keep nothing: people talk among themselves."""


def may_bind(turn: Turn) -> bool:
    """Whether a confirmed coordinator brought an open code for a group (S14)."""
    invitation = turn.facts.invitation
    member = turn.facts.roster.member(turn.event.by_staff_id)
    is_code = invitation is not None and invitation.role is Role.GROUP and invitation.is_open(turn.now)
    return is_code and member is not None and member.has(Role.COORDINATOR)


def bind(turn: Turn) -> None:
    """Make it the facilitators' group from now on, in the language of the coordinator who bound it."""
    invitation = turn.facts.invitation
    member = turn.facts.roster.member(turn.event.by_staff_id)
    if invitation is None or member is None:
        refuse(turn)
        return
    turn.language = member.language
    turn.do(BindGroup(invitation.id, member.id))
    said = turn.text(
        "Thank you. From now on I bring cards here. Whoever presses Take goes on in the private "
        "chat with me. Please keep me as administrator."
    )
    if turn.data.get("rights") == "member":
        said += "\n\n" + turn.text(
            "I am not an administrator of this group yet, so I do not see who comes in, and nobody is warned of "
            "strangers. Please make me one now."
        )
        turn.do(Stand({"unreachable_at": turn.now}))  # as one whose rights were taken away later: all ring without it
    turn.say_to_desk(said)


def note_rights(turn: Turn) -> None:
    """What the bot may do here, for the moment in which the group is bound."""
    if turn.event.change in {"lost", "member", "administrator"}:
        turn.data["rights"] = turn.event.change


def refuse(turn: Turn) -> None:
    """Why the code binds nothing here; a bound group is told so once an hour, so that a card always comes first."""
    if turn.state == BOUND and _was_said_lately(turn, "refused"):
        return
    turn.say_to_desk(
        turn.text("This did not work. A confirmed coordinator sends here /bind with a fresh code for groups.")
    )


def bring_card(turn: Turn) -> None:
    """A card, exactly as S12 allows; ringing again takes the old one away and brings a new one, so that it is heard."""
    event = turn.event
    tag = tag_of(event.case_id)
    _drop_unsent(turn)
    if event.step or event.is_again:
        turn.do(Unsay(tag=tag, lane=Lane.ESCALATION))
    turn.say(
        card(turn, event.number, event.level, event.language, event.opened_at),
        (take_button(turn, event.case_id),),
        lane=Lane.ESCALATION,
        purpose=Purpose.CARD,
        tag=tag,
        ref=event.case_id,
    )


def _drop_unsent(turn: Turn) -> None:
    """A card that could not go yet never goes: a newer word of the same case comes in its place."""
    turn.do(CancelSends((Purpose.CARD,), ref=turn.event.case_id, is_settled=True))


def tag_of(case_id: str) -> str:
    """The card of one case in this group."""
    return f"card:{case_id}"


def change_card(turn: Turn) -> None:
    """The card says how the case stands, without a button; the group need not know more than that (S12)."""
    event = turn.event
    is_plain = event.state in {"taken", "waiting", "passed", "closed"}
    text = standing(turn) if is_plain else turn.text("No. {number}: nothing more to do.", number=event.number)
    _drop_unsent(turn)
    turn.do(Amend(tag_of(event.case_id), turn.outgoing(text), lane=Lane.ESCALATION, purpose=Purpose.CARD))


def is_strange(turn: Turn) -> bool:
    """Whether one came in or pressed a button here who is not, not yet, or no longer a member of the team."""
    member = turn.facts.roster.member(turn.event.staff_id)
    return turn.event.change in {"joined", "pressed"} and (member is None or not member.is_confirmed)


def is_lost(turn: Turn) -> bool:
    """Whether the bot is out of the group, or no administrator there any more."""
    return turn.event.change in {"lost", "member"}


def is_gone(turn: Turn) -> bool:
    """Whether the channel cannot reach the group."""
    return not turn.event.is_reachable


def is_back(turn: Turn) -> bool:
    """Whether the bot is administrator of the group again."""
    return bool(turn.event.change == "administrator")


def is_out_of_reach(turn: Turn) -> bool:
    """Whether a message could not be brought because the group is gone."""
    return bool(turn.event.why == "unreachable")


def report_stranger(turn: Turn) -> None:
    """Coordinators look who it is (S14), at each who comes in; who presses without end is told of once an hour."""
    if not _was_said_lately(turn, turn.event.change):
        _alarm(turn, "group_stranger")


def _was_said_lately(turn: Turn, what: str) -> bool:
    """Whether it was said so short a time ago that once more would only stand in the way of real cases."""
    said = turn.data.setdefault("said", {})
    last = said.get(what)
    if last is not None and turn.now - datetime.fromisoformat(last) < SAID_EVERY[what]:
        return True
    said[what] = turn.now.isoformat()
    return False


def report_lost(turn: Turn) -> None:
    """Coordinators hear at once that the group does not ring, and every case that needs a person rings without it."""
    _alarm(turn, "group_lost")
    ring_without_it(turn)


def ring_without_it(turn: Turn) -> None:
    """Nobody knows which cards were seen: each open case without an act is told, and calls persons itself (S10)."""
    for case in turn.facts.cases:
        if not is_acted(case):
            turn.post(CardLost(case.id), case.conversation_id)


def lose(turn: Turn) -> None:
    """From now on everybody is rung privately; coordinators hear of it once."""
    if _is_reachable(turn):
        turn.do(Stand({"unreachable_at": turn.now}))
        report_lost(turn)
    elif isinstance(turn.event, SendsFailed):  # a card that was on its way while the group was lost
        ring_without_it(turn)


def regain(turn: Turn) -> None:
    """The group rings again."""
    if not _is_reachable(turn):
        turn.do(Stand({"unreachable_at": None}))


def _is_reachable(turn: Turn) -> bool:
    return any(g.is_reachable for g in turn.facts.roster.groups if g.conversation_id == turn.conversation.id)


def _alarm(turn: Turn, what: str) -> None:
    for coordinator in turn.facts.roster.coordinators():
        turn.post(DeskAlarmed(what), coordinator.conversation_id)


GROUP = Flow(
    "Group",
    Audience.GROUP,
    (State(UNBOUND, stay_quiet), State(BOUND, stay_quiet, is_resting=True)),
    (
        Transition(on=GroupBound, source=ANY, to=BOUND, do=bind, when=may_bind),
        Transition(on=GroupBound, source=ANY, to=None, do=refuse),
        Transition(on=GroupChanged, source=BOUND, to=None, do=report_stranger, when=is_strange),
        Transition(on=GroupChanged, source=BOUND, to=None, do=lose, when=is_lost),
        Transition(on=GroupChanged, source=BOUND, to=None, do=regain, when=is_back),
        Transition(on=GroupChanged, source=ANY, to=None, do=note_rights),
        Transition(on=CaseRang, source=BOUND, to=None, do=bring_card),
        Transition(on=CaseRang, source=UNBOUND, to=None, do=report_lost),
        Transition(on=CardChanged, source=ANY, to=None, do=change_card),
        Transition(on=ReachChanged, source=BOUND, to=None, do=lose, when=is_gone),
        Transition(on=ReachChanged, source=BOUND, to=None, do=regain),
        Transition(on=ReachChanged, source=ANY, to=None, do=stay_quiet),
        Transition(on=SendsFailed, source=BOUND, to=None, do=lose, when=is_out_of_reach),
        Transition(on=SendsFailed, source=ANY, to=None, do=report_lost),
        *(
            Transition(on=said, source=ANY, to=None, do=stay_quiet)
            for said in (MessageReceived, MessageEdited, ButtonPressed, CommandGiven, Started)
        ),
    ),
)
