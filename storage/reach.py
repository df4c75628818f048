"""How many silent people are reached in a day: a messenger allows so many, to all that goes out together."""

from datetime import datetime, timedelta

from sqlalchemy import Connection, or_, select

from bot.core.addresses import free_until
from bot.core.effects import Purpose
from bot.core.templates import SILENT
from storage import cohorts
from storage.schema import accounts, broadcasts, conversations, outbox, recipients
from storage.staff import split
from storage.upsert import AnyRow

DAY = timedelta(days=1)


def reached_today(connection: Connection, now: datetime) -> int:
    """People, each counted once: those to whom a neutral line went or waits to go, and those who are promised one."""
    return len(_written_to(connection, now) | _promised(connection, now))


def _written_to(connection: Connection, now: datetime) -> set[str]:
    o = outbox.c
    query = (
        select(o.conversation_id, o.tag, o.made_at, o.due_at, conversations.c.last_in_at, accounts.c.line)
        .join(accounts, accounts.c.id == o.account_id)
        .join(conversations, conversations.c.id == o.conversation_id)
        .where(o.purpose.in_([Purpose.PUSH, Purpose.COVER, Purpose.BROADCAST]), o.due_at > now - DAY)
        .where(o.state.in_(["waiting", "sending", "sent", "unknown"]))
    )
    return {row.conversation_id for row in connection.execute(query) if _is_line(row)}


def _is_line(row: AnyRow) -> bool:
    """Whether it is a neutral line: said to one who was silent then, or to one who has been silent all the time."""
    until = free_until(row.line, row.last_in_at)
    return row.tag == SILENT or (until is not None and until <= max(row.made_at, row.due_at))


def _promised(connection: Connection, now: datetime) -> set[str]:
    """Those who are silent now and for whom a broadcast that has not ended still waits."""
    b = broadcasts.c
    query = select(b.id, b.cohorts).where(b.state.in_(["waiting", "running", "paused"]), b.expires_at > now)
    promised: set[str] = set()
    for row in connection.execute(query).all():
        r = recipients.c
        is_past = or_(r.state != "waiting", r.reason.is_not(None))  # who alone can open it gets no line
        past = set(connection.scalars(select(r.participant_id).where(r.broadcast_id == row.id, is_past)))
        silent = cohorts.silent_in(connection, split(row.cohorts), now)
        promised |= {conversation_id for id_, conversation_id in silent if id_ not in past}
    return promised
