"""Looking how she is some days after a case: a task for a person in her hours, never a message to her by itself."""

from datetime import timedelta

from bot.core.effects import Schedule
from bot.core.teamwork import FollowUpAsked, FollowUpDue
from bot.flows.hearing import cohort_of
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
    """The task goes to the one who planned it, or to whoever looks after her when she is gone or away.

    Who has not joined has no code-name; she is looked for by whoever knows her.
    """
    event, roster, participant = turn.event, turn.facts.roster, turn.facts.participant
    cohort_id, chat = cohort_of(turn), turn.conversation.id
    member = roster.member(event.staff_id)
    is_there = member is not None and member.may_take(cohort_id, chat) and not member.is_away(turn.now)
    people = (member,) if member is not None and is_there else roster.looking_after(cohort_id, chat)
    task = FollowUpAsked(event.number, participant.code_name if participant else "", chat, why_not(turn))
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
