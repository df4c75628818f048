"""The clock of a case: whom it rings, how often, and what alone stops it (S10)."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from bot.core.cases import Case, Level
from bot.core.effects import Schedule
from bot.core.events import AlarmDue, CaseRang, DeskAlarmed, Event
from bot.core.people import Roster, Staff
from bot.flows.turn import Turn

GROUP_AGAIN = timedelta(minutes=5)
WITHOUT_DUTY = timedelta(days=7)
"""The longest that hours of duty are waited for: a case never sleeps because nobody set hours."""


def ring(turn: Turn, case: Case, step: int) -> None:
    """Ring whoever this step names, and set the clock for the next one."""
    rang = CaseRang(case.id, case.number, case.level, case.language, case.opened_at, step)
    for conversation_id in dict.fromkeys(_called(turn, case, step)):
        turn.post(rang, conversation_id)
    if step == 0 and case.level is Level.URGENT and not turn.facts.roster.on_duty(case.cohort_id, turn.now):
        alarm = DeskAlarmed("nobody_on_duty", number=case.number)
        tell(turn, alarm, turn.facts.roster.coordinators())
    set_clock(turn, case, step + 1, next_ring(turn, case, step))


def set_clock(turn: Turn, case: Case, step: int, at: datetime) -> None:
    """The one timer of a case."""
    turn.do(Schedule(f"alarm:{case.id}", at, AlarmDue(case.id, step)))


def _called(turn: Turn, case: Case, step: int) -> list[str]:
    roster = turn.facts.roster
    groups = reachable_groups(roster)
    is_deserted = not groups or not roster.on_duty(case.cohort_id, turn.now)
    facilitators = [staff.conversation_id for staff in roster.facilitators(case.cohort_id)]
    coordinators = [staff.conversation_id for staff in roster.coordinators()]
    if case.level is Level.URGENT:
        called = {0: groups, 1: groups, 2: facilitators}.get(step, [*groups, *facilitators, *coordinators])
        is_soon = step == 0 and is_deserted
        return [*called, *facilitators, *coordinators] if is_soon else called
    called = {0: groups, 1: facilitators}.get(step, [*facilitators, *coordinators])
    return called or [*facilitators, *coordinators]


def reachable_groups(roster: Roster) -> list[str]:
    """The conversations of the bound groups that can be reached."""
    return [group.conversation_id for group in roster.groups if group.is_reachable]


def tell(turn: Turn, event: Event, staff: tuple[Staff, ...]) -> None:
    """Post an event to each of these members of staff."""
    for member in staff:
        turn.post(event, member.conversation_id)


def next_ring(turn: Turn, case: Case, step: int) -> datetime:
    """When the step after this one rings."""
    policy = turn.library.policy
    if case.level is Level.URGENT:
        since = {
            0: GROUP_AGAIN,
            1: policy.alarm_private - GROUP_AGAIN,
            2: policy.alarm_coordinators - policy.alarm_private,
        }
        return turn.now + since.get(step, policy.alarm_again)
    wait = policy.concern_first if step == 0 else policy.concern_last
    if step == 1:
        wait -= policy.concern_first
    return after_duty(turn, case.cohort_id, wait)


def after_duty(turn: Turn, cohort_id: str | None, wait: timedelta) -> datetime:
    """When somebody of this cohort will have been on duty for so long, counted from now."""
    at = turn.now
    for begin, end in _duty(turn, cohort_id):
        begin_at = max(at, begin)
        if end <= begin_at:
            continue
        if begin_at + wait <= end:
            return begin_at + wait
        wait -= end - begin_at
        at = end
    return turn.now + max(wait, WITHOUT_DUTY) if at > turn.now else turn.now + wait


def _duty(turn: Turn, cohort_id: str | None) -> list[tuple[datetime, datetime]]:
    windows = [
        window
        for staff in turn.facts.roster.facilitators(cohort_id)
        for hours in staff.duty
        for window in hours.windows(turn.now, ZoneInfo(staff.zone))
    ]
    return sorted(windows)


def alarm_due(turn: Turn) -> None:
    """It rings again unless a named person has taken the case and acted."""
    case = turn.facts.case
    if case is None or case.id != turn.event.case_id or is_acted(case):
        return
    grace = patience(turn, case)
    if case.taken_at is not None and turn.now < case.taken_at + grace:
        set_clock(turn, case, turn.event.step, case.taken_at + grace)
    else:
        ring(turn, case, turn.event.step)


def patience(turn: Turn, case: Case) -> timedelta:
    """How long one who took the case may be without an act before it rings again."""
    policy = turn.library.policy
    return policy.alarm_again if case.level is Level.URGENT else policy.concern_first


def is_acted(case: Case) -> bool:
    """Whether somebody has taken the case and answered or recorded an act."""
    return case.owner_id is not None and case.acted_at is not None


def is_neglected(turn: Turn, case: Case) -> bool:
    """Whether it was taken, but nothing followed for so long that it rings again and another may take it."""
    if case.owner_id is None or case.taken_at is None or case.acted_at is not None:
        return False
    return turn.now >= case.taken_at + patience(turn, case)
