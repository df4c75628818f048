"""The women of one Mothers School group, as coordinators count them; the modules their sessions have opened."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Connection, exists, func, insert, select, update

from bot.core.addresses import free_until
from bot.core.effects import CountHarm, OpenModule, WithholdCohort
from bot.core.event import Event
from bot.core.events import ModuleOpened
from bot.core.harm import CohortWithheld, PushesReleased
from bot.core.people import CohortFigures
from bot.core.ports import Ids
from storage.inbox import Post
from storage.participants import modules_of
from storage.schema import accounts, cases, cohort_modules, cohorts, conversations, harms, participants
from storage.unit import Turn
from storage.upsert import AnyRow, upserting


def called(connection: Connection, ids: Ids, name: str, now: datetime) -> str:
    """The id of the cohort of this name, made if it is new."""
    row = upserting(connection, cohorts).on_conflict_do_nothing()
    connection.execute(row, {"id": ids.id(), "name": name, "made_at": now})
    found: str = connection.execute(select(cohorts.c.id).where(cohorts.c.name == name)).scalar_one()
    return found


def open_module(turn: Turn, effect: OpenModule) -> None:
    """The session was held: the module is open, and each of its mothers is told by a post of her own."""
    opened = upserting(turn.connection, cohort_modules).on_conflict_do_nothing().returning(cohort_modules.c.module)
    row = {"cohort_id": effect.cohort_id, "module": effect.module, "opened_at": turn.now}
    if turn.connection.execute(opened, row).scalar() is None:
        return  # it was open already: they have been told
    _tell_all(turn, effect.cohort_id, effect.module, ModuleOpened(effect.module))


def _tell_all(turn: Turn, cohort_id: str, what: str, event: Event) -> None:
    """A post to each mother of the cohort."""
    mothers = select(participants.c.conversation_id).where(participants.c.cohort_id == cohort_id)
    for to in turn.connection.execute(mothers.order_by(participants.c.conversation_id)).scalars():
        turn.unit.posts.append(Post(turn.unit.ids.id(), f"{turn.source}/{what}/{to}", to, event))


def count_harm(turn: Turn, effect: CountHarm) -> None:
    """That a mother told of harm, without who; too many within the time withhold pushes and alarm whoever decides."""
    c = cohorts.c
    locked = select(c.name, c.withheld_at).where(c.id == effect.cohort_id).with_for_update()
    cohort = turn.connection.execute(locked).one()
    turn.connection.execute(
        insert(harms).values(
            id=turn.unit.ids.id(), cohort_id=effect.cohort_id, at=turn.now, expires_at=turn.now + effect.within
        )
    )
    counted = select(func.count()).where(harms.c.cohort_id == effect.cohort_id, harms.c.expires_at > turn.now)
    told = turn.connection.execute(counted).scalar_one()
    if told < effect.alarm_at:
        return
    _withhold(turn, effect.cohort_id, cohort.withheld_at or turn.now)
    for to in effect.tell:
        name = f"{turn.source}/withheld/{to}"
        turn.unit.posts.append(Post(turn.unit.ids.id(), name, to, CohortWithheld(effect.cohort_id, cohort.name, told)))


def withhold(turn: Turn, effect: WithholdCohort) -> None:
    """What a person decided about pushes to a cohort; when they go on, each of its mothers is told by a post."""
    query = select(cohorts.c.withheld_at).where(cohorts.c.id == effect.cohort_id)
    since = turn.connection.execute(query.with_for_update()).scalar_one()
    if effect.is_withheld:
        _withhold(turn, effect.cohort_id, since or turn.now)
    elif since is not None:
        _withhold(turn, effect.cohort_id, None)
        _tell_all(turn, effect.cohort_id, "released", PushesReleased(effect.by, is_of_cohort=True))


def _withhold(turn: Turn, cohort_id: str, since: datetime | None) -> None:
    turn.unit.standings.clear()
    turn.connection.execute(update(cohorts).where(cohorts.c.id == cohort_id).values(withheld_at=since))


_HAS_CASE = exists().where(cases.c.conversation_id == participants.c.conversation_id, cases.c.state != "closed")
_MOTHERS = (
    select(
        participants,
        conversations.c.language,
        conversations.c.last_in_at,
        accounts.c.line,
        _HAS_CASE.label("has_case"),
    )
    .join(conversations, conversations.c.id == participants.c.conversation_id)
    .outerjoin(accounts, accounts.c.id == conversations.c.account_id)
)


def figures(connection: Connection, now: datetime) -> dict[str, CohortFigures]:
    """Every cohort by id: counts, and its participants by code-name."""
    named = connection.execute(
        select(cohorts.c.id, cohorts.c.name, cohorts.c.withheld_at).order_by(cohorts.c.name)
    ).all()
    opened = modules_of(connection, [row.id for row in named])
    mothers: defaultdict[str, list[AnyRow]] = defaultdict(list)
    query = _MOTHERS.where(participants.c.cohort_id.is_not(None)).order_by(participants.c.code_name)
    for row in connection.execute(query):
        mothers[row.cohort_id].append(row)
    return {
        row.id: CohortFigures(
            row.id,
            row.name,
            opened.get(row.id, ()),
            len(mothers[row.id]),
            Counter(mother.language for mother in mothers[row.id]),
            Counter(
                why
                for mother in mothers[row.id]
                if (why := _left_out(mother, now, is_withheld=row.withheld_at is not None))
            ),
            tuple((m.conversation_id, m.code_name, m.is_confirmed) for m in mothers[row.id]),
            row.withheld_at is not None,
            sum(_is_silent(mother, now, is_withheld=row.withheld_at is not None) for mother in mothers[row.id]),
            frozenset(m.conversation_id for m in mothers[row.id] if m.frozen_at is not None),
            frozenset(m.conversation_id for m in mothers[row.id] if m.withheld_at is not None),
        )
        for row in named
    }


def silent_in(connection: Connection, cohort_ids: Iterable[str], now: datetime) -> list[tuple[str, str]]:
    """Those (participant id, conversation id) whom a broadcast would reach by a neutral line alone."""
    wanted = sorted(cohort_ids)
    withheld = select(cohorts.c.id).where(cohorts.c.id.in_(wanted), cohorts.c.withheld_at.is_not(None))
    closed = set(connection.scalars(withheld))
    return [
        (mother.id, mother.conversation_id)
        for mother in connection.execute(_MOTHERS.where(participants.c.cohort_id.in_(wanted)))
        if _is_silent(mother, now, is_withheld=mother.cohort_id in closed)
    ]


def _is_silent(mother: AnyRow, now: datetime, *, is_withheld: bool) -> bool:
    until = free_until(mother.line or "", mother.last_in_at)
    return until is not None and until <= now and _left_out(mother, now, is_withheld=is_withheld) is None


def _left_out(mother: AnyRow, now: datetime, *, is_withheld: bool) -> str | None:
    """Why a broadcast would skip her (S4); the first reason counts."""
    reasons = (
        ("open_case", mother.has_case),
        ("stopped", mother.stopped_at is not None),
        ("hidden", mother.hidden_at is not None),
        ("paused", mother.paused_until is not None and mother.paused_until > now),
        ("frozen", mother.frozen_at is not None),
        ("withheld", mother.withheld_at is not None or is_withheld),
        ("unreachable", mother.unreachable_at is not None),
        ("unconfirmed", not mother.is_confirmed),
    )
    return next((reason for reason, holds in reasons if holds), None)


def visible(every: dict[str, CohortFigures], mine: Iterable[str]) -> tuple[CohortFigures, ...]:
    """Those of one member of staff; without any of her own she sees all."""
    chosen = frozenset(mine)
    return tuple(cohort for id_, cohort in every.items() if not chosen or id_ in chosen)
