"""What came in and what turns post to each other; every row is also the proof that it came before."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, bindparam, null, select, update

from bot.core.conversation import Owner
from bot.core.errors import SealBroken
from bot.core.event import Event, pack, unpack
from bot.core.messages import Inbound
from storage import conversations as chats
from storage.conversations import Row
from storage.driver import Statement
from storage.schema import conversations, inbox
from storage.sealing import Sealer
from storage.upsert import upserting

PLACE = "inbox.body"
POST = "post"
"""The line of posts: no channel has it."""
KEPT_AS_PROOF = timedelta(days=8)
KEPT_IN_QUARANTINE = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Post:
    """An event for another conversation; `name` is unique for ever: "<source>/<n>"."""

    id: str
    name: str
    to: str
    event: Event


def admit(connection: Connection, rows: Sequence[tuple[str, Inbound, str]], now: datetime) -> set[str]:
    """Record that updates came, as (id, update, conversation id); the ids of those that never came before."""
    fresh = [
        _row(id_, inbound.chat.line, inbound.external_id, conversation_id, now, state="done")
        for id_, inbound, conversation_id in rows
    ]
    fresh.sort(key=lambda row: (row["line"], row["external_id"]))
    return _add(connection, fresh)


def _add(connection: Connection, rows: Sequence[dict[str, Any]]) -> set[str]:
    """Add rows; the ids of those that were not there before."""
    ids = [row["id"] for row in rows]
    if _ADD.each(connection, rows) == len(rows):
        return set(ids)
    return {row.id for row in _PRESENT.rows(connection, ids=ids)}


_ADD = Statement(
    lambda connection: (
        upserting(connection, inbox)
        .values({name: bindparam(name) for name in inbox.c.keys()})  # noqa: SIM118 - a collection of columns
        .on_conflict_do_nothing()
    )
)
_PRESENT = Statement(select(inbox.c.id).where(inbox.c.id.in_(bindparam("ids", expanding=True))))


def _row(
    id_: str, line: str, external_id: str, conversation_id: str, now: datetime, *, state: str, body: bytes | None = None
) -> dict[str, Any]:
    return {
        "id": id_,
        "line": line,
        "external_id": external_id,
        "conversation_id": conversation_id,
        "state": state,
        "body": body,
        "at": now,
        "expires_at": now + (KEPT_IN_QUARANTINE if state == "quarantined" else KEPT_AS_PROOF),
    }


def post(connection: Connection, sealer: Sealer, posts: Sequence[Post], now: datetime) -> list[str]:
    """Record events for other conversations; the ids of those that are new and have somebody to go to."""
    if not posts:
        return []
    subjects = _subjects(connection, {p.to for p in posts})
    known = [p for p in posts if p.to in subjects]
    sealer.ensure(subjects.values())
    sealed = {p.id: sealer.seal_json(subjects[p.to], PLACE, p.id, pack(p.event)) for p in known}
    rows = [_row(p.id, POST, p.name, p.to, now, state="pending", body=sealed[p.id]) for p in known]
    if not rows:
        return []
    recorded = _add(connection, rows)
    return [p.id for p in known if p.id in recorded]


def _subjects(connection: Connection, ids: Iterable[str]) -> dict[str, str]:
    query = select(conversations.c.id, conversations.c.owner, conversations.c.owner_id)
    rows = connection.execute(query.where(conversations.c.id.in_(sorted(ids))))
    return {row.id: chats.subject_of(Owner(row.owner), row.owner_id) for row in rows}


_PENDING = inbox.c.state == "pending"


def where_to(connection: Connection, ids: Iterable[str]) -> dict[str, str]:
    """The conversations of those that still wait to be played."""
    query = select(inbox.c.id, inbox.c.conversation_id).where(inbox.c.id.in_(sorted(ids)), _PENDING)
    return {row.id: row.conversation_id for row in connection.execute(query)}


def read(
    connection: Connection, sealer: Sealer, rows: dict[str, Row], ids: Iterable[str]
) -> dict[str, tuple[str, Event | None]]:
    """What still waits, now that its conversations are locked: where to, and the event, None if it cannot be read."""
    query = select(inbox.c.id, inbox.c.conversation_id, inbox.c.body).where(inbox.c.id.in_(sorted(ids)), _PENDING)
    return {
        row.id: (row.conversation_id, open_event(sealer, rows[row.conversation_id], PLACE, row.id, row.body))
        for row in connection.execute(query)
        if row.conversation_id in rows
    }


def open_event(sealer: Sealer, row: Row, place: str, name: str, sealed: bytes) -> Event | None:
    """A stored event, or None when its key is missing or this release does not know it."""
    try:
        return unpack(chats.open_for(sealer, row.subjects, place, name, sealed))
    except (SealBroken, KeyError, ValueError):
        return None


def pending(connection: Connection, limit: int) -> list[str]:
    """What waits to be played, oldest first."""
    return list(connection.execute(select(inbox.c.id).where(_PENDING).order_by(inbox.c.id).limit(limit)).scalars())


_DONE = update(inbox).where(inbox.c.id == bindparam("row_id")).values(state="done", body=null())


def finish(connection: Connection, ids: Sequence[str]) -> None:
    """These were played: nothing but the proof that they came stays."""
    if ids:
        connection.execute(_DONE, [{"row_id": id_} for id_ in sorted(ids)])


def redirect(connection: Connection, chats_by_id: dict[str, str]) -> None:
    """These came for other conversations than it seemed."""
    for id_, conversation_id in sorted(chats_by_id.items()):
        connection.execute(update(inbox).where(inbox.c.id == id_).values(conversation_id=conversation_id))


def quarantine(connection: Connection, id_: str, conversation_id: str, body: bytes | None, now: datetime) -> None:
    """Set aside what cannot be played, for 30 days; without a new body a post keeps its own."""
    row = _row(id_, "quarantine", id_, conversation_id, now, state="quarantined", body=body)
    insert = upserting(connection, inbox)
    kept = {name: row[name] for name in ("state", "expires_at", *(("body",) if body is not None else ()))}
    connection.execute(insert.on_conflict_do_update(index_elements=[inbox.c.id], set_=kept), row)
