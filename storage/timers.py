"""Events due later: planned and dropped by a turn, taken in the commit that plays them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, delete, func, select, tuple_

from bot.core.event import Event, pack
from storage.conversations import Row
from storage.driver import Statement
from storage.inbox import open_event
from storage.schema import timers
from storage.sealing import Sealer
from storage.upsert import Upsert, upserting

PLACE = "timers.body"
Key = tuple[str, str]
"""Conversation and key."""


@dataclass(slots=True)
class Plan:
    """What turns asked for, in their order: a later word about a key replaces an earlier one."""

    dropped: dict[Key, None] = field(default_factory=dict)  # conversation and prefix
    planned: dict[Key, tuple[datetime, Event]] = field(default_factory=dict)

    def schedule(self, conversation_id: str, key: str, due_at: datetime, event: Event) -> None:
        """Play the event at that time instead of what had this key."""
        self.planned[conversation_id, key] = (due_at, event)

    def unschedule(self, conversation_id: str, prefix: str) -> None:
        """Drop every timer whose key begins so."""
        self.dropped[conversation_id, prefix] = None
        for planned in [k for k in self.planned if k[0] == conversation_id and k[1].startswith(prefix)]:
            del self.planned[planned]


def _name(conversation_id: str, key: str) -> str:
    return f"{conversation_id}|{key}"


_DROP = Statement(
    delete(timers).where(
        timers.c.conversation_id == bindparam("chat"),
        func.substr(timers.c.key, 1, bindparam("length")) == bindparam("prefix"),
    )
)


def _plan(connection: Connection) -> Upsert:
    insert = upserting(connection, timers).values({name: bindparam(name) for name in timers.c.keys()})  # noqa: SIM118
    return insert.on_conflict_do_update(
        index_elements=[timers.c.conversation_id, timers.c.key],
        set_={"due_at": insert.excluded.due_at, "body": insert.excluded.body},
    )


_PLAN = Statement(_plan)


def write(connection: Connection, sealer: Sealer, rows: dict[str, Row], plan: Plan) -> None:
    """Drop, then plan; the plan is empty afterwards."""
    if plan.dropped:
        drops = [{"chat": chat, "prefix": prefix, "length": len(prefix)} for chat, prefix in sorted(plan.dropped)]
        _DROP.each(connection, drops)
    if plan.planned:
        fresh = [_row(sealer, rows[chat], key, *plan.planned[chat, key]) for chat, key in sorted(plan.planned)]
        _PLAN.each(connection, fresh)
    plan.dropped.clear()
    plan.planned.clear()


def _row(sealer: Sealer, row: Row, key: str, due_at: datetime, event: Event) -> dict[str, Any]:
    chat = row.conversation.id
    body = sealer.seal_json(row.subject, PLACE, _name(chat, key), pack(event))
    return {"conversation_id": chat, "key": key, "due_at": due_at, "body": body}


def take(
    connection: Connection, sealer: Sealer, rows: dict[str, Row], keys: Sequence[Key], now: datetime
) -> dict[Key, tuple[datetime, Event | None]]:
    """Delete those that are still there and due, now that their conversations are locked; what they hold."""
    taken = (
        delete(timers)
        .where(tuple_(timers.c.conversation_id, timers.c.key).in_(sorted(keys)), timers.c.due_at <= now)
        .returning(timers.c.conversation_id, timers.c.key, timers.c.due_at, timers.c.body)
    )
    return {
        (chat, key): (due_at, open_event(sealer, rows[chat], PLACE, _name(chat, key), body))
        for chat, key, due_at, body in connection.execute(taken)
    }


def renew(connection: Connection, sealer: Sealer, row: Row, plan: Plan) -> None:
    """Plan anew, sealed with her own key, what the key of the address that she leaves may have sealed."""
    chat = row.conversation.id
    query = select(timers.c.key, timers.c.due_at, timers.c.body).where(timers.c.conversation_id == chat)
    for key, due_at, body in connection.execute(query):
        is_dropped = any(other == chat and key.startswith(prefix) for other, prefix in plan.dropped)
        event = open_event(sealer, row, PLACE, _name(chat, key), body)
        if event is not None and not is_dropped:
            plan.planned.setdefault((chat, key), (due_at, event))


def due(connection: Connection, now: datetime, limit: int) -> list[Key]:
    """What is due now, longest first."""
    query = select(timers.c.conversation_id, timers.c.key).where(timers.c.due_at <= now)
    rows = connection.execute(query.order_by(timers.c.due_at, timers.c.conversation_id).limit(limit))
    return [(row.conversation_id, row.key) for row in rows]


def next_due(connection: Connection) -> datetime | None:
    """When the earliest timer is due; None when there is none."""
    found: datetime | None = connection.execute(select(func.min(timers.c.due_at))).scalar()
    return found
