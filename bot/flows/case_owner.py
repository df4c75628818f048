"""What staff do to a case of hers: take, read, act, hand back, close; all checked here, where it is (S13, S14)."""

from dataclasses import replace
from datetime import datetime, timedelta

from bot.core.cases import NOT_WITH_HER, AnswerState, Case, CaseMessage, CaseState, Category, Level, Outcome, Voice
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
    AnswerSettled,
    CardLost,
    CaseCloseAsked,
    CaseGiven,
    CaseHandedBack,
    CaseLeft,
    CaseRang,
    CatchUpDue,
    DeskAlarmed,
    FileGiven,
    OwnerLost,
    ReadAsked,
    TakeAsked,
    TakeRefused,
)
from bot.core.people import Role, Staff
from bot.flows import alarm, harm, repeats
from bot.flows.alarm import change_cards
from bot.flows.answer import reply
from bot.flows.belonging import CHILD
from bot.flows.case_hers import may_reply, waiting
from bot.flows.consent import ADULT
from bot.flows.follow_up import plan_follow_up
from bot.flows.handed import remember_handed, rest
from bot.flows.pace import plan
from bot.flows.turn import ANY, Audience, Flow, Transition, Turn

FOR_A_COLLEAGUE = timedelta(hours=1)
"""How long a case that is not urgent waits for the one it was passed on to, before it rings for everybody."""
IN_DOUBT = {
    AnswerState.WAITING: "answer_waits",
    AnswerState.UNDERWAY: "answer_waits",
    AnswerState.EXPIRED: "answer_unread",
    AnswerState.UNSURE: "answer_unsure",
}
"""How an answer of ours is shown of which it is not known that she has it."""
HEAVY = frozenset({Category.DOMESTIC_VIOLENCE, Category.SELF_HARM, Category.CHILD_AT_RISK, Category.VIOLENT_EXTREMISM})
"""Kinds of cases that weigh on whoever carries them, whatever their level."""


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
        give(turn, case, staff, "read")
        return
    alarm.keep_counting(turn, case)
    if case.owner_id is not None:
        _settle_waiting(turn, case)
    leave(turn, case, "passed")
    turn.do(
        ChangeCase(case.id, {"state": CaseState.TAKEN, "owner_id": staff.id, "taken_at": turn.now, "acted_at": None}),
        Hold(staff.id),
    )
    turn.held_by = staff.id
    case = replace(case, state=CaseState.TAKEN, owner_id=staff.id, taken_at=turn.now, acted_at=None)
    alarm.set_clock(turn, case, 1, alarm.deadline(turn, case, turn.now))
    change_cards(turn, case, "taken", staff.alias)
    give(turn, case, staff, "take")
    if turn.data.pop("withdrawn", "") == case.id:
        tell_withdrawn(turn, case, staff)


def tell_withdrawn(turn: Turn, case: Case, owner: Staff) -> None:
    """Its owner knows that a message is no longer on her phone, before she speaks of it."""
    turn.post(DeskAlarmed("withdrawn", number=case.number, conversation_id=turn.conversation.id), owner.conversation_id)


def _why_not(turn: Turn, case: Case | None, staff: Staff) -> str:
    """Why she may not take it; empty when she may."""
    if case is None or case.id != turn.event.case_id or case.state is CaseState.CLOSED:
        return "closed"
    if case.conversation_id in staff.conflicts:
        return "other"  # the same words as for any case that is not there for her
    if not staff.may_take(case.cohort_id):
        return "role"
    is_anothers = case.owner_id not in {None, staff.id} and turn.facts.roster.member(case.owner_id or "") is not None
    return "taken" if is_anothers and not alarm.is_neglected(turn, case) else ""


def give(turn: Turn, case: Case, staff: Staff, act: str) -> None:
    """Everything the taker sees, and the row of the audit that names the act (S14, S15)."""
    participant = turn.facts.participant
    lines = tuple((m.id, _voice(m), str(m.kind), m.wrote_at, m.body) for m in case.messages)
    lesson = str(turn.data.get("lesson") or "")
    turn.do(Audit(act, staff.id, case.id))
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
            lesson=lesson,
            is_reading_again=act != "take",
            earlier=case.earlier,
            card=int(turn.data.get("step", 0)) + 1 if lesson else 0,
            finished=len(participant.finished) if participant else 0,
        ),
        staff.conversation_id,
    )


def _voice(message: CaseMessage) -> str:
    """Who speaks, and whether it is another wording or an answer that is not with her."""
    return "edited" if message.is_edit else IN_DOUBT.get(message.answer, str(message.voice))


def leave(turn: Turn, case: Case, why: str, *, is_heavy: bool = False) -> None:
    """The case is no longer its owner's: the texts leave her chat, and that of a supervisor who looked along."""
    for key in ("contact", "asked_at"):  # she said Now to this one, or was asked by her
        turn.data.pop(key, None)
    owner = turn.facts.roster.member(case.owner_id or "")
    second = turn.facts.roster.member(case.second_id or "")
    if owner is not None:
        turn.post(CaseLeft(case.id, case.number, why, is_heavy), owner.conversation_id)
    if second is not None and second is not owner:
        turn.post(CaseLeft(case.id, case.number, "opinion"), second.conversation_id)
    if case.second_id is not None:
        turn.do(ChangeCase(case.id, {"second_id": None}))


def read(turn: Turn) -> None:
    """The owner looks again, or listens to a voice of hers; each time is a row of the audit."""
    event = turn.event
    case, staff = turn.facts.case, turn.facts.roster.member(event.staff_id)
    if staff is None:
        return
    if case is None or case.id != event.case_id or not may_read(case, staff):
        why = "closed" if case is None or case.id != event.case_id else "taken"
        turn.post(TakeRefused(event.case_id, case.number if case else "", why), staff.conversation_id)
        return
    message = next((m for m in case.messages if m.id == event.file_of and m.file), None)
    if message is None:
        give(turn, case, staff, "read")
        return
    turn.do(Audit("listen", staff.id, case.id))
    turn.post(FileGiven(case.id, case.number, message.file, message.kind), staff.conversation_id)


def may_read(case: Case, staff: Staff) -> bool:
    """Whether the case is hers, or she is the supervisor who was asked to look along."""
    is_asked = case.second_id == staff.id and staff.has(Role.SUPERVISOR) and case.owner_id is not None
    return case.owner_id == staff.id or (is_asked and case.conversation_id not in staff.conflicts)


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
    alarm.end_count(turn)
    turn.do(
        AddToCase(case.id, turn.ids.id(), Voice.NOTE, turn.event.note, by=turn.event.staff_id),
        ChangeCase(case.id, {"acted_at": turn.now, "state": CaseState.WAITING}),
        Audit("act", turn.event.staff_id, case.id),
    )


def lose_owner(turn: Turn) -> None:
    """Nothing reaches its owner in her chat: what she has not acted on rings for the others, once (S10)."""
    case = owned(turn)
    if case is not None and alarm.is_awaiting(case) and case.taken_at is not None:
        alarm.ring_for_others(turn, case)


def hand_back(turn: Turn) -> None:
    """The owner lets go: one colleague is rung first if she named one, otherwise it rings for everybody at once."""
    case, event = owned(turn), turn.event
    if case is None:
        return
    if event.summary:
        turn.do(AddToCase(case.id, turn.ids.id(), Voice.BRIEF, event.summary, by=event.staff_id))
    turn.do(Audit("hand_over" if event.to_staff_id else "hand_back", event.staff_id, case.id))
    case = let_go(turn, case)
    to = turn.facts.roster.member(event.to_staff_id)
    is_able = to is not None and to.may_take(case.cohort_id, case.conversation_id) and not to.is_away(turn.now)
    if to is not None and is_able:
        ring_one(turn, case, to)
    else:
        alarm.ring(turn, case, 0)


def let_go(turn: Turn, case: Case) -> Case:
    """Nobody has it from now on: its texts leave her owner's chat, and what waited for the mother goes back."""
    alarm.keep_counting(turn, case)
    _settle_waiting(turn, case)
    leave(turn, case, "passed")
    turn.do(
        ChangeCase(case.id, {"state": CaseState.OPEN, "owner_id": None, "taken_at": None, "acted_at": None}),
        Hold(None),
    )
    turn.held_by = None
    return replace(case, state=CaseState.OPEN, owner_id=None, taken_at=None, acted_at=None)


def ring_one(turn: Turn, case: Case, to: Staff) -> None:
    """She alone is rung; without her Take it soon rings for everybody (S10)."""
    change_cards(turn, case, "passed", to.alias)
    ask_one(turn, case, to, is_alone=True)
    wait = turn.library.policy.alarm_group if case.level is Level.URGENT else FOR_A_COLLEAGUE
    alarm.set_clock(turn, case, 0, turn.now + wait)


def ask_one(turn: Turn, case: Case, to: Staff, *, is_alone: bool = False) -> None:
    """Ring her besides whoever is rung by the clock, or alone until it rings."""
    alarm.remember_offer(turn, case, to, turn.event.staff_id, is_alone=is_alone)
    by = turn.facts.roster.member(turn.event.staff_id)
    rang = CaseRang(case.id, case.number, case.level, case.language, case.wrote_at, passed_by=by.alias if by else "—")
    alarm.call(turn, case, rang, to.conversation_id)


def _settle_waiting(turn: Turn, case: Case) -> None:
    """What is not with her yet belongs to the one who lets go, and does not reach her any more (S13)."""
    owner, unread = turn.facts.roster.member(case.owner_id or ""), waiting(case)
    for message in unread:
        turn.do(SettleAnswer(case.id, message.id, AnswerState.EXPIRED))
    if unread and owner is not None:
        turn.post(AnswerSettled(case.id, case.number, "returned"), owner.conversation_id)
    remember_handed(turn, case)
    turn.data.pop("is_covered", None)
    turn.do(CancelSends((Purpose.COVER, Purpose.ANSWER)), Unschedule((f"cover:{case.id}", "stale:")))


def close(turn: Turn) -> None:
    """A named person closes with an outcome and a reason; she hears of it only if she is here (S1, S21)."""
    event, case = turn.event, owned(turn)
    if case is None:
        return
    if _is_unseen(case, event.begun_at):
        _refuse_closing(turn, case, "unseen")
        return
    is_false_alarm = event.outcome is Outcome.FALSE_ALARM
    if (why := _lacks(case)) and not is_false_alarm:
        _refuse_closing(turn, case, why)
        return
    _settle_waiting(turn, case)
    leave(turn, case, "closed", is_heavy=is_heavy(case) and not is_false_alarm)
    turn.do(
        CloseCase(case.id, event.outcome, event.note, event.staff_id),
        Audit("close", event.staff_id, case.id),
        Hold(None),
        Unschedule((f"alarm:{case.id}",)),
    )
    change_cards(turn, case, "closed")
    turn.held_by = None
    for key in ("contact", "telling", "is_talking", "closed", "moved_at", "withdrawn", "rung", "unacted", "offer"):
        turn.data.pop(key, None)
    if is_false_alarm:
        repeats.forget(turn)
        _ask_age_again(turn)
    if not is_false_alarm and not case.is_erased:
        turn.data["closed"] = {"id": case.id, "number": case.number, "at": turn.now.isoformat()}
        rest(turn, case)
        plan_follow_up(turn, case.number)
    harm.remind(turn, case, event.staff_id)
    if may_reply(turn) and not is_false_alarm and not case.is_erased:
        reply(turn, case.id, turn.text("For now we stop here. You can write again at any time, or send the word HELP."))
    release(turn)


def _ask_age_again(turn: Turn) -> None:
    """A person has looked and found no child: she is asked again when she next writes, and answers herself (S16)."""
    if turn.state == CHILD and "invitation" in turn.data:
        turn.go(ADULT)


def _is_unseen(case: Case, begun_at: datetime | None) -> bool:
    """Whether she wrote after her owner had begun to close: it is not closed over words that nobody weighed (S10)."""
    return begun_at is not None and any(m.voice is Voice.HERS and m.at > begun_at for m in case.messages)


def _lacks(case: Case) -> str:
    """What it lacks, by what was said in it; its owner was told of it when she pressed Close."""
    return replace(case, waits_at=max((m.at for m in case.messages if m.answer in NOT_WITH_HER), default=None)).lacks


def _refuse_closing(turn: Turn, case: Case, why: str) -> None:
    owner = turn.facts.roster.member(turn.event.staff_id)
    if owner is not None:
        turn.post(TakeRefused(case.id, case.number, why), owner.conversation_id)


def is_heavy(case: Case) -> bool:
    """Whether the one who carried it should talk with somebody herself."""
    return case.level is Level.URGENT or case.finding.category in HEAVY


def release(turn: Turn) -> None:
    """A person has let her conversation go: one catch-up at the exact step, in her hours (architecture §1)."""
    if turn.data.pop("has_missed", False) or turn.state not in turn.library.resting:
        plan(turn, "catch_up", CatchUpDue(), turn.now)


CASE_ROWS = (
    Transition(on=AlarmDue, source=ANY, to=None, do=alarm.alarm_due),
    Transition(on=CardLost, source=ANY, to=None, do=alarm.ring_without_group),
    Transition(on=TakeAsked, source=ANY, to=None, do=take),
    Transition(on=ReadAsked, source=ANY, to=None, do=read),
    Transition(on=ActRecorded, source=ANY, to=None, do=record_act),
    Transition(on=OwnerLost, source=ANY, to=None, do=lose_owner),
    Transition(on=CaseHandedBack, source=ANY, to=None, do=hand_back),
    Transition(on=CaseCloseAsked, source=ANY, to=None, do=close),
)

CASE_OWNER = Flow("CaseOwner", Audience.MOTHER, (), CASE_ROWS)
