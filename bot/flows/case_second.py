"""What else the desk asks of a case where it is: a supervisor's look, guidance, a case begun to see how she is."""

from operator import itemgetter

from bot.core.cases import Case, CaseMessage, CaseState, Finding, Level, Voice
from bot.core.effects import AddToCase, Audit, ChangeCase, Hold
from bot.core.events import CaseLeft, DeskAlarmed, TakeRefused
from bot.core.people import Role, Staff
from bot.core.teamwork import (
    CaseAssigned,
    FollowUpAsked,
    FollowUpBegun,
    FollowUpDue,
    GuidanceAsked,
    GuidanceGiven,
    HistoryAsked,
    HistoryGiven,
    LookEnded,
    NoteLeft,
    OpinionAsked,
    OpinionGiven,
    OpinionWanted,
    TakeDeclined,
)
from bot.flows import alarm
from bot.flows.case_owner import IN_DOUBT, ask_one, give, let_go, may_read, owned, ring_one
from bot.flows.follow_up import ask_follow_up, why_not
from bot.flows.hearing import begin_case
from bot.flows.turn import ANY, Audience, Flow, Transition, Turn

# ---- a second opinion


def let_look_along(turn: Turn) -> None:
    """The owner asks a supervisor, who may read from now on; one at a time, so that few know."""
    event, case, roster = turn.event, owned(turn), turn.facts.roster
    second, owner = roster.member(event.supervisor_id), roster.member(event.staff_id)
    if case is None or second is None or owner is None or not second.has(Role.SUPERVISOR):
        return
    if case.conversation_id in second.conflicts or second.id == owner.id:
        return
    before = roster.member(case.second_id or "")
    if before is not None and before.id != second.id:
        turn.post(CaseLeft(case.id, case.number, "opinion"), before.conversation_id)
    turn.do(ChangeCase(case.id, {"second_id": second.id}), Audit("ask_opinion", event.staff_id, case.id))
    wanted = OpinionWanted(case.id, case.number, case.level, case.language, owner.alias)
    turn.post(wanted, second.conversation_id)


def end_look(turn: Turn) -> None:
    """She was asked to look along and may not any more; the texts leave her chat."""
    event, case = turn.event, turn.facts.case
    if case is None or case.id != event.case_id or case.second_id != event.staff_id:
        return
    turn.do(ChangeCase(case.id, {"second_id": None}))
    staff = turn.facts.roster.member(event.staff_id)
    if staff is not None:
        turn.post(CaseLeft(case.id, case.number, "opinion"), staff.conversation_id)


def take_advice(turn: Turn) -> None:
    """Her note belongs to the case and goes to its owner; it is no act of the owner, so no alarm ends by it (S10)."""
    event, case, roster = turn.event, turn.facts.case, turn.facts.roster
    staff = roster.member(event.staff_id)
    if staff is None:
        return
    if case is None or case.id != event.case_id or case.owner_id == staff.id or not may_read(case, staff):
        turn.post(TakeRefused(event.case_id, case.number if case else "", "closed"), staff.conversation_id)
        return
    turn.do(
        AddToCase(case.id, turn.ids.id(), Voice.NOTE, event.note, by=staff.id),
        Audit("note", staff.id, case.id),
    )
    owner = roster.member(case.owner_id or "")
    if owner is not None:
        turn.do(Audit("bring", owner.id, case.id))
        turn.post(NoteLeft(case.id, case.number, staff.alias, event.note), owner.conversation_id)


# ---- guidance


def give_guidance(turn: Turn) -> None:
    """Of which kind the case is goes only to those who read it, with a row of the audit (S12, S14)."""
    event, case = turn.event, turn.facts.case
    staff = turn.facts.roster.member(event.staff_id)
    if staff is None:
        return
    if case is None or case.id != event.case_id or not may_read(case, staff):
        turn.post(TakeRefused(event.case_id, case.number if case else "", "closed"), staff.conversation_id)
        return
    category = str(case.finding.category or "")
    turn.do(Audit("guidance", staff.id, case.id))
    turn.post(GuidanceGiven(case.id, case.number, case.level, category), staff.conversation_id)


# ---- what was done with it


def give_history(turn: Turn) -> None:
    """Takes, reads, notes, hand-overs, rings and answers in order of time; none of it in anybody's words."""
    event, case = turn.event, turn.facts.case
    staff = turn.facts.roster.member(event.staff_id)
    if staff is None:
        return
    if case is None or case.id != event.case_id or not may_read(case, staff):
        turn.post(TakeRefused(event.case_id, case.number if case else "", "closed"), staff.conversation_id)
        return
    aliases = {member.id: member.alias for member in turn.facts.roster.staff}
    done = [(step.at, step.action, aliases.get(step.by, "")) for step in turn.facts.steps]
    said = [(message.wrote_at, _what_was_said(message), "") for message in case.messages if _what_was_said(message)]
    steps = sorted([(case.opened_at, "open", ""), *done, *said], key=itemgetter(0))
    turn.post(HistoryGiven(case.id, case.number, tuple(steps)), staff.conversation_id)


def _what_was_said(message: CaseMessage) -> str:
    """A message as a step of the history; notes are steps of the audit already."""
    if message.voice is Voice.HERS:
        return "edited" if message.is_edit else "wrote"
    return IN_DOUBT.get(message.answer, "answered") if message.voice is Voice.STAFF else ""


# ---- looking how she is


def begin_follow_up(turn: Turn) -> None:
    """A case of its own for the one who wants to see how she is; her first word goes by S1 and S15 like any other."""
    event, participant = turn.event, turn.facts.participant
    staff = turn.facts.roster.member(event.staff_id)
    if staff is None:
        return
    is_she = participant is not None and event.code_name in {"", participant.code_name}
    if participant is None or not is_she or not staff.may_take(participant.cohort_id, turn.conversation.id):
        turn.post(TakeRefused("", event.earlier, "other"), staff.conversation_id)
        return
    if reason := why_not(turn):
        task = FollowUpAsked(event.earlier, participant.code_name, turn.conversation.id, reason)
        turn.post(task, staff.conversation_id)
        return
    case = Case(
        id=turn.ids.id(),
        number=turn.ids.number(),
        conversation_id=turn.conversation.id,
        cohort_id=participant.cohort_id,
        level=Level.CONCERN,
        state=CaseState.TAKEN,
        language=turn.language,
        opened_at=turn.now,
        owner_id=staff.id,
        taken_at=turn.now,
        earlier=event.earlier,
        finding=Finding(Level.CONCERN),
    )
    begin_case(turn, case)
    turn.do(
        ChangeCase(case.id, {"state": CaseState.TAKEN, "owner_id": staff.id, "taken_at": turn.now}),
        Hold(staff.id),
    )
    turn.held_by = staff.id
    alarm.set_clock(turn, case, 1, alarm.deadline(turn, case, turn.now))
    give(turn, case, staff, "take")


# ---- somebody is named for it


def assign(turn: Turn) -> None:
    """A coordinator names who should take it: she is rung besides, and the alarm goes on as before (S10).

    Nobody becomes its owner by being named, so no case sleeps with one who does not look.
    """
    event, case, roster = turn.event, turn.facts.case, turn.facts.roster
    by, to = roster.member(event.staff_id), roster.member(event.to_staff_id)
    if by is None or not by.has(Role.COORDINATOR):
        return
    if case is None or case.id != event.case_id or not _is_hers_to_assign(by, case):
        turn.post(TakeRefused(event.case_id, case.number if case else "", "other"), by.conversation_id)
        return
    if to is None or not to.may_take(case.cohort_id, case.conversation_id) or to.is_away(turn.now):
        turn.post(TakeRefused(case.id, case.number, "role"), by.conversation_id)
        return
    if case.owner_id == to.id:
        turn.post(TakeRefused(case.id, case.number, "has_it"), by.conversation_id)
        return
    if event.owner_id is not None and (case.owner_id or "") != event.owner_id:
        turn.post(TakeRefused(case.id, case.number, "taken"), by.conversation_id)
        return
    turn.do(Audit("assign", by.id, case.id))
    if case.owner_id is None:
        ask_one(turn, case, to)
    else:
        ring_one(turn, let_go(turn, case), to)


def decline(turn: Turn) -> None:
    """Who was asked cannot take it: whoever asked her hears so at once."""
    event, case, roster = turn.event, turn.facts.case, turn.facts.roster
    staff = roster.member(event.staff_id)
    if staff is None or case is None or case.id != event.case_id:
        return
    asker = alarm.decline(turn, case, staff)
    if asker is None:
        return
    turn.do(Audit("decline", staff.id, case.id))
    if (by := roster.member(asker)) is not None:
        alarm.tell(turn, DeskAlarmed("declined", staff.alias, case.number), (by,))


def _is_hers_to_assign(by: Staff, case: Case) -> bool:
    is_of_hers = case.cohort_id is None or not by.cohorts or case.cohort_id in by.cohorts
    return is_of_hers and case.conversation_id not in by.conflicts


CASE_SECOND = Flow(
    "CaseSecond",
    Audience.MOTHER,
    (),
    (
        Transition(on=CaseAssigned, source=ANY, to=None, do=assign),
        Transition(on=TakeDeclined, source=ANY, to=None, do=decline),
        Transition(on=OpinionAsked, source=ANY, to=None, do=let_look_along),
        Transition(on=LookEnded, source=ANY, to=None, do=end_look),
        Transition(on=OpinionGiven, source=ANY, to=None, do=take_advice),
        Transition(on=GuidanceAsked, source=ANY, to=None, do=give_guidance),
        Transition(on=HistoryAsked, source=ANY, to=None, do=give_history),
        Transition(on=FollowUpDue, source=ANY, to=None, do=ask_follow_up),
        Transition(on=FollowUpBegun, source=ANY, to=None, do=begin_follow_up),
    ),
)
