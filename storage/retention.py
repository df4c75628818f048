"""What goes when: empties and deletes everything past the date that the schema gives it (S18)."""

from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, Table, and_, delete, select, update

from storage import schema as s

PORTION = 500
"""The most rows of a table that one purge touches, so that nobody waits long for the write lock."""

_Rule = Callable[[datetime], ColumnElement[bool]]

_DELETED: tuple[tuple[Table, _Rule], ...] = (
    (s.inbox, lambda now: and_(s.inbox.c.expires_at <= now, s.inbox.c.state != "pending")),
    (s.messages, lambda now: s.messages.c.at <= now - timedelta(hours=49)),
    (s.attempts, lambda now: s.attempts.c.at <= now - timedelta(hours=1)),
    (s.reflections, lambda now: s.reflections.c.expires_at <= now),
    (s.invitations, lambda now: s.invitations.c.expires_at <= now - timedelta(days=30)),
    (s.outbox, lambda now: and_(s.outbox.c.purge_at <= now, s.outbox.c.state.not_in(("waiting", "sending")))),
    (s.audit, lambda now: s.audit.c.at <= now - timedelta(days=3 * 365)),
)


def purge(connection: Connection, now: datetime) -> dict[str, int]:
    """One portion of every table; the number of rows by table, 0 everywhere when nothing is past its date."""
    done = {table.name: _delete(connection, table, rule(now)) for table, rule in _DELETED}
    done["cases"] = _empty_cases(connection, now)
    done["broadcasts"] = _empty_broadcasts(connection, now)
    return done


def _delete(connection: Connection, table: Table, past: ColumnElement[bool]) -> int:
    key = next(iter(table.primary_key.columns))
    old = connection.scalars(select(key).where(past).order_by(key).limit(PORTION)).all()
    if old:
        connection.execute(delete(table).where(key.in_(old)))
    return len(old)


def _empty_cases(connection: Connection, now: datetime) -> int:
    """A case past its date keeps its columns without words; its messages go."""
    c = s.cases.c
    old = connection.scalars(select(c.id).where(c.expires_at <= now).limit(PORTION)).all()
    if old:
        connection.execute(delete(s.case_messages).where(s.case_messages.c.case_id.in_(old)))
        connection.execute(update(s.cases).where(c.id.in_(old)).values(body=None, expires_at=None))
    return len(old)


def _empty_broadcasts(connection: Connection, now: datetime) -> int:
    """Seven days after its end a broadcast keeps its counts without words."""
    c = s.broadcasts.c
    past = and_(c.body.is_not(None), c.state.in_(("done", "cancelled")), c.expires_at <= now - timedelta(days=7))
    old = connection.scalars(select(c.id).where(past).limit(PORTION)).all()
    if old:
        connection.execute(update(s.broadcasts).where(c.id.in_(old)).values(body=None))
    return len(old)
