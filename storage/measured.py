"""Answers to the short questions, counted by cohort, time and question; no row of one mother leaves here."""

from sqlalchemy import func, select

from bot.core.effects import CountMeasures
from bot.core.measured import FEWEST, MeasuresCounted, coarse
from storage.inbox import Post
from storage.schema import cohorts, measures, participants
from storage.unit import Turn


def count(turn: Turn, effect: CountMeasures) -> None:
    """Post the figures of these cohorts to the one who asked."""
    m = measures.c
    query = (
        select(cohorts.c.name, m.moment, m.question, func.count(), func.sum(m.answer))
        .join(participants, participants.c.id == m.participant_id)
        .join(cohorts, cohorts.c.id == participants.c.cohort_id)
        .where(cohorts.c.id.in_(effect.cohort_ids))
        .group_by(cohorts.c.name, m.moment, m.question)
        .having(func.count() >= FEWEST)
        .order_by(cohorts.c.name, m.moment, m.question)
    )
    rows = turn.connection.execute(query).all()
    told = tuple(one for name, when, what, n, total in rows if (one := coarse(name, when, what, n, int(total))))
    name = f"{turn.source}/measures"
    turn.unit.posts.append(Post(turn.unit.ids.id(), name, turn.conversation_id, MeasuresCounted(told)))
