"""Looking how she is some days after a case: a task for a person in her hours, never a message to her by itself."""

from datetime import timedelta

from bot.core.effects import Schedule
from bot.core.teamwork import FollowUpAsked, FollowUpDue
from bot.flows.turn import Turn


def plan_follow_up(turn: Turn, number: str) -> None:
    """The owner wants to look in so many days; the task comes in the mother's hours, when she may be written to."""
    days = turn.event.follow_up_days
    if not days:
        return
    participant = turn.facts.participant
    wanted = turn.now + timedelta(days=days)
    at = participant.next_window(wanted) if participant is not None else None
    turn.do(Schedule(f"follow:{number}", at or wanted, FollowUpDue(number, turn.event.staff_id)))


def ask_follow_up(turn: Turn) -> None:
    """The task goes to the one who planned it, or to her cohort's facilitators when she is gone or away."""
    event, roster, participant = turn.event, turn.facts.roster, turn.facts.participant
    if participant is None:
        return
    member = roster.member(event.staff_id)
    chat = turn.conversation.id
    is_there = member is not None and member.may_take(participant.cohort_id, chat) and not member.is_away(turn.now)
    people = (member,) if member is not None and is_there else roster.facilitators(participant.cohort_id, chat)
    task = FollowUpAsked(event.number, participant.code_name, chat, why_not(turn))
    for one in people:
        turn.post(task, one.conversation_id)


def why_not(turn: Turn) -> str:
    """Why nobody should begin to write to her now; empty when somebody may."""
    participant = turn.facts.participant
    if turn.facts.case is not None:
        return "open_case"
    if participant is None or participant.unreachable_at:
        return "unreachable"
    return "stopped" if participant.is_silent(turn.now) else ""
