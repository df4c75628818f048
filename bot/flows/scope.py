"""What a colleague's word opens: roles and the cohorts they reach; a yes is for what its question named (S14)."""

from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import blake2b

from bot.core.people import Role, Staff, widen
from bot.flows.turn import Turn

ROLES = {
    Role.FACILITATOR: "facilitator",
    Role.COORDINATOR: "coordinator",
    Role.SUPERVISOR: "supervisor",
    Role.AUDITOR: "auditor",
}


@dataclass(frozen=True, slots=True)
class Scope:
    """Roles, and the cohorts that they reach by their ids; without any they reach all; both are sorted."""

    roles: tuple[Role, ...]
    cohorts: tuple[str, ...] = ()

    @classmethod
    def of(cls, roles: Iterable[str], cohorts: Iterable[str]) -> "Scope":
        """From what was kept or posted, in whatever order."""
        return cls(tuple(sorted(map(Role, roles))), tuple(sorted(cohorts)))

    def sign(self) -> str:
        """It in few letters, for the button of a question."""
        initials = "".join(role[0] for role in self.roles)
        listed = "\n".join(self.cohorts).encode()
        return f"{initials}.{blake2b(listed, digest_size=4).hexdigest()}" if listed else initials

    def describe(self, turn: Turn) -> str:
        """It in words, the cohorts by their names."""
        names = turn.facts.roster.cohorts
        reached = ", ".join(sorted(names.get(cohort, cohort) for cohort in self.cohorts))
        return f"{', '.join(turn.text(ROLES[role]) for role in self.roles)} ({reached or turn.text('all cohorts')})"


def scope_of(staff: Staff) -> Scope:
    """All that she has, or has when she is confirmed."""
    return Scope.of(staff.roles, staff.cohorts)


def scope_with(staff: Staff, role: Role, cohort_id: str | None) -> Scope:
    """The further role, and all cohorts that she reaches with it."""
    return Scope.of((role,), widen(staff.roles, staff.cohorts, role, cohort_id))


def new_scope(role: Role, cohort_id: str | None) -> Scope:
    """What a first code opens."""
    return Scope((role,), (cohort_id,) if cohort_id else ())
