"""Mailboxes: which addresses have something due, who holds them, and when to look again."""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Connection,
    Select,
    and_,
    bindparam,
    delete,
    exists,
    func,
    not_,
    or_,
    select,
    update,
)

from bot.core.messages import Lane
from storage.accounts import addresses
from storage.driver import Statement
from storage.instants import Instant
from storage.outbox import IS_PENDING, MAILBOX_PLACE
from storage.schema import accounts, lines, mailboxes, outbox
from storage.sealing import Sealer
from storage.upsert import upserting

LEASE = timedelta(seconds=120)
"""How long a sender may take; a row still in flight afterwards lost its sender."""
PLACES = 20
"""The least number of mailboxes looked at for one claim."""

_BOX = mailboxes.c


def paused_until(connection: Connection, line: str) -> datetime | None:
    """Until when the provider wants the whole line to be silent."""
    found = _PAUSED.rows(connection, line=line)
    return found[0].paused_until if found else None


def pause_line(connection: Connection, line: str, until: datetime) -> None:
    """Let the whole line be silent until then; a longer pause that holds already stays."""
    row = upserting(connection, lines).values(line=line, paused_until=until)
    later = or_(lines.c.paused_until.is_(None), lines.c.paused_until < until)
    connection.execute(
        row.on_conflict_do_update(index_elements=[lines.c.line], set_={"paused_until": until}, where=later)
    )


def has_due(connection: Connection, line: str, now: datetime) -> bool:
    """Whether a mailbox that nobody holds has something to look at."""
    return bool(_ANY_DUE.rows(connection, line=line, now=now))


def take_due(connection: Connection, line: str, now: datetime, limit: int) -> dict[str, bytes]:
    """Sealed addresses by account of mailboxes with something due, locked: urgent lanes of all mailboxes first."""
    first = _URGENT.rows(connection, line=line, now=now, most=max(limit, PLACES) * 3)
    urgent = list(dict.fromkeys(row.account_id for row in first))[:limit]
    taken = _TAKE.rows(connection, line=line, now=now, accounts=urgent) if urgent else []
    if len(taken) < limit:
        taken += _TAKE_REST.rows(connection, line=line, now=now, accounts=urgent or [""], most=limit - len(taken))
    return {row.account_id: row.address for row in taken}


def lock(connection: Connection, account_ids: Collection[str]) -> set[str]:
    """Hold these mailboxes until the commit, but wait for none; those that nobody else holds.

    Delivery never waits for a turn, so the two can never wait for each other; what is held is marked a moment later.
    """
    wanted = set(account_ids)
    if not wanted or connection.dialect.name == "sqlite":  # there whoever writes has everything
        return wanted
    mine = sorted(wanted)
    locked = {row.account_id for row in _LOCK.rows(connection, accounts=mine)}
    is_all = len(locked) == len(wanted)
    held = set() if is_all else {row.account_id for row in _SEE.rows(connection, accounts=mine)} - locked
    return wanted - held


def hold(connection: Connection, account_ids: Collection[str]) -> None:
    """Hold these mailboxes until the commit, in the order of the locks, waiting for whoever has one.

    A turn does so before it touches a row in them: delivery has the mailbox first, too, and waits for nobody.
    """
    if account_ids:
        _HOLD.rows(connection, accounts=sorted(account_ids))


def lease(connection: Connection, account_ids: Collection[str], until: datetime) -> None:
    """Nobody else touches these mailboxes until then; also how a mailbox pauses when its chat must rest."""
    _LEASE.run(connection, accounts=list(account_ids), until=until)


def release(connection: Connection, account_ids: Collection[str], rests: Mapping[str, datetime]) -> None:
    """Give locked mailboxes back: when to look again, until when the chat rests; empty ones go.

    A statement of its own after the lock: only so does it see what a turn committed while we waited.
    """
    if not account_ids:
        return
    idle = [account_id for account_id in account_ids if account_id not in rests]
    if idle and _DROP.run(connection, accounts=idle) < len(idle):
        _FREE.run(connection, accounts=idle)
    _REST.each(connection, [{"account": account_id, "until": until} for account_id, until in sorted(rests.items())])


def recover(connection: Connection, line: str) -> tuple[int, int]:
    """A new sender holds the line: leases of the one before it are void; pauses that a provider asked for stay.

    How many leases ended, and how many could not, because a turn holds their mailbox just now: recover again.
    """
    in_flight = exists().where(outbox.c.account_id == _BOX.account_id, IS_PENDING, outbox.c.state == "sending")
    left = select(_BOX.account_id).where(_BOX.line == line, _BOX.lease_until.is_not(None), in_flight)
    found = connection.scalars(left).all()
    free = lock(connection, found)
    ended = update(mailboxes).where(_BOX.account_id.in_(free), in_flight)
    return connection.execute(ended.values(lease_until=None)).rowcount, len(found) - len(free)


def repair(connection: Connection, sealer: Sealer, line: str, now: datetime) -> int:
    """Wake mailboxes that sleep although a row waits, make missing ones, drop empty ones; how many were wrong."""
    asleep = and_(_NEXT.is_not(None), or_(_BOX.next_due_at.is_(None), _BOX.next_due_at > _NEXT))
    mine = and_(_BOX.line == line, _is_free(now))
    wrong = select(_BOX.account_id).where(mine, or_(asleep, _NEXT.is_(None)))
    free = lock(connection, connection.scalars(wrong).all())
    woken = connection.execute(update(mailboxes).where(_BOX.account_id.in_(free), asleep).values(next_due_at=_NEXT))
    connection.execute(delete(mailboxes).where(_BOX.account_id.in_(free), _NEXT.is_(None)))
    return woken.rowcount + _make_missing(connection, sealer, line, now)


def _make_missing(connection: Connection, sealer: Sealer, line: str, now: datetime) -> int:
    homeless = (
        select(outbox.c.account_id)
        .distinct()
        .join(accounts, accounts.c.id == outbox.c.account_id)
        .outerjoin(mailboxes, _BOX.account_id == outbox.c.account_id)
        .where(IS_PENDING, accounts.c.line == line, _BOX.account_id.is_(None))
    )
    found = addresses(connection, sealer, connection.scalars(homeless))
    rows = [
        {"account_id": account_id, "line": line, "address": _seal(sealer, account_id, address.id), "next_due_at": now}
        for account_id, address in sorted(found.items())
    ]
    if rows:
        connection.execute(upserting(connection, mailboxes).on_conflict_do_nothing(), rows)
    return len(rows)


def readdress(connection: Connection, sealer: Sealer, account_id: str, address_id: str) -> None:
    """What waits for a group goes to its new address."""
    box = update(mailboxes).where(_BOX.account_id == account_id)
    connection.execute(box.values(address=_seal(sealer, account_id, address_id)))


def _seal(sealer: Sealer, account_id: str, address_id: str) -> bytes:
    subject = f"account:{account_id}"
    sealer.ensure([subject])
    return sealer.seal(subject, MAILBOX_PLACE, account_id, address_id.encode())


def of_line(line: str) -> Select[tuple[str]]:
    """The accounts with a mailbox on a line."""
    return select(_BOX.account_id).where(_BOX.line == line)


def _is_free(now: datetime | BindParameter[datetime]) -> ColumnElement[bool]:
    return or_(_BOX.lease_until.is_(None), _BOX.lease_until <= now)


_NEXT = select(func.min(outbox.c.due_at)).where(outbox.c.account_id == _BOX.account_id, IS_PENDING).scalar_subquery()
_NOW = bindparam("now", type_=Instant())
_THESE = _BOX.account_id.in_(bindparam("accounts", expanding=True))
_DUE = and_(_BOX.line == bindparam("line"), _BOX.next_due_at <= _NOW, _is_free(_NOW))
_PAUSED = Statement(select(lines.c.paused_until).where(lines.c.line == bindparam("line")))
_ANY_DUE = Statement(select(_BOX.account_id).where(_DUE).limit(1))
_URGENT = Statement(
    select(outbox.c.account_id)
    .join(mailboxes, _BOX.account_id == outbox.c.account_id)
    .where(IS_PENDING, outbox.c.lane <= Lane.REPLY.rank, outbox.c.due_at <= _NOW, _DUE)
    .order_by(outbox.c.lane, outbox.c.seq)
    .limit(bindparam("most"))
)
_MINE = select(_BOX.account_id, _BOX.address).with_for_update(skip_locked=True)
_TAKE = Statement(_MINE.where(_THESE, _DUE))
_TAKE_REST = Statement(_MINE.where(_DUE, not_(_THESE)).order_by(_BOX.next_due_at).limit(bindparam("most")))
_SEEN = select(_BOX.account_id).where(_THESE)
_SEE = Statement(_SEEN)
_LOCK = Statement(_SEEN.order_by(_BOX.account_id).with_for_update(skip_locked=True))
_HOLD = Statement(_SEEN.order_by(_BOX.account_id).with_for_update())
_LEASE = Statement(update(mailboxes).where(_THESE).values(lease_until=bindparam("until")))
_FREE = Statement(update(mailboxes).where(_THESE).values(lease_until=None, next_due_at=_NEXT))
_REST = Statement(
    update(mailboxes)
    .where(_BOX.account_id == bindparam("account"))
    .values(lease_until=bindparam("until"), next_due_at=_NEXT)
)
_DROP = Statement(delete(mailboxes).where(_THESE, _NEXT.is_(None)))
