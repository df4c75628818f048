"""The mothers: how one joins, what she chose, how she stands."""

from collections.abc import Iterable
from dataclasses import replace
from itertools import chain, count

from sqlalchemy import Column, Connection, bindparam, func, insert, select, update

from bot.core.conversation import Conversation, Owner
from bot.core.effects import Consent, CountPush, Join, Prefer, Stand
from bot.core.errors import SealBroken
from bot.core.people import Participant
from storage import accounts, invitations, profiles
from storage.driver import Statement
from storage.profiles import Profile
from storage.schema import cases, cohort_modules, cohorts, consents, groups, links, participants, progress
from storage.sealing import Sealer
from storage.unit import Standing, Turn, Unit
from storage.upsert import AnyRow, upserting

STANDINGS = frozenset(
    "stopped_at hidden_at paused_until frozen_at unreachable_at withheld_at is_confirmed confirmed_by".split()
)

_CONSENT = (
    select(consents.c.version)
    .where(consents.c.participant_id == participants.c.id)
    .order_by(consents.c.at.desc())
    .limit(1)
    .scalar_subquery()
)
_FINISHED = (
    select(func.aggregate_strings(progress.c.lesson, ","))
    .where(progress.c.participant_id == participants.c.id, progress.c.finished_at.is_not(None))
    .scalar_subquery()
)
_COHORT_WITHHELD = select(cohorts.c.withheld_at).where(cohorts.c.id == participants.c.cohort_id).scalar_subquery()
_LOAD = Statement(
    select(
        participants,
        _COHORT_WITHHELD.label("cohort_withheld_at"),
        _CONSENT.label("consent_version"),
        _FINISHED.label("finished"),
    ).where(participants.c.id.in_(bindparam("ids", expanding=True)))
)


def load(unit: Unit, chats: Iterable[Conversation]) -> dict[str, Participant]:
    """The participants of these conversations, by their ids."""
    of = {chat.owner_id: chat for chat in chats if chat.owner is Owner.PARTICIPANT}
    if not of:
        return {}
    rows = _LOAD.rows(unit.connection, ids=sorted(of))
    opened = modules_of(unit.connection, {row.cohort_id for row in rows if row.cohort_id is not None})
    return {row.id: _participant(unit, row, of[row.id], opened.get(row.cohort_id, ())) for row in rows}


def modules_of(connection: Connection, cohort_ids: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """The modules that are open for each of these cohorts, in order of opening."""
    wanted = sorted(cohort_ids)
    if not wanted:
        return {}
    found: dict[str, tuple[str, ...]] = {}
    for cohort_id, module in _MODULES.rows(connection, cohorts=wanted):
        found[cohort_id] = (*found.get(cohort_id, ()), module)
    return found


_MODULES = Statement(
    select(cohort_modules.c.cohort_id, cohort_modules.c.module)
    .where(cohort_modules.c.cohort_id.in_(bindparam("cohorts", expanding=True)))
    .order_by(cohort_modules.c.opened_at, cohort_modules.c.module)
)


def _participant(unit: Unit, row: AnyRow, chat: Conversation, opened: tuple[str, ...]) -> Participant:
    profile = _profile(unit, row.id, row.profile)
    unit.standings[row.id] = Standing(
        row.frozen_at, row.stopped_at, row.hidden_at, row.paused_until, row.withheld_at, row.cohort_withheld_at
    )
    return Participant(
        id=row.id,
        code_name=row.code_name,
        cohort_id=row.cohort_id,
        language=chat.language,
        zone=profile.zone or unit.zone,
        joined_at=row.joined_at,
        name=profile.name,
        hours=profile.hours,
        phone_shared=profile.phone_shared,
        is_confirmed=row.is_confirmed,
        consent_version=row.consent_version or "",
        stopped_at=row.stopped_at,
        hidden_at=row.hidden_at,
        paused_until=row.paused_until,
        frozen_at=row.frozen_at,
        unreachable_at=row.unreachable_at,
        withheld_at=row.withheld_at,
        is_cohort_withheld=row.cohort_withheld_at is not None,
        opened=opened,
        finished=frozenset((row.finished or "").split(",")) - {""},
        pushes=profile.pushes,
        may_be_sampled=profile.may_be_sampled,
    )


def _profile(unit: Unit, participant_id: str, sealed: bytes) -> Profile:
    """What she chose; without its key the safe defaults hold: phone shared unknown, no hours (S2)."""
    if participant_id not in unit.profiles:
        opened = _open(unit.sealer, participant_id, sealed)
        unit.profiles[participant_id] = unit.stored_profiles[participant_id] = opened
    return unit.profiles[participant_id]


def _open(sealer: Sealer, participant_id: str, sealed: bytes) -> Profile:
    try:
        return profiles.from_json(
            sealer.open_json(f"participant:{participant_id}", profiles.PLACE, participant_id, sealed)
        )
    except SealBroken:
        return Profile()


def join(turn: Turn, effect: Join) -> None:
    """The stranger becomes a participant: her address is kept from now on, and all is sealed with her own key."""
    _, cohort_id = invitations.spend(turn, effect.invitation_id)
    participant_id = turn.unit.ids.id()
    profile = turn.unit.profiles[participant_id] = turn.unit.stored_profiles[participant_id] = Profile()
    turn.connection.execute(
        insert(participants).values(
            id=participant_id,
            code_name=unused(turn.connection, participants.c.code_name, effect.code_name),
            conversation_id=turn.conversation_id,
            cohort_id=cohort_id,
            profile=turn.seal(
                f"participant:{participant_id}", profiles.PLACE, participant_id, profiles.to_json(profile)
            ),
            is_confirmed=False,
            joined_at=turn.now,
        )
    )
    turn.row.conversation = replace(
        turn.row.conversation, owner=Owner.PARTICIPANT, owner_id=participant_id, language=effect.language
    )
    consent(turn, Consent(effect.consent_version))
    _link(turn, participant_id)
    turn.connection.execute(
        update(cases)
        .where(cases.c.conversation_id == turn.conversation_id, cases.c.state != "closed")
        .values(participant_id=participant_id, cohort_id=cohort_id)
    )


def unused(connection: Connection, column: Column[str], wanted: str) -> str:
    """The wanted name, with a number after it where somebody has it already."""
    taken = set(connection.execute(select(column).where(column.startswith(wanted, autoescape=True))).scalars())
    numbered = (f"{wanted} {number}" for number in count(2))
    return next(name for name in chain([wanted], numbered) if name not in taken)


def _link(turn: Turn, participant_id: str) -> None:
    account_id = turn.row.account_id
    if account_id is None:
        return
    turn.connection.execute(insert(links).values(participant_id=participant_id, account_id=account_id, since=turn.now))
    keep_address(turn)


def keep_address(turn: Turn) -> None:
    """From now on we may write to this conversation by ourselves."""
    account_id = turn.row.account_id
    if account_id is not None and account_id in turn.unit.addresses:
        accounts.keep(turn.connection, turn.sealer, account_id, turn.unit.addresses[account_id])


def consent(turn: Turn, effect: Consent) -> None:
    """She agreed to this version."""
    given = upserting(turn.connection, consents).on_conflict_do_nothing()
    turn.connection.execute(given, {"participant_id": turn.owner_id, "version": effect.version, "at": turn.now})


def prefer(turn: Turn, effect: Prefer) -> None:
    """She chose."""
    profile = _current(turn)
    turn.unit.profiles[turn.owner_id] = profile.change(effect.changes)


def count_push(turn: Turn, effect: CountPush) -> None:
    """One unprompted message more."""
    profile = _current(turn)
    turn.unit.profiles[turn.owner_id] = profile.push(effect.at)


def _current(turn: Turn) -> Profile:
    unit, participant_id = turn.unit, turn.owner_id
    if participant_id not in unit.profiles:
        sealed = select(participants.c.profile).where(participants.c.id == participant_id)
        _profile(unit, participant_id, turn.connection.execute(sealed).scalar_one())
    return unit.profiles[participant_id]


def stand(turn: Turn, effect: Stand) -> None:
    """How she stands changes; for a group only whether it can be reached."""
    if turn.row.conversation.owner is Owner.GROUP:
        lost_at = effect.changes.get("unreachable_at")
        turn.connection.execute(
            update(groups).where(groups.c.conversation_id == turn.conversation_id).values(lost_at=lost_at)
        )
        turn.unit.is_desk_changed = True
        return
    unknown = effect.changes.keys() - STANDINGS
    if unknown:
        raise TypeError(f"Stand knows no {sorted(unknown)}")
    turn.unit.standings.pop(turn.owner_id, None)
    turn.connection.execute(update(participants).where(participants.c.id == turn.owner_id).values(**effect.changes))


_WRITE = update(participants).where(participants.c.id == bindparam("row_id")).values(profile=bindparam("sealed"))


def write_profiles(unit: Unit) -> None:
    """Write back the profiles that changed."""
    changed = sorted(id_ for id_, profile in unit.profiles.items() if profile != unit.stored_profiles[id_])
    if not changed:
        return
    unit.sealer.ensure([f"participant:{id_}" for id_ in changed])
    unit.connection.execute(
        _WRITE,
        [
            {
                "row_id": id_,
                "sealed": unit.sealer.seal_json(
                    f"participant:{id_}", profiles.PLACE, id_, profiles.to_json(unit.profiles[id_])
                ),
            }
            for id_ in changed
        ],
    )
    for id_ in changed:
        unit.stored_profiles[id_] = unit.profiles[id_]
