"""Who this member of staff is and what she may do; nobody does anything before she is confirmed (S14)."""

from bot.core.cases import Case, CaseState
from bot.core.errors import FlowError
from bot.core.people import Role, Staff
from bot.flows.turn import Turn, When

WAITING, MENU, ENDED = "Staff:waiting", "Staff:menu", "Staff:ended"
"""Where staff stand: not confirmed yet, at the menu, no longer with us."""


def is_inert(turn: Turn) -> bool:
    """Whether she is not (or no longer) a confirmed member of staff."""
    staff = turn.facts.staff
    return staff is None or not staff.is_confirmed


def me(turn: Turn) -> Staff:
    """The member of staff whose conversation this is; raises FlowError when she is inert."""
    staff = turn.facts.staff
    if staff is None or not staff.is_confirmed:
        raise FlowError("a member of staff without rights reached a step of the desk")
    return staff


def has(*roles: Role) -> When:
    """Whether she holds one of the roles."""

    def holds(turn: Turn) -> bool:
        staff = turn.facts.staff
        return staff is not None and any(staff.has(role) for role in roles)

    holds.__name__ = f"is {' or '.join(roles)}"
    return holds


is_facilitator = has(Role.FACILITATOR)
is_coordinator = has(Role.COORDINATOR)
is_facilitator_or_coordinator = has(Role.FACILITATOR, Role.COORDINATOR)
is_supervisor = has(Role.SUPERVISOR)


def every(*conditions: When) -> When:
    """Whether all conditions hold."""

    def all_hold(turn: Turn) -> bool:
        return all(condition(turn) for condition in conditions)

    all_hold.__name__ = " and ".join(condition.__name__ for condition in conditions)
    return all_hold


def known_case(turn: Turn, case_id: str | None) -> Case | None:
    """An open case she may know of."""
    return next((c for c in turn.facts.cases if c.id == case_id and c.state is not CaseState.CLOSED), None)


def own_case(turn: Turn, case_id: str | None) -> Case | None:
    """An open case that is hers now (S13)."""
    case = seen_case(turn, case_id)
    return case if case is not None and case.owner_id == turn.conversation.owner_id else None


def seen_case(turn: Turn, case_id: str | None) -> Case | None:
    """An open case that is hers now, or that she was asked to look at along with its owner.

    Never one of a mother from whom she is kept apart, also while it is still on its way back from her (S14).
    """
    case, staff = known_case(turn, case_id), turn.facts.staff
    if case is None or (staff is not None and case.conversation_id in staff.conflicts):
        return None
    return case if turn.conversation.owner_id in {case.owner_id, case.second_id} else None


def own_cases(turn: Turn) -> tuple[Case, ...]:
    """All open cases that are hers now."""
    return tuple(c for c in turn.facts.cases if own_case(turn, c.id))


def cases_along(turn: Turn) -> tuple[Case, ...]:
    """All open cases of others that she was asked to look at."""
    return tuple(c for c in turn.facts.cases if seen_case(turn, c.id) and not own_case(turn, c.id))


def colleagues(turn: Turn) -> tuple[Staff, ...]:
    """Those who may vouch for somebody here: the other coordinators, or without any the other confirmed staff (S14)."""
    others = tuple(s for s in turn.facts.roster.staff if s.conversation_id != turn.conversation.id and s.is_confirmed)
    return tuple(s for s in others if s.has(Role.COORDINATOR)) or others
