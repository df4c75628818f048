"""The people behind the desk and the facilitators' groups; rehearsals of the alarm."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

import orjson
from sqlalchemy import Connection, delete, func, insert, select, update

from bot.core.conversation import Owner
from bot.core.effects import AcknowledgeAlarm, BindGroup, ConfirmStaff, EnlistStaff, SetDuty, StartAlarmTest
from bot.core.people import Group, Readiness, Role, Roster, Staff
from storage import invitations
from storage.participants import keep_address, unused
from storage.profiles import hours_from_json
from storage.schema import acknowledgements, alarm_tests, conversations, facts, groups, staff
from storage.unit import Turn
from storage.upsert import AnyRow, upserting

VERSION = "desk_version"
"""Changes in every commit that changes anything a desk holds, so that no process goes by an old roster."""
REHEARSED_FOR = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Desk:
    """Everybody behind the desk, the confirmed ones as a roster, and who acknowledged rehearsals when."""

    version: str
    everybody: dict[str, Staff]
    roster: Roster
    acknowledged: tuple[tuple[str, datetime], ...]

    def readiness(self, now: datetime) -> Readiness:
        """Who acknowledged a rehearsal within the last 7 days."""
        return Readiness(frozenset(who for who, at in self.acknowledged if now - at <= REHEARSED_FOR))


class DeskCache:
    """The desk as last read; read again only when its version has changed, in whatever process."""

    def __init__(self, zone: str) -> None:
        self._zone = zone
        self._known: Desk | None = None

    def get(self, connection: Connection, *, is_changed_here: bool) -> Desk:
        """The desk as this transaction sees it; what it changed itself is not kept before its commit."""
        found = connection.execute(select(facts.c.value).where(facts.c.name == VERSION)).scalar()
        version = found or ""
        if is_changed_here:
            return _load(connection, version, self._zone)
        if self._known is None or self._known.version != version:
            self._known = _load(connection, version, self._zone)
        return self._known


def announce(connection: Connection, version: str) -> None:
    """Tell every process that the desk has changed."""
    row = upserting(connection, facts).values(name=VERSION, value=version)
    connection.execute(row.on_conflict_do_update(index_elements=[facts.c.name], set_={"value": version}))


def _load(connection: Connection, version: str, zone: str) -> Desk:
    query = select(staff, conversations.c.language).join(conversations, conversations.c.id == staff.c.conversation_id)
    everybody = {row.id: _staff(row, zone) for row in connection.execute(query.order_by(staff.c.id))}
    bound = select(groups.c.conversation_id, groups.c.lost_at).order_by(groups.c.conversation_id)
    reached = tuple(Group(row.conversation_id, row.lost_at is None) for row in connection.execute(bound))
    a = acknowledgements.c
    latest = select(a.staff_id, func.max(a.at)).group_by(a.staff_id)
    acknowledged = tuple((who, at) for who, at in connection.execute(latest))
    confirmed = tuple(one for one in everybody.values() if one.is_confirmed)
    aliases = frozenset(one.alias for one in everybody.values())
    return Desk(version, everybody, Roster(confirmed, reached, aliases), acknowledged)


def _staff(row: AnyRow, zone: str) -> Staff:
    return Staff(
        id=row.id,
        alias=row.alias,
        conversation_id=row.conversation_id,
        language=row.language,
        roles=frozenset(Role(role) for role in split(row.roles)),
        cohorts=frozenset(split(row.cohorts)),
        duty=tuple(hours_from_json(hours) for hours in orjson.loads(row.duty)),
        trained_on=row.trained_on and date.fromisoformat(row.trained_on),
        is_confirmed=row.confirmed_at is not None and row.revoked_at is None,
        zone=zone,
    )


def split(listed: str) -> list[str]:
    """The items of a comma-separated column."""
    return listed.split(",") if listed else []


def join(items: Sequence[str] | frozenset[str] | set[str]) -> str:
    """A comma-separated column."""
    return ",".join(sorted(items))


def enlist(turn: Turn, effect: EnlistStaff) -> None:
    """The stranger becomes staff, or a member gets a further role and cohort."""
    role, cohort_id = invitations.spend(turn, effect.invitation_id)
    turn.unit.is_desk_changed = True
    if turn.row.conversation.owner is Owner.STAFF:
        _widen(turn, effect, role, cohort_id)
        return
    staff_id = turn.unit.ids.id()
    turn.connection.execute(
        insert(staff).values(
            id=staff_id,
            alias=unused(turn.connection, staff.c.alias, effect.alias),
            conversation_id=turn.conversation_id,
            roles=role,
            cohorts=cohort_id or "",
            duty="[]",
            confirmed_at=turn.now if effect.is_confirmed else None,
            made_at=turn.now,
        )
    )
    turn.row.conversation = replace(
        turn.row.conversation, owner=Owner.STAFF, owner_id=staff_id, language=effect.language
    )
    keep_address(turn)


def _widen(turn: Turn, effect: EnlistStaff, role: Role, cohort_id: str | None) -> None:
    """A further role and cohort; no cohort means all of them, and stays so.  Whoever had left begins anew, inert."""
    columns = (staff.c.roles, staff.c.cohorts, staff.c.revoked_at)
    had = turn.connection.execute(select(*columns).where(staff.c.id == turn.owner_id)).one()
    if had.revoked_at is not None:
        anew: dict[str, object] = {"roles": role, "cohorts": cohort_id or "", "duty": "[]"}
        anew |= {"revoked_at": None, "trained_on": None, "confirmed_by": None}
        anew["confirmed_at"] = turn.now if effect.is_confirmed else None
        turn.connection.execute(update(staff).where(staff.c.id == turn.owner_id).values(anew))
        return
    cohorts: set[str] = {*split(had.cohorts), cohort_id} if had.cohorts and cohort_id else set()
    turn.connection.execute(
        update(staff)
        .where(staff.c.id == turn.owner_id)
        .values(roles=join({*split(had.roles), role}), cohorts=join(cohorts))
    )


def confirm(turn: Turn, effect: ConfirmStaff) -> None:
    """A colleague said whether it is she; a facilitator counts as trained from today."""
    turn.unit.is_desk_changed = True
    one = update(staff).where(staff.c.id == turn.owner_id)
    if not effect.is_accepted:
        turn.connection.execute(one.values(revoked_at=turn.now))
        return
    roles = turn.connection.execute(select(staff.c.roles).where(staff.c.id == turn.owner_id)).scalar_one()
    trained = {"trained_on": turn.now.date().isoformat()} if Role.FACILITATOR in split(roles) else {}
    turn.connection.execute(one.values(confirmed_at=turn.now, confirmed_by=effect.by, **trained))


def revoke(connection: Connection, staff_id: str, now: datetime) -> None:
    """Her rights end now (S14); `announce` must follow in the same transaction."""
    connection.execute(update(staff).where(staff.c.id == staff_id).values(revoked_at=now))


def set_duty(turn: Turn, effect: SetDuty) -> None:
    """When she is on duty."""
    turn.unit.is_desk_changed = True
    duty = orjson.dumps(effect.duty).decode()
    turn.connection.execute(update(staff).where(staff.c.id == turn.owner_id).values(duty=duty))


def bind_group(turn: Turn, effect: BindGroup) -> None:
    """The group is the facilitators' now, reachable, with its address kept."""
    invitations.spend(turn, effect.invitation_id)
    turn.unit.is_desk_changed = True
    keep_address(turn)
    turn.connection.execute(delete(groups).where(groups.c.conversation_id == turn.conversation_id))
    turn.connection.execute(
        insert(groups).values(conversation_id=turn.conversation_id, bound_by=effect.by, bound_at=turn.now)
    )


def start_alarm_test(turn: Turn, effect: StartAlarmTest) -> None:
    """A rehearsal begins."""
    turn.connection.execute(insert(alarm_tests).values(id=effect.test_id, by_id=turn.owner_id, at=turn.now))


def acknowledge(turn: Turn, effect: AcknowledgeAlarm) -> None:
    """She saw the rehearsal; seeing it twice counts once."""
    turn.unit.is_desk_changed = True
    seen = upserting(turn.connection, acknowledgements).on_conflict_do_nothing()
    turn.connection.execute(seen, {"test_id": effect.test_id, "staff_id": turn.owner_id, "at": turn.now})
