"""How far a mother has come, and what she wrote to a prompt."""

from datetime import timedelta
from functools import cache

from sqlalchemy import Connection, bindparam, insert, or_, select, update

from bot.core.conversation import SharedReflection
from bot.core.effects import (
    AddToReflection,
    AnswerMeasure,
    BeginLesson,
    FinishLesson,
    KeepReflection,
    RecordCheckIn,
    ShareReflection,
)
from bot.core.errors import SealBroken
from bot.core.people import Staff
from storage.driver import Statement
from storage.schema import measures, participants, progress, reflections
from storage.sealing import Sealer
from storage.unit import Turn
from storage.upsert import AnyRow, Upsert, upserting

REFLECTION_PLACE = "reflections.body"
REFLECTIONS_LIVE = timedelta(days=90)
MOST_SHARED = 500
"""The latest shared answers that are loaded for one reader."""


def _set(turn: Turn, lesson: str, version: int, changes: dict[str, object]) -> None:
    """Change her row of a lesson; one that is not there yet begins now."""
    begun = {"participant_id": turn.owner_id, "lesson": lesson, "version": version, "began_at": turn.now, **changes}
    turn.unit.bulk.add(turn.connection, _setting(tuple(changes)), ("progress", turn.owner_id, lesson), begun)


@cache
def _setting(changed: tuple[str, ...]) -> Statement:
    """Begin a row, or change these columns of it."""
    columns = ("participant_id", "lesson", "version", "began_at", *changed)

    def written(connection: Connection) -> Upsert:
        row = upserting(connection, progress).values({name: bindparam(name) for name in columns})
        key = [progress.c.participant_id, progress.c.lesson]
        return row.on_conflict_do_update(index_elements=key, set_={name: row.excluded[name] for name in changed})

    return Statement(written)


def begin(turn: Turn, effect: BeginLesson) -> None:
    """She opened a lesson, perhaps once more; what she finished stays finished."""
    _set(turn, effect.lesson, effect.version, {"version": effect.version})


def finish(turn: Turn, effect: FinishLesson) -> None:
    """She came to its end."""
    _set(turn, effect.lesson, 0, {"finished_at": turn.now, "practice": effect.practice})


def check_in(turn: Turn, effect: RecordCheckIn) -> None:
    """How the practice went."""
    _set(turn, effect.lesson, 0, {"check_in": effect.how})


def answer_measure(turn: Turn, effect: AnswerMeasure) -> None:
    """A number without words; a second answer at the same point of time replaces the first."""
    key = {"participant_id": turn.owner_id, "moment": effect.moment, "question": effect.question}
    given = {"answer": effect.answer, "at": turn.now}
    row = upserting(turn.connection, measures).values(**key, **given)
    turn.connection.execute(row.on_conflict_do_update(index_elements=list(key), set_=given))


def keep_reflection(turn: Turn, effect: KeepReflection) -> None:
    """Her answer, sealed with her key, for 90 days (S20)."""
    reflection_id = turn.unit.ids.id()
    kept = {
        "id": reflection_id,
        "participant_id": turn.owner_id,
        "lesson": effect.lesson,
        "body": turn.seal(turn.row.subject, REFLECTION_PLACE, reflection_id, {"text": effect.text}),
        "is_shared": effect.is_shared,
        "at": turn.now,
        "expires_at": turn.now + REFLECTIONS_LIVE,
        "shared_at": turn.now if effect.is_shared else None,
        "sampled_at": None,
    }
    turn.unit.bulk.add(turn.connection, _KEEP, ("reflections", reflection_id), kept)


_KEEP = Statement(insert(reflections).values({name: bindparam(name) for name in reflections.c.keys()}))  # noqa: SIM118


def share_reflection(turn: Turn, effect: ShareReflection) -> None:
    """Her latest answer to this lesson may be read by her facilitator (S20)."""
    turn.unit.bulk.write(turn.connection)
    r = reflections.c
    latest = select(r.id).where(r.participant_id == turn.owner_id, r.lesson == effect.lesson)
    newest = latest.order_by(r.at.desc(), r.id.desc()).limit(1).scalar_subquery()
    turn.connection.execute(update(reflections).where(r.id == newest).values(is_shared=True, shared_at=turn.now))


def shared_with(connection: Connection, sealer: Sealer, staff: Staff) -> tuple[SharedReflection, ...]:
    """What the mothers of her cohorts chose to share, the latest sharing last; nothing for whoever may not take cases.

    Somebody whom she knows in her own life is never among them.
    """
    if not staff.may_take(None):
        return ()
    r, p = reflections.c, participants.c
    query = (
        select(reflections, p.conversation_id, p.code_name)
        .join(participants, p.id == r.participant_id)
        .where(r.is_shared, r.shared_at.is_not(None), p.conversation_id.not_in(sorted(staff.conflicts)))
        .order_by(r.shared_at.desc(), r.id.desc())
        .limit(MOST_SHARED)
    )
    if staff.cohorts:
        query = query.where(or_(p.cohort_id.is_(None), p.cohort_id.in_(sorted(staff.cohorts))))
    rows = connection.execute(query).all()
    return tuple(shared for row in reversed(rows) if (shared := _opened(sealer, row)) is not None)


def _opened(sealer: Sealer, row: AnyRow) -> SharedReflection | None:
    """One whose key is gone is not there any more."""
    try:
        body = sealer.open_json(f"participant:{row.participant_id}", REFLECTION_PLACE, row.id, row.body)
    except SealBroken:
        return None
    return SharedReflection(
        row.id,
        row.participant_id,
        row.conversation_id,
        row.code_name,
        row.lesson,
        body["text"],
        row.at,
        row.shared_at,
    )


def add_to_reflection(turn: Turn, effect: AddToReflection) -> None:
    """More words on a line of their own under her latest answer to this lesson; an answer that is gone stays so."""
    turn.unit.bulk.write(turn.connection)
    r = reflections.c
    answers = select(reflections).where(r.participant_id == turn.owner_id, r.lesson == effect.lesson)
    kept = turn.connection.execute(answers.order_by(r.at.desc(), r.id.desc()).limit(1)).first()
    if kept is None:
        return
    body = turn.unit.sealer.open_json(turn.row.subject, REFLECTION_PLACE, kept.id, kept.body)
    sealed = turn.seal(turn.row.subject, REFLECTION_PLACE, kept.id, {"text": f"{body['text']}\n{effect.text}"})
    turn.connection.execute(update(reflections).where(r.id == kept.id).values(body=sealed))
