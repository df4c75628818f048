"""What holds in every state of a mother: help, what cannot be read, what nobody understood, and what staff decide."""

from datetime import datetime

from bot.core.cases import AnswerState, Case, CaseMessage
from bot.core.effects import Audit, CancelSends, ChangeCase, Prefer, Unschedule
from bot.core.events import (
    ButtonPressed,
    CatchUpDue,
    CommandGiven,
    DeskAlarmed,
    FreezeAsked,
    MessageEdited,
    MessageReceived,
    MessageWithdrawn,
    PersonConfirmed,
    ReachChanged,
    SendsFailed,
    TextUnplayed,
)
from bot.core.messages import Kind
from bot.core.people import Shared
from bot.flows import alarm, case_hers, notice, quiet
from bot.flows.choices import chose
from bot.flows.conditions import HIDDEN, has_joined, is_looked_after_by, is_text, open_case, said
from bot.flows.handed import return_handed
from bot.flows.interpret import guessed
from bot.flows.pace import plan, unplan
from bot.flows.screens import ask, do_nothing, say_received, stand
from bot.flows.turn import ANY, Audience, Flow, Transition, Turn


def take_words(turn: Turn) -> None:
    """A text nobody asked for: that it came, and the step again; what looks like a slip of a word is asked about."""
    meant = guessed(turn)
    if meant:
        labels = " / ".join(button.label for button in meant)
        ask(turn, turn.text("Did you mean “{label}”?", label=labels), meant, (turn.button("No", "guess.no"),))
        return
    say_received(turn)


def say_not_here(turn: Turn) -> None:
    """Pictures of others, files, places and contacts are not looked at (S19)."""
    turn.say(
        turn.text(
            "I cannot look at this, and nobody sees it. Please do not send files, contacts or forwarded messages here. "
            "You can write instead."
        )
    )
    turn.show()


def is_reachable(turn: Turn) -> bool:
    """Whether she can be reached again."""
    return bool(turn.event.is_reachable)


def mark_reachable(turn: Turn) -> None:
    """She can be reached again; behind another phone a sign says nothing: only words or a press do."""
    if not quiet.is_doubted(turn):
        stand(turn, unreachable_at=None)


def hear_withdrawn(turn: Turn) -> None:
    """She took a message back: nothing closes or sinks by it (S3), and whoever has the case hears of it at once."""
    mark_reachable(turn)
    case, message_id = open_case(turn), turn.event.message_id
    if case is not None and message_id in {message.external_id for message in case.messages}:
        notice.note_withdrawn(turn, case)
    elif case is not None or has_joined(turn):  # perhaps the message itself comes only now: WhatsApp keeps no order
        turn.data["taken_back"] = [*turn.data.get("taken_back", ()), message_id][-REMEMBERED:]


def mark_unreachable(turn: Turn) -> None:
    """She cannot be reached: nothing more is tried, and her people hear of it once."""
    participant, case = turn.facts.participant, open_case(turn)
    is_known = participant is not None and participant.unreachable_at is not None
    if is_known or (participant is None and case is None):
        return
    stand(turn, unreachable_at=turn.now)
    _tell_desk(turn, "unreachable", case)


def is_another(turn: Turn) -> bool:
    """Whether the messenger says that another phone or person is behind her address, or that she has another number."""
    return bool(turn.event.is_another)


def doubt_her(turn: Turn) -> None:
    """Nothing goes there until somebody writes from it; she counts as not met, and her phone as shared (S2, S16).

    What waited for her returns to its owner, also what was on its way: whoever holds the phone now was not meant (S13).
    """
    case, participant = open_case(turn), turn.facts.participant
    if participant is None and case is None:
        return
    is_known = quiet.is_doubted(turn) and participant is not None and participant.unreachable_at is not None
    stand(turn, unreachable_at=turn.now, is_confirmed=False, confirmed_by=None)
    if has_joined(turn):
        turn.do(Prefer({"phone_shared": Shared.UNKNOWN}))
    for key in ("contact", "asked_at"):
        turn.data.pop(key, None)
    turn.do(CancelSends())
    quiet.doubt(turn)
    if case is not None:
        for message in case_hers.waiting(case):
            case_hers.settle_unread(turn, case, message.id, "moved")
        turn.data["moved_at"] = turn.now.isoformat()  # nor is what an owner began to write before it meant for them
        turn.do(Unschedule((f"cover:{case.id}", "stale:")), ChangeCase(case.id, {"window_until": None}))
    if not is_known:
        _tell_desk(turn, "another_phone", case)


def _tell_desk(turn: Turn, what: str, case: Case | None) -> None:
    """Whoever has her case hears of it, or those who might take one of hers."""
    participant, roster = turn.facts.participant, turn.facts.roster
    cohort_id = participant.cohort_id if participant else case.cohort_id if case else None
    owner = roster.member(case.owner_id or "") if case else None
    told = (owner,) if owner else roster.looking_after(cohort_id, turn.conversation.id)
    code_name, number = participant.code_name if participant else "", case.number if case else ""
    alarm.tell(turn, DeskAlarmed(what, code_name, number, turn.conversation.id), told)


TOLD = frozenset({AnswerState.EXPIRED, AnswerState.UNSURE})
"""Answers whose owner was told already that they are not with her."""


def _answer_of(case: Case, event: SendsFailed) -> CaseMessage | None:
    """The answer that did not reach her, or its line; None where its owner was told, or she has it without the line."""
    answer = next((message for message in case.messages if message.id == event.ref), None)
    if answer is None or answer.answer in TOLD:
        return None
    is_unread = "cover" in event.purposes and answer.answer is AnswerState.WAITING
    return answer if "answer" in event.purposes or is_unread else None


def _how_it_failed(turn: Turn, answer: CaseMessage) -> str:
    """What its owner is told: it was taken back before it went, or what delivery said."""
    why, moved_at = turn.event.why, turn.data.get("moved_at")
    if why == "withdrawn":
        is_before = moved_at is not None and answer.at <= datetime.fromisoformat(moved_at)
        return "moved" if is_before else "expired"
    return why if why in {"expired", "unreachable", "unknown", "window"} else "failed"


REMEMBERED = 5
"""So many messages that she took back before they came."""
MADE_GOOD = {why: {"reply", "noticed", "push"} for why in ("expired", "unknown")} | {"refused": {"reply", "noticed"}}
"""What is made good, by why it failed: what nobody asked for is not said again where the messenger refuses it."""


def take_failure(turn: Turn) -> None:
    """Something did not reach her: an answer returns to its owner, the rest is made good by one line in her hours."""
    event, case = turn.event, open_case(turn)
    if {"reply", "noticed"} & set(event.purposes):
        turn.unsee()
    is_returned = return_handed(turn)
    if case is not None and not is_returned and (answer := _answer_of(case, event)) is not None:
        turn.data.pop("is_covered", None)
        case_hers.settle_unread(turn, case, event.ref, _how_it_failed(turn, answer))
    elif case is not None and "noticed" in event.purposes and event.why != "unreachable":
        _tell_desk(turn, "not_answered", case)
    if event.why == "unreachable":
        mark_unreachable(turn)
    elif set(event.purposes) & MADE_GOOD.get(event.why, set()):
        plan(turn, "catch_up", CatchUpDue(), turn.now)


def freeze(turn: Turn) -> None:
    """Staff end everything to her, or lift it; her case goes on (S3)."""
    event = turn.event
    participant = turn.facts.participant
    if participant is None or bool(participant.frozen_at) == event.is_frozen:
        return
    if event.staff_id and not is_looked_after_by(turn, event.staff_id):  # the operator has no id
        return
    stand(turn, frozen_at=turn.now if event.is_frozen else None)
    turn.do(Audit("freeze" if event.is_frozen else "unfreeze", event.staff_id))
    if event.is_frozen:
        turn.do(CancelSends(), Unschedule(("cover:",)))
        unplan(turn, "frozen")
        return
    plan(turn, "catch_up", CatchUpDue(), turn.now)
    if (case := open_case(turn)) is not None:
        case_hers.plan_cover(turn, case)


def confirm_person(turn: Turn) -> None:
    """A facilitator has met her (S16); she hears nothing of it."""
    if has_joined(turn) and is_looked_after_by(turn, turn.event.staff_id):
        stand(turn, is_confirmed=True, confirmed_by=turn.event.staff_id)
        turn.do(Audit("confirm", turn.event.staff_id))


def is_not_text(turn: Turn) -> bool:
    """Whether it is anything but words of her own."""
    return turn.event.kind is not Kind.TEXT or turn.event.is_forwarded


EVERYWHERE = Flow(
    "Everywhere",
    Audience.MOTHER,
    (),
    (
        Transition(on=CommandGiven, source=ANY, to=None, do=notice.ask_for_help, when=said("help")),
        Transition(on=ButtonPressed, source=ANY, to=None, do=notice.ask_for_help, when=chose("help")),
        Transition(on=MessageReceived, source=HIDDEN, to=None),
        Transition(on=MessageReceived, source=ANY, to=None, do=say_not_here, when=is_not_text),
        Transition(on=MessageReceived, source=ANY, to=None, do=take_words, when=is_text),
        Transition(on=MessageReceived, source=ANY, to=None),
        Transition(on=MessageEdited, source=ANY, to=None, do=do_nothing),
        Transition(on=MessageWithdrawn, source=ANY, to=None, do=hear_withdrawn),
        Transition(on=CommandGiven, source=ANY, to=None),
        Transition(on=ButtonPressed, source=ANY, to=None),
        Transition(on=ReachChanged, source=ANY, to=None, do=mark_reachable, when=is_reachable),
        Transition(on=ReachChanged, source=ANY, to=None, do=doubt_her, when=is_another),
        Transition(on=ReachChanged, source=ANY, to=None, do=mark_unreachable),
        Transition(on=SendsFailed, source=ANY, to=None, do=take_failure),
        Transition(on=TextUnplayed, source=ANY, to=None, do=notice.hear_quarantined),
        Transition(on=FreezeAsked, source=ANY, to=None, do=freeze),
        Transition(on=PersonConfirmed, source=ANY, to=None, do=confirm_person),
    ),
)
