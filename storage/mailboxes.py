"""Mailboxes: which addresses have something due, who holds them, and when to look again."""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, Select, and_, bindparam, delete, exists, func, or_, select, update

from bot.core.messages import Lane
from storage.accounts import addresses
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
    return connection.scalar(select(lines.c.paused_until).where(lines.c.line == line))


def pause_line(connection: Connection, line: str, until: datetime) -> None:
    """Let the whole line be silent until then; a longer pause that holds already stays."""
    row = upserting(connection, lines).values(line=line, paused_until=until)
    later = or_(lines.c.paused_until.is_(None), lines.c.paused_until < until)
    connection.execute(
        row.on_conflict_do_update(index_elements=[lines.c.line], set_={"paused_until": until}, where=later)
    )


def take_due(connection: Connection, line: str, now: datetime, limit: int) -> dict[str, bytes]:
    """Sealed addresses by account of mailboxes with something due, locked: urgent lanes of all mailboxes first."""
    due = and_(_BOX.line == line, _BOX.next_due_at <= now, _is_free(now))
    urgent = list(
        dict.fromkeys(
            connection.scalars(
                select(outbox.c.account_id)
                .join(mailboxes, _BOX.account_id == outbox.c.account_id)
                .where(IS_PENDING, outbox.c.lane <= Lane.REPLY.rank, outbox.c.due_at <= now, due)
                .order_by(outbox.c.lane, outbox.c.seq)
                .limit(max(limit, PLACES) * 3)
            )
        )
    )[:limit]
    taken = _lock(connection, _take().where(_BOX.account_id.in_(urgent), due)) if urgent else {}
    if len(taken) < limit:
        rest = _take().where(due, _BOX.account_id.not_in(urgent)).order_by(_BOX.next_due_at)
        taken |= _lock(connection, rest.limit(limit - len(taken)))
    return taken


def lock(connection: Connection, account_ids: Collection[str]) -> set[str]:
    """Hold these mailboxes until the commit, but wait for none; those that nobody else holds.

    Delivery never waits for a turn, so the two can never wait for each other; what is held is marked a moment later.
    """
    mine = select(_BOX.account_id).where(_BOX.account_id.in_(account_ids))
    locked = set(connection.scalars(mine.order_by(_BOX.account_id).with_for_update(skip_locked=True)))
    held = set(connection.scalars(mine)) - locked if len(locked) < len(set(account_ids)) else set()
    return set(account_ids) - held


def lease(connection: Connection, account_ids: Collection[str], until: datetime) -> None:
    """Nobody else touches these mailboxes until then; also how a mailbox pauses when its chat must rest."""
    connection.execute(update(mailboxes).where(_BOX.account_id.in_(account_ids)).values(lease_until=until))


def release(connection: Connection, account_ids: Collection[str], rests: Mapping[str, datetime]) -> None:
    """Give locked mailboxes back: when to look again, until when the chat rests; empty ones go.

    A statement of its own after the lock: only so does it see what a turn committed while we waited.
    """
    if not account_ids:
        return
    idle = [account_id for account_id in account_ids if account_id not in rests]
    if idle:
        free = update(mailboxes).where(_BOX.account_id.in_(idle))
        connection.execute(free.values(lease_until=None, next_due_at=_NEXT))
    if rests:
        resting = update(mailboxes).where(_BOX.account_id == bindparam("account"))
        connection.execute(
            resting.values(lease_until=bindparam("until"), next_due_at=_NEXT),
            [{"account": account_id, "until": until} for account_id, until in sorted(rests.items())],
        )
    if idle:
        connection.execute(delete(mailboxes).where(_BOX.account_id.in_(idle), _BOX.next_due_at.is_(None)))


def recover(connection: Connection, line: str) -> int:
    """A new sender holds the line: leases of the one before it are void; pauses that a provider asked for stay."""
    in_flight = exists().where(outbox.c.account_id == _BOX.account_id, IS_PENDING, outbox.c.state == "sending")
    left = update(mailboxes).where(_BOX.line == line, _BOX.lease_until.is_not(None), in_flight)
    return connection.execute(left.values(lease_until=None)).rowcount


def repair(connection: Connection, sealer: Sealer, line: str, now: datetime) -> int:
    """Wake mailboxes that sleep although a row waits, make missing ones, drop empty ones; how many were wrong."""
    asleep = and_(_NEXT.is_not(None), or_(_BOX.next_due_at.is_(None), _BOX.next_due_at > _NEXT))
    mine = and_(_BOX.line == line, _is_free(now))
    woken = connection.execute(update(mailboxes).where(mine, asleep).values(next_due_at=_NEXT)).rowcount
    connection.execute(delete(mailboxes).where(mine, _NEXT.is_(None)))
    return woken + _make_missing(connection, sealer, line, now)


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


def _is_free(now: datetime) -> ColumnElement[bool]:
    return or_(_BOX.lease_until.is_(None), _BOX.lease_until <= now)


def _take() -> Select[tuple[str, bytes]]:
    return select(_BOX.account_id, _BOX.address)


def _lock(connection: Connection, query: Select[tuple[str, bytes]]) -> dict[str, bytes]:
    return {row.account_id: row.address for row in connection.execute(query.with_for_update(skip_locked=True))}


_NEXT = select(func.min(outbox.c.due_at)).where(outbox.c.account_id == _BOX.account_id, IS_PENDING).scalar_subquery()
