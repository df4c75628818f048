"""The people behind the desk and the facilitators' groups; rehearsals of the alarm."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

import orjson
from sqlalchemy import Connection, delete, func, insert, select, update

from bot.core.addresses import Address
from bot.core.conversation import Owner
from bot.core.effects import (
    AcknowledgeAlarm,
    Arrange,
    BindGroup,
    ConfirmStaff,
    EnlistStaff,
    KeepApart,
    SetDuty,
    StartAlarmTest,
)
from bot.core.messages import LANGUAGES
from bot.core.people import Away, Group, Readiness, Role, Roster, Staff, widen
from bot.core.voice_notes import VoiceNote
from storage import accounts, invitations, voice_notes
from storage.driver import Statement
from storage.participants import keep_address, unused
from storage.profiles import hours_from_json
from storage.schema import acknowledgements, alarm_tests, cohorts, conflicts, conversations, facts, groups, staff
from storage.sealing import Sealer
from storage.unit import Turn
from storage.upsert import AnyRow, upserting

VERSION = "desk_version"
"""Changes in every commit that changes anything a desk holds, so that no process goes by an old roster."""
REHEARSED_FOR = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Desk:
    """Everybody behind the desk, the confirmed ones as a roster, who acknowledged rehearsals when, recorded pages."""

    version: str
    everybody: dict[str, Staff]
    roster: Roster
    acknowledged: tuple[tuple[str, datetime], ...]
    voice_notes: tuple[VoiceNote, ...] = ()

    def readiness(self, now: datetime) -> Readiness:
        """Who acknowledged a rehearsal within the last 7 days."""
        return Readiness(frozenset(who for who, at in self.acknowledged if now - at <= REHEARSED_FOR))


_VERSION = Statement(select(facts.c.value).where(facts.c.name == VERSION))


class DeskCache:
    """The desk as last read; read again only when its version has changed, in whatever process."""

    def __init__(self, zone: str) -> None:
        self._zone = zone
        self._known: Desk | None = None

    def get(self, connection: Connection, *, is_changed_here: bool) -> Desk:
        """The desk as this transaction sees it; what it changed itself is not kept before its commit."""
        found = _VERSION.rows(connection)
        version = found[0].value if found else ""
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
    apart: defaultdict[str, set[str]] = defaultdict(set)
    for row in connection.execute(select(conflicts.c.staff_id, conflicts.c.conversation_id)):
        apart[row.staff_id].add(row.conversation_id)
    rows = connection.execute(query.order_by(staff.c.id)).all()
    everybody = {row.id: _staff(row, zone, frozenset(apart[row.id])) for row in rows}
    bound = select(groups.c.conversation_id, groups.c.lost_at).order_by(groups.c.conversation_id)
    reached = tuple(Group(row.conversation_id, row.lost_at is None) for row in connection.execute(bound))
    a = acknowledgements.c
    latest = select(a.staff_id, func.max(a.at)).group_by(a.staff_id)
    acknowledged = tuple((who, at) for who, at in connection.execute(latest))
    confirmed = tuple(one for one in everybody.values() if one.is_confirmed)
    aliases = frozenset(one.alias for one in everybody.values())
    named = {row.id: row.name for row in connection.execute(select(cohorts.c.id, cohorts.c.name))}
    roster = Roster(confirmed, reached, aliases, named)
    return Desk(version, everybody, roster, acknowledged, voice_notes.load(connection))


def groups_on(connection: Connection, sealer: Sealer, line: str) -> dict[str, Address]:
    """Where the bound groups of a line are, by their conversations."""
    query = select(conversations.c.id, conversations.c.account_id).join(
        groups, groups.c.conversation_id == conversations.c.id
    )
    bound = {row.id: row.account_id for row in connection.execute(query)}
    known = accounts.addresses(connection, sealer, bound.values())
    return {id_: known[account] for id_, account in bound.items() if account in known and known[account].line == line}


def _staff(row: AnyRow, zone: str, apart: frozenset[str]) -> Staff:
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
        languages=frozenset(language for language in LANGUAGES if language in split(row.languages)),
        load_limit=row.load_limit,
        rest=tuple(hours_from_json(hours) for hours in orjson.loads(row.rest)),
        away=_away(row),
        off=(row.off_from, row.off_until) if row.off_from and row.off_until else None,
        conflicts=apart,
        is_fallback=row.is_fallback,
    )


def _away(row: AnyRow) -> Away | None:
    if row.away_from is None or row.away_until is None:
        return None
    return Away(date.fromisoformat(row.away_from), date.fromisoformat(row.away_until))


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
    """A further role and cohort.  Whoever had left begins anew, inert."""
    columns = (staff.c.roles, staff.c.cohorts, staff.c.revoked_at)
    had = turn.connection.execute(select(*columns).where(staff.c.id == turn.owner_id)).one()
    if had.revoked_at is not None:
        anew: dict[str, object] = {"roles": role, "cohorts": cohort_id or "", "duty": "[]"}
        anew |= dict.fromkeys(("revoked_at", "trained_on", "confirmed_by", "off_from", "off_until"))
        anew["confirmed_at"] = turn.now if effect.is_confirmed else None
        turn.connection.execute(update(staff).where(staff.c.id == turn.owner_id).values(anew))
        return
    roles = set(map(Role, split(had.roles)))
    reached = widen(roles, set(split(had.cohorts)), role, cohort_id)
    turn.connection.execute(
        update(staff).where(staff.c.id == turn.owner_id).values(roles=join({*roles, role}), cohorts=join(reached))
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


def arrange(turn: Turn, effect: Arrange) -> None:
    """How she works; raises TypeError for something that is no arrangement."""
    changes = dict(effect.changes)
    values: dict[str, object] = {}
    if "languages" in changes:
        values["languages"] = join(frozenset(changes.pop("languages")))
    if "rest" in changes:
        values["rest"] = orjson.dumps(changes.pop("rest")).decode()
    if "away" in changes:
        values["away_from"], values["away_until"] = changes.pop("away") or (None, None)
    if "off" in changes:
        values["off_from"], values["off_until"] = changes.pop("off") or (None, None)
    unknown = changes.keys() - {"load_limit", "is_fallback"}
    if unknown:
        raise TypeError(f"Arrange knows no {sorted(unknown)}")
    turn.unit.is_desk_changed = True
    turn.connection.execute(update(staff).where(staff.c.id == turn.owner_id).values(**values, **changes))


def keep_apart(turn: Turn, effect: KeepApart) -> None:
    """That mother's cases are never shown to her, or again may be; saying it twice counts once."""
    turn.unit.is_desk_changed = True
    values = {"staff_id": turn.owner_id, "conversation_id": effect.conversation_id}
    if effect.is_apart:
        row = upserting(turn.connection, conflicts).on_conflict_do_nothing()
        turn.connection.execute(row, {**values, "named_by": effect.by, "at": turn.now})
    else:
        c = conflicts.c
        turn.connection.execute(
            delete(conflicts).where(c.staff_id == turn.owner_id, c.conversation_id == effect.conversation_id)
        )


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
