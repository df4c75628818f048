"""The people: mothers, staff, their cohorts, and the invitations by which they come."""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from bot.core.calendar import Hours, Window
from bot.core.messages import LANGUAGES, Language

LOAD_LIMIT = 5
"""How many open cases one facilitator carries before others are rung first, unless she says otherwise."""


class Role(StrEnum):
    """What a person may do; a member of staff may hold several."""

    MOTHER = "mother"
    FACILITATOR = "facilitator"
    COORDINATOR = "coordinator"
    SUPERVISOR = "supervisor"
    AUDITOR = "auditor"
    GROUP = "group"  # an invitation that binds a group, not a person


OF_COHORTS = frozenset({Role.FACILITATOR, Role.COORDINATOR})
"""The roles whose codes may name a cohort."""


class Shared(StrEnum):
    """Whether somebody else uses her phone; anything but NO counts as yes (S2)."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Participant:
    """A mother: the person, not her phone.

    `opened` are the modules her cohort's sessions have opened, in order of opening; `finished` her finished
    lessons; `pushes` the instants of the unprompted messages of the last 7 days.  `withheld_at` is since when pushes
    to her wait for a person's word, `is_cohort_withheld` whether those to her whole cohort do (S23).
    `may_be_sampled` is whether she lets kept answers be read for the blind sample (S20).
    """

    id: str
    code_name: str
    cohort_id: str | None
    language: Language
    zone: str
    joined_at: datetime
    name: str = ""
    hours: Hours | None = None
    phone_shared: Shared = Shared.UNKNOWN
    is_confirmed: bool = False
    consent_version: str = ""
    stopped_at: datetime | None = None
    hidden_at: datetime | None = None
    paused_until: datetime | None = None
    frozen_at: datetime | None = None
    unreachable_at: datetime | None = None
    withheld_at: datetime | None = None
    is_cohort_withheld: bool = False
    opened: tuple[str, ...] = ()
    finished: frozenset[str] = frozenset()
    pushes: tuple[datetime, ...] = ()
    may_be_sampled: bool = False

    @property
    def may_see_content(self) -> bool:
        """Whether the phone is hers alone, as she said herself (S2)."""
        return self.phone_shared is Shared.NO

    @property
    def are_pushes_withheld(self) -> bool:
        """Whether pushes to her wait until a person releases them (S23)."""
        return self.withheld_at is not None or self.is_cohort_withheld

    def is_silent(self, now: datetime) -> bool:
        """Whether nothing unprompted may go to her: stopped, hidden, paused, frozen or unreachable."""
        paused = self.paused_until is not None and self.paused_until > now
        return paused or any((self.stopped_at, self.hidden_at, self.frozen_at, self.unreachable_at))

    def next_window(self, after: datetime) -> datetime | None:
        """When she may next be written to unprompted; None while she chose no hours (S2)."""
        return None if self.hours is None else self.hours.next(after, ZoneInfo(self.zone))


@dataclass(frozen=True, slots=True)
class Away:
    """Days on which a member of staff is not there, the first and the last included, where she lives."""

    first: date
    last: date

    def contains(self, day: date) -> bool:
        """Whether that day is one of them."""
        return self.first <= day <= self.last


@dataclass(frozen=True, slots=True)
class Staff:
    """A person behind the desk, known to others by an alias.

    `load_limit` is how many open cases she carries before others are rung first; in her `rest` hours she is rung
    privately only when there is nobody else.  `off` is the time for which she has put her duty hours aside, since she
    ended a shift.  `conflicts` are the conversations of mothers she is related to or
    lives beside: their cases are never shown to her.  `is_fallback` marks the person a coordinator named for the
    time when nobody else is there.
    """

    id: str
    alias: str
    conversation_id: str
    language: Language
    roles: frozenset[Role]
    cohorts: frozenset[str] = frozenset()
    duty: tuple[Hours, ...] = ()
    trained_on: date | None = None
    is_confirmed: bool = False
    zone: str = "Asia/Dushanbe"
    languages: frozenset[Language] = frozenset(LANGUAGES)
    load_limit: int = LOAD_LIMIT
    rest: tuple[Hours, ...] = ()
    away: Away | None = None
    off: Window | None = None
    conflicts: frozenset[str] = frozenset()
    is_fallback: bool = False

    def has(self, role: Role) -> bool:
        """Whether she holds the role and somebody confirmed that she is who she says (S14)."""
        return self.is_confirmed and role in self.roles

    def may_take(self, cohort_id: str | None, about: str = "") -> bool:
        """Whether she may take a case of this cohort: a trained facilitator of it (S14).

        `about` is the conversation of the mother; those whom she knows in her own life she never takes.
        """
        mine = cohort_id is None or not self.cohorts or cohort_id in self.cohorts
        is_free = about not in self.conflicts
        return self.has(Role.FACILITATOR) and self.trained_on is not None and mine and is_free

    def looks_after(self, cohort_id: str | None) -> bool:
        """Whether mothers of this cohort are hers to meet, freeze and release: as its facilitator or coordinator."""
        mine = cohort_id is None or not self.cohorts or cohort_id in self.cohorts
        return mine and (self.has(Role.FACILITATOR) or self.has(Role.COORDINATOR))

    def is_away(self, now: datetime) -> bool:
        """Whether now lies in the days on which she is not there."""
        return self.away is not None and self.away.contains(now.astimezone(ZoneInfo(self.zone)).date())

    def is_resting(self, now: datetime) -> bool:
        """Whether now lies in her rest hours."""
        return any(hours.contains(now, ZoneInfo(self.zone)) for hours in self.rest)

    def is_on_duty(self, now: datetime) -> bool:
        """Whether now lies in the duty hours she set, and she is there."""
        is_gone = any(gone <= now < back for gone, back in self._gaps())
        return not is_gone and any(hours.contains(now, ZoneInfo(self.zone)) for hours in self.duty)

    def next_duty(self, now: datetime) -> datetime | None:
        """When she is next on duty (now, if she is); None while she set no hours."""
        back = max((back for gone, back in self._gaps() if gone <= now < back), default=now)
        if back > now:
            return self.next_duty(back.astimezone(now.tzinfo))
        at = min((hours.next(now, ZoneInfo(self.zone)) for hours in self.duty), default=None)
        return self.next_duty(at) if at is not None and at > now else at

    def shifts(self, around: datetime) -> list[Window]:
        """Her windows of duty from the day before to eight days after, as far as she is there."""
        windows = [window for hours in self.duty for window in hours.windows(around, ZoneInfo(self.zone))]
        for gone, back in self._gaps():
            halves = [half for begin, end in windows for half in ((begin, min(end, gone)), (max(begin, back), end))]
            windows = [(begin, end) for begin, end in halves if begin < end]
        return windows

    def _gaps(self) -> list[Window]:
        """When her duty hours do not count: the days on which she is away, and what she rests after a shift."""
        gaps = [self.off] if self.off is not None else []
        if self.away is not None:
            zone, after = ZoneInfo(self.zone), self.away.last + timedelta(days=1)
            gaps.append((datetime.combine(self.away.first, time(), zone), datetime.combine(after, time(), zone)))
        return gaps


@dataclass(frozen=True, slots=True)
class Group:
    """A facilitators' group, bound by a coordinator."""

    conversation_id: str
    is_reachable: bool = True


@dataclass(frozen=True, slots=True)
class CohortFigures:
    """A cohort as a coordinator sees it before a broadcast or a session: counts, never names.

    `is_withheld`: pushes to it wait for a person's decision (S23).  `silent` counts those who are not left out, but to
    whom their messenger takes no free words now.  `frozen` and `withheld` are the conversations of those to whom staff
    froze everything (S3), and whose own pushes wait for a person's word (S23).
    """

    id: str
    name: str
    opened: tuple[str, ...] = ()
    total: int = 0
    by_language: dict[str, int] = field(default_factory=dict)
    left_out: dict[str, int] = field(default_factory=dict)  # reason (S4) → how many
    participants: tuple[tuple[str, str, bool], ...] = ()  # (conversation id, code-name, is confirmed)
    is_withheld: bool = False
    silent: int = 0
    frozen: frozenset[str] = frozenset()
    withheld: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Readiness:
    """What S11 asks before a mother may be invited: when which thing was last done."""

    alarm_acknowledged_by: frozenset[str] = frozenset()  # staff ids, within the last 7 days
    lines_verified_on: date | None = None
    confidentiality_reviewed_on: date | None = None

    def lacks(self, now: datetime, roster: "Roster") -> tuple[str, ...]:
        """The things still missing, as short ids: `alarm`, `help_lines`, `confidentiality`; empty when ready."""
        facilitators = {s.id for s in roster.staff if s.may_take(None) and s.id in self.alarm_acknowledged_by}
        others = self.alarm_acknowledged_by & {s.id for s in roster.staff if s.is_confirmed}
        has_two = any(others - {facilitator} for facilitator in facilitators)
        verified, reviewed = self.lines_verified_on, self.confidentiality_reviewed_on
        fresh = verified is not None and timedelta() <= now.date() - verified <= timedelta(days=180)
        missing = (
            ("alarm", not has_two),
            ("help_lines", not fresh),
            ("confidentiality", not (reviewed is not None and reviewed <= now.date())),
        )
        return tuple(name for name, is_missing in missing if is_missing)


@dataclass(frozen=True, slots=True)
class Roster:
    """Everybody behind the desk who is confirmed and not revoked, and the bound groups.

    `aliases` are all that are in use, also by those who are not confirmed yet or have left.  `cohorts` are the names
    of all cohorts by their ids.
    """

    staff: tuple[Staff, ...] = ()
    groups: tuple[Group, ...] = ()
    aliases: frozenset[str] = frozenset()
    cohorts: Mapping[str, str] = field(default_factory=dict)

    def facilitators(self, cohort_id: str | None, about: str = "") -> tuple[Staff, ...]:
        """Those who may take a case of this cohort, and of this mother if her conversation is given."""
        return tuple(s for s in self.staff if s.may_take(cohort_id, about))

    def looking_after(self, cohort_id: str | None, about: str) -> tuple[Staff, ...]:
        """Who hears of a mother: her facilitators, else her coordinators, else any of them; never one who knows her."""
        coordinators = self.coordinators(about)
        hers = tuple(one for one in coordinators if one.looks_after(cohort_id))
        return self.facilitators(cohort_id, about) or hers or coordinators

    def on_duty(self, cohort_id: str | None, now: datetime, about: str = "") -> tuple[Staff, ...]:
        """The facilitators of this cohort who are on duty now."""
        return tuple(s for s in self.facilitators(cohort_id, about) if s.is_on_duty(now))

    def coordinators(self, about: str = "") -> tuple[Staff, ...]:
        """All coordinators; about a mother those who do not know her in their own lives."""
        return tuple(s for s in self.staff if s.has(Role.COORDINATOR) and about not in s.conflicts)

    def supervisors(self, about: str = "") -> tuple[Staff, ...]:
        """All supervisors who do not know this mother in their own lives."""
        return tuple(s for s in self.staff if s.has(Role.SUPERVISOR) and about not in s.conflicts)

    def next_duty(self, cohort_id: str | None, now: datetime, about: str = "") -> datetime | None:
        """When the next facilitator of this cohort is on duty, for the promise of S5; None if nobody set hours."""
        starts = (s.next_duty(now) for s in self.facilitators(cohort_id, about))
        return min((start for start in starts if start is not None), default=None)

    def member(self, staff_id: str) -> Staff | None:
        """One member of staff by id."""
        return next((s for s in self.staff if s.id == staff_id), None)


def widen(roles: AbstractSet[Role], cohorts: AbstractSet[str], role: Role, cohort_id: str | None) -> frozenset[str]:
    """The cohorts of a member of staff with a further code; none means all of them, and stays so.

    Supervisors and auditors see all there is to see by their role: their codes open no cohort to a facilitator, and
    that they name none makes nobody facilitator of all.
    """
    if role not in OF_COHORTS:
        return frozenset(cohorts)
    if not cohort_id or (not cohorts and roles & OF_COHORTS):
        return frozenset()
    return frozenset({*cohorts, cohort_id})


@dataclass(frozen=True, slots=True)
class Invitation:
    """A code somebody may come in by; only its hash is stored."""

    id: str
    role: Role
    cohort_id: str | None
    uses_left: int
    expires_at: datetime
    is_spoken: bool = False

    def is_open(self, now: datetime) -> bool:
        """Whether it can still be used."""
        return self.uses_left > 0 and now < self.expires_at
