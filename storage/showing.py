"""What the demo's stage shows of a demo database: what waits, what falls due, what is kept of one person."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from threading import Event

from sqlalchemy import Connection, Row, Table, delete, func, inspect, or_, select

from bot.core.errors import ConfigurationError
from storage.keys import STORE
from storage.schema import (
    accounts,
    broadcasts,
    cases,
    conversations,
    facts,
    lines,
    mailboxes,
    metadata,
    outbox,
    participants,
    timers,
)
from storage.store import Store

KEPT_FACTS = ("demo", STORE)
"""What a database must still know of itself after it was emptied."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where one address's conversation is."""

    blind: bytes
    account_id: str
    conversation_id: str
    owner: str
    owner_id: str
    state: str
    language: str
    version: int
    is_held: bool
    code_name: str


@dataclass(frozen=True, slots=True)
class Waiting:
    """A message that has not gone out; `rests_until` is when its chat or line may be written to again."""

    conversation_id: str
    lane: int
    act: str
    purpose: str
    due_at: datetime
    expires_at: datetime | None
    attempts: int
    rests_until: datetime | None


@dataclass(frozen=True, slots=True)
class Timer:
    """An event that falls due later."""

    conversation_id: str
    key: str
    due_at: datetime


@dataclass(frozen=True, slots=True)
class Kept:
    """One column of which rows exist about a person: its class of data and how long it stays."""

    table: str
    column: str
    data: str
    keep: str
    rows: int
    expires_at: datetime | None


def places(connection: Connection, blinds: Sequence[bytes]) -> list[Place]:
    """The conversations of these addresses, those that exist."""
    query = (
        select(accounts.c.blind, accounts.c.id.label("account_id"), conversations, participants.c.code_name)
        .join(conversations, conversations.c.id == accounts.c.conversation_id)
        .outerjoin(participants, participants.c.conversation_id == conversations.c.id)
        .where(accounts.c.blind.in_(blinds))
    )
    return [
        Place(
            r.blind, r.account_id, r.id, r.owner, r.owner_id, r.state, r.language, r.version,
            r.held_by is not None, r.code_name or "",
        )
        for r in connection.execute(query)
    ]  # fmt: skip


def waiting(connection: Connection, now: datetime, limit: int) -> list[Waiting]:
    """What has not gone out, the earliest first."""
    query = (
        select(outbox, mailboxes.c.lease_until, lines.c.paused_until)
        .outerjoin(mailboxes, mailboxes.c.account_id == outbox.c.account_id)
        .outerjoin(lines, lines.c.line == mailboxes.c.line)
        .where(outbox.c.state.in_(("waiting", "sending")))
        .order_by(outbox.c.due_at, outbox.c.seq)
        .limit(limit)
    )
    return [
        Waiting(r.conversation_id, r.lane, r.act, r.purpose, r.due_at, r.expires_at, r.attempts, _rest(r, now))
        for r in connection.execute(query)
    ]


def _rest(row: Row[tuple[object, ...]], now: datetime) -> datetime | None:
    return max((at for at in (row.lease_until, row.paused_until) if at is not None and at > now), default=None)


def coming(connection: Connection, limit: int) -> list[Timer]:
    """What falls due next."""
    query = select(timers).order_by(timers.c.due_at, timers.c.conversation_id).limit(limit)
    return [Timer(r.conversation_id, r.key, r.due_at) for r in connection.execute(query)]


def next_moment(connection: Connection, now: datetime) -> datetime | None:
    """When something happens by itself next: a timer, a message that may go, a broadcast that begins."""
    found = [
        connection.scalar(select(func.min(timers.c.due_at))),
        connection.scalar(select(func.min(broadcasts.c.starts_at)).where(broadcasts.c.starts_at > now)),
        *(max(w.due_at, w.rests_until or w.due_at) for w in waiting(connection, now, 500)),
    ]
    return min((at for at in found if at is not None and at > now), default=None)


def kept(connection: Connection, place: Place) -> list[Kept]:
    """All columns that hold something about the person behind a conversation, table by table."""
    opened = select(cases.c.id).where(cases.c.conversation_id == place.conversation_id)
    values = {
        "conversation_id": [place.conversation_id],
        "account_id": [place.account_id],
        "participant_id": [place.owner_id],
        "case_id": list(connection.scalars(opened)),
    }
    found: list[Kept] = []
    for table in metadata.sorted_tables:
        own = {"conversations": place.conversation_id, "accounts": place.account_id, "participants": place.owner_id}
        found += _of_table(connection, table, values | {"id": [own[table.name]] if table.name in own else []})
    return found


def _of_table(connection: Connection, table: Table, values: dict[str, list[str]]) -> Iterable[Kept]:
    is_hers = [table.c[name].in_(ids) for name, ids in values.items() if ids and name in table.c]
    if not is_hers or table.name == "groups":
        return
    expiry = table.c.get("expires_at", table.c.get("purge_at"))
    counts = select(*(func.count(column) for column in table.c)).where(or_(*is_hers))
    earliest = None if expiry is None else connection.scalar(select(func.min(expiry)).where(or_(*is_hers)))
    for column, rows in zip(table.c, connection.execute(counts).one(), strict=True):
        if rows:
            yield Kept(table.name, column.name, column.info["class"], column.info["keep"], rows, earliest)


def empty(store: Store) -> None:
    """Empty a demo database; raises ConfigurationError for any other, which is left untouched (S24)."""
    with store.database.transaction() as connection:
        if connection.scalar(select(facts.c.value).where(facts.c.name == "demo")) != "yes":
            raise ConfigurationError("only a demo database can be emptied")
        there = set(inspect(connection).get_table_names())
        for table in (table for table in reversed(metadata.sorted_tables) if table.name in there):
            gone = delete(table)
            connection.execute(gone.where(table.c.name.not_in(KEPT_FACTS)) if table is facts else gone)


def hold(store: Store, release: Event, seconds: float) -> None:
    """Keep everybody else from writing until released, at most so many seconds: a locked database, for rehearsals."""
    with store.database.transaction() as connection:
        connection.execute(facts.update().where(facts.c.name == "demo").values(value=facts.c.value))
        release.wait(seconds)
