"""The blind sample: kept answers whose writer allowed it, drawn by chance and read once each (S20).

Each reading is a row of the audit in the same commit (S14).  What came of it is counted without text.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Select, or_, select, update

from bot.core.cases import Level
from bot.core.effects import Audit
from bot.core.errors import SealBroken
from bot.core.people import Staff
from storage import audit, profiles
from storage.cases import count_verdicts
from storage.progress import REFLECTION_PLACE
from storage.schema import participants, reflections, verdicts
from storage.sealing import Sealer
from storage.upsert import AnyRow

Shuffle = Callable[[list[str]], None]
"""Bring ids into an order by chance, in place."""
_CONCEPT = "sample."


@dataclass(frozen=True, slots=True)
class Drawn:
    """An answer without her name; whose conversation it is, only for a case that may follow."""

    text: str
    conversation_id: str


@dataclass(frozen=True, slots=True)
class Count:
    """How many answers the screen of this version gave one level and a person another."""

    rules: str
    screened: Level
    judged: Level
    count: int


def draw(connection: Connection, sealer: Sealer, reader: Staff, now: datetime, shuffle: Shuffle) -> Drawn | None:
    """One answer that nobody has read for the sample; None when there is none for this reader."""
    ids = list(connection.scalars(_unread(reader, now)))
    shuffle(ids)
    may: dict[str, bool] = {}
    for id_ in ids:
        row = _one(connection, id_)
        if row.participant_id not in may:
            may[row.participant_id] = _is_allowed(sealer, row)
        if may[row.participant_id] and (text := _text(sealer, row)) is not None and _mark(connection, row.id, now):
            audit.write(connection, sealer, [Audit("read_sample", reader.id)], now)
            return Drawn(text, row.conversation_id)
    return None


def count(connection: Connection, rules: str, screened: Level, judged: Level) -> None:
    """One answer more that the screen and a person gave these levels."""
    count_verdicts(connection, Counter([(rules, f"{_CONCEPT}{screened}", str(judged))]))


def counts(connection: Connection) -> list[Count]:
    """All counters of the sample, by version."""
    v = verdicts.c
    query = select(v.rules, v.concept, v.outcome, v["count"]).where(v.concept.startswith(_CONCEPT))
    rows = connection.execute(query.order_by(v.rules, v.concept, v.outcome)).all()
    return [Count(rules, Level(one.removeprefix(_CONCEPT)), Level(other), n) for rules, one, other, n in rows]


def is_of_sample(concept: str) -> bool:
    """Whether a counter of verdicts is one of the sample's."""
    return concept.startswith(_CONCEPT)


def _unread(reader: Staff, now: datetime) -> Select[str]:
    """Never of somebody whom the reader knows in her own life."""
    r, p = reflections.c, participants.c
    query = (
        select(r.id)
        .join(participants, p.id == r.participant_id)
        .where(r.sampled_at.is_(None), r.expires_at > now, p.conversation_id.not_in(sorted(reader.conflicts)))
        .order_by(r.id)
    )
    return query.where(or_(p.cohort_id.is_(None), p.cohort_id.in_(sorted(reader.cohorts)))) if reader.cohorts else query


def _one(connection: Connection, id_: str) -> AnyRow:
    query = (
        select(reflections.c.id, reflections.c.participant_id, reflections.c.body)
        .add_columns(participants.c.conversation_id, participants.c.profile)
        .join(participants, participants.c.id == reflections.c.participant_id)
        .where(reflections.c.id == id_)
    )
    return connection.execute(query).one()


def _is_allowed(sealer: Sealer, row: AnyRow) -> bool:
    """Her own choice; one whose key is gone has allowed nothing."""
    try:
        profile = sealer.open_json(f"participant:{row.participant_id}", profiles.PLACE, row.participant_id, row.profile)
    except SealBroken:
        return False
    return profiles.from_json(profile).may_be_sampled


def _text(sealer: Sealer, row: AnyRow) -> str | None:
    try:
        body = sealer.open_json(f"participant:{row.participant_id}", REFLECTION_PLACE, row.id, row.body)
    except SealBroken:
        return None
    return str(body["text"])


def _mark(connection: Connection, id_: str, now: datetime) -> bool:
    """Whether it is this reader's: another may have drawn it a moment before."""
    mine = update(reflections).where(reflections.c.id == id_, reflections.c.sampled_at.is_(None))
    return connection.execute(mine.values(sampled_at=now)).rowcount == 1
