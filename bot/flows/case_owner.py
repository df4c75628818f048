"""What staff do to a case of hers: take, read, act, hand back, close; all checked here, where it is (S13, S14)."""

from dataclasses import replace

from bot.core.cases import AnswerState, Case, CaseState, Outcome, Voice
from bot.core.effects import (
    AddToCase,
    Audit,
    CancelSends,
    ChangeCase,
    CloseCase,
    Hold,
    Purpose,
    SettleAnswer,
    Unschedule,
)
from bot.core.events import (
    ActRecorded,
    AlarmDue,
    CardChanged,
    CaseCloseAsked,
    CaseGiven,
    CaseHandedBack,
    CaseLeft,
    CatchUpDue,
    FileGiven,
    ReadAsked,
    TakeAsked,
    TakeRefused,
)
from bot.core.people import Staff
from bot.flows import alarm
from bot.flows.answer import reply
from bot.flows.case_hers import may_reply, waiting
from bot.flows.pace import plan
from bot.flows.turn import ANY, Audience, Flow, Transition, Turn


def take(turn: Turn) -> None:
    """The first one who may gets it, all of it, in her private chat; it is hers until she lets go."""
    event, case = turn.event, turn.facts.case
    staff = turn.facts.roster.member(event.staff_id)
    if staff is None:
        return
    why = _why_not(turn, case, staff)
    if case is None or why:
        turn.post(TakeRefused(event.case_id, case.number if case else "", why), staff.conversation_id)
        return
    if case.owner_id == staff.id:
        _give(turn, case, staff, is_reading_again=True)
        return
    _leave(turn, case, "passed")
    turn.do(
        ChangeCase(case.id, {"state": CaseState.TAKEN, "owner_id": staff.id, "taken_at": turn.now, "acted_at": None}),
        Hold(staff.id),
    )
    turn.held_by = staff.id
    case = replace(case, state=CaseState.TAKEN, owner_id=staff.id, taken_at=turn.now, acted_at=None)
    alarm.set_clock(turn, case, 1, turn.now + alarm.patience(turn, case))
    change_cards(turn, case, "taken", staff.alias)
    _give(turn, case, staff)


def _why_not(turn: Turn, case: Case | None, staff: Staff) -> str:
    """Why she may not take it; empty when she may."""
    if case is None or case.id != turn.event.case_id or case.state is CaseState.CLOSED:
        return "closed"
    if not staff.may_take(case.cohort_id):
        return "role"
    is_anothers = case.owner_id not in {None, staff.id} and turn.facts.roster.member(case.owner_id or "") is not None
    return "taken" if is_anothers and not alarm.is_neglected(turn, case) else ""


def _give(turn: Turn, case: Case, staff: Staff, *, is_reading_again: bool = False) -> None:
    """Everything the taker sees, and the row of the audit that says so (S14, S15)."""
    participant = turn.facts.participant
    lines = tuple((m.id, str(m.voice), str(m.kind), m.at, m.body) for m in case.messages)
    turn.do(Audit("read" if is_reading_again else "take", staff.id, case.id))
    turn.post(
        CaseGiven(
            case.id,
            case.number,
            case.level,
            participant.code_name if participant else "",
            case.language,
            str(case.finding.category or ""),
            case.finding.reasons,
            lines,
            lesson=str(turn.data.get("lesson") or ""),
            is_reading_again=is_reading_again,
        ),
        staff.conversation_id,
    )


def change_cards(turn: Turn, case: Case, state: str, alias: str = "") -> None:
    """The card in every group says how the case stands; nothing else (S12)."""
    for conversation_id in alarm.reachable_groups(turn.facts.roster):
        turn.post(CardChanged(case.id, case.number, state, alias), conversation_id)


def _leave(turn: Turn, case: Case, why: str) -> None:
    """The case is no longer its owner's: the texts leave her chat."""
    owner = turn.facts.roster.member(case.owner_id or "")
    if owner is not None:
        turn.post(CaseLeft(case.id, case.number, why), owner.conversation_id)


def read(turn: Turn) -> None:
    """The owner looks again, or listens to a voice of hers; each time is a row of the audit."""
    event = turn.event
    case, staff = turn.facts.case, turn.facts.roster.member(event.staff_id)
    if staff is None:
        return
    if case is None or case.id != event.case_id or case.owner_id != staff.id:
        why = "closed" if case is None or case.id != event.case_id else "taken"
        turn.post(TakeRefused(event.case_id, case.number if case else "", why), staff.conversation_id)
        return
    message = next((m for m in case.messages if m.id == event.file_of and m.file), None)
    if message is None:
        _give(turn, case, staff, is_reading_again=True)
        return
    turn.do(Audit("listen", staff.id, case.id))
    turn.post(FileGiven(case.id, case.number, message.file, message.kind), staff.conversation_id)


def owned(turn: Turn) -> Case | None:
    """The open case, if the one who asks owns it."""
    case = turn.facts.case
    is_hers = case is not None and case.id == turn.event.case_id and case.owner_id == turn.event.staff_id
    return case if is_hers else None


def record_act(turn: Turn) -> None:
    """The owner did something outside the chat: a note that stays with the desk, and the alarm ends (S10)."""
    case = owned(turn)
    if case is None:
        return
    turn.do(
        AddToCase(case.id, turn.ids.id(), Voice.NOTE, turn.event.note, by=turn.event.staff_id),
        ChangeCase(case.id, {"acted_at": turn.now}),
        Audit("act", turn.event.staff_id, case.id),
    )


def hand_back(turn: Turn) -> None:
    """The owner lets go: it rings again for everybody."""
    case = owned(turn)
    if case is None:
        return
    _settle_waiting(turn, case)
    _leave(turn, case, "passed")
    turn.do(
        ChangeCase(case.id, {"state": CaseState.OPEN, "owner_id": None, "taken_at": None, "acted_at": None}),
        Hold(None),
        Audit("hand_back", turn.event.staff_id, case.id),
    )
    turn.held_by = None
    alarm.ring(turn, replace(case, state=CaseState.OPEN, owner_id=None, taken_at=None, acted_at=None), 0)


def _settle_waiting(turn: Turn, case: Case) -> None:
    """What she has not read belongs to the one who lets go, and does not reach her any more (S13)."""
    for message in waiting(case):
        turn.do(SettleAnswer(case.id, message.id, AnswerState.EXPIRED))
    turn.do(CancelSends((Purpose.COVER, Purpose.ANSWER)), Unschedule((f"cover:{case.id}", "stale:")))


def close(turn: Turn) -> None:
    """A named person closes with an outcome and a reason; she hears of it only if she is here (S1, S21)."""
    event, case = turn.event, owned(turn)
    if case is None:
        return
    _settle_waiting(turn, case)
    _leave(turn, case, "closed")
    turn.do(
        CloseCase(case.id, event.outcome, event.note, event.staff_id),
        Audit("close", event.staff_id, case.id),
        Hold(None),
        Unschedule((f"alarm:{case.id}",)),
    )
    change_cards(turn, case, "closed")
    turn.held_by = None
    for key in ("contact", "telling", "is_held_off"):
        turn.data.pop(key, None)
    if may_reply(turn) and event.outcome is not Outcome.FALSE_ALARM and not case.is_erased:
        reply(turn, case.id, turn.text("For now we stop here. You can write again at any time, or send the word HELP."))
    release(turn)


def release(turn: Turn) -> None:
    """A person has let her conversation go: one catch-up at the exact step, in her hours (architecture §1)."""
    if turn.data.pop("has_missed", False) or turn.state not in turn.library.resting:
        plan(turn, "catch_up", CatchUpDue(), turn.now)


CASE_ROWS = (
    Transition(on=AlarmDue, source=ANY, to=None, do=alarm.alarm_due),
    Transition(on=TakeAsked, source=ANY, to=None, do=take),
    Transition(on=ReadAsked, source=ANY, to=None, do=read),
    Transition(on=ActRecorded, source=ANY, to=None, do=record_act),
    Transition(on=CaseHandedBack, source=ANY, to=None, do=hand_back),
    Transition(on=CaseCloseAsked, source=ANY, to=None, do=close),
)

CASE_OWNER = Flow("CaseOwner", Audience.MOTHER, (), CASE_ROWS)
