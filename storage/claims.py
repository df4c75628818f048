"""Claiming: which row of which mailbox goes out next, and what is settled on the way without being sent."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog
from sqlalchemy import Connection, bindparam, select, update

from bot.core.conversation import SHOWN
from bot.core.effects import Purpose
from bot.core.errors import SealBroken
from bot.core.ports import Ids
from storage import mailboxes, parcels, pending
from storage.driver import Statement
from storage.parcels import Claimed
from storage.pending import Pending
from storage.schema import outbox
from storage.sealing import Sealer
from storage.settling import Change, Settled, settle
from storage.verdicts import CANCELLED, NO_PATIENCE, SENT, Verdict, is_suspect, judge_crashed, judge_hindered

log = structlog.get_logger()

BROADCAST_PAUSE = timedelta(seconds=10)
"""How often a paused broadcast's rows are looked at again."""
UNREADABLE = (SealBroken, ValueError, TypeError, LookupError, AttributeError)
"""What a body may raise that does not open, or that another version wrote: nobody else waits for it."""


@dataclass(slots=True)
class Claim:
    """Rows that are now in flight, and what else this look at the mailboxes settled; `is_all`: nothing more is due."""

    is_all: bool = False
    claimed: list[Claimed] = field(default_factory=list)
    settled: Settled = field(default_factory=Settled)


@dataclass(slots=True)
class Choice:
    """What one mailbox offers: the row to send, rows to settle unsent, rows that wait behind another one."""

    head: Pending | None = None
    changes: list[Change] = field(default_factory=list)
    delayed: list[tuple[str, datetime]] = field(default_factory=list)
    waiting: list[Pending] = field(default_factory=list)


def claim(
    connection: Connection,
    sealer: Sealer,
    ids: Ids,
    line: str,
    now: datetime,
    limit: int,
    patience: timedelta = NO_PATIENCE,
) -> Claim:
    """Take at most `limit` mailboxes that have something due and set the first row of each to `sending`.

    Strict order within a lane; a higher lane passes a lower one, unless a row of it is in flight.  `patience` is how
    long the channel's later word about what is in doubt is waited for.
    """
    paused = mailboxes.paused_until(connection, line)
    if limit < 1 or (paused is not None and paused > now):
        return Claim()
    boxes = mailboxes.take_due(connection, line, now, limit)
    rows = pending.of_accounts(connection, boxes)
    choices = {account_id: choose(rows.get(account_id, []), now, patience) for account_id in boxes}
    claimed, changes = _open(connection, sealer, line, boxes, choices, now)
    _delay(connection, [delay for choice in choices.values() for delay in choice.delayed])
    settled = settle(connection, sealer, ids, changes, now)
    mailboxes.release(connection, sorted(boxes.keys() - {one.row.account_id for one in claimed}), {})
    if claimed:
        mailboxes.lease(connection, [one.row.account_id for one in claimed], now + mailboxes.LEASE)
        _mark_sending(connection, claimed)
    return Claim(len(boxes) < limit, [_counted(one) for one in claimed], settled)


def choose(rows: Sequence[Pending], now: datetime, patience: timedelta = NO_PATIENCE) -> Choice:
    """The head of a mailbox whose rows come in order of lane and seq.

    A row that failed before holds back the later ones of its lane until it may be tried again; a row whose time
    has never come does not, nor one that is suspected of killing its sender.  The card of one case never holds back
    that of another (S10), and a broadcast that she is shown nothing that she asked for.
    """
    choice = Choice()
    bars: dict[tuple[int, str], datetime] = {}
    for row in _after_crash(rows, choice, now, patience):
        if (verdict := judge_hindered(row, now)) is not None:
            choice.changes.append(Change(row, verdict))
            continue
        queue = (row.lane, row.tag if row.purpose == Purpose.CARD else "")
        due_at = max(row.due_at, bars.get(queue, row.due_at))
        if row.broadcast_state == "paused":
            due_at = max(due_at, now + BROADCAST_PAUSE)
        if due_at > row.due_at:
            choice.delayed.append((row.id, due_at))
        choice.waiting.append(row)
        if due_at > now:
            if row.attempts and row.tag != SHOWN and not is_suspect(row, now):
                bars[queue] = due_at
        elif choice.head is None:
            choice.head = row
    return choice


def _after_crash(rows: Sequence[Pending], choice: Choice, now: datetime, patience: timedelta) -> list[Pending]:
    """The rows that wait, those among them whose sender died: a leased mailbox would not have been taken."""
    waiting: list[Pending] = []
    for row in rows:
        if row.state != "sending":
            waiting.append(row)
            continue
        verdict = judge_crashed(row, now, patience)
        choice.changes.append(Change(row, verdict))
        if verdict.state == "waiting":
            is_doubtful = row.is_maybe_duplicate or verdict.is_doubtful
            due_at = verdict.due_at or now
            waiting.append(
                row._replace(state="waiting", due_at=due_at, code=verdict.code, is_maybe_duplicate=is_doubtful)
            )
    return waiting


def _open(
    connection: Connection,
    sealer: Sealer,
    line: str,
    boxes: dict[str, bytes],
    choices: dict[str, Choice],
    now: datetime,
) -> tuple[list[Claimed], list[Change]]:
    """The heads opened; those that cannot be, or have nothing left to do, are settled with the others."""
    changes = [change for choice in choices.values() for change in choice.changes]
    heads = [choice.head for choice in choices.values() if choice.head is not None]
    bodies = _bodies(connection, heads)
    sealer.fetch(subject for row in heads for subject in (row.subjects[0], f"account:{row.account_id}"))
    claimed: list[Claimed] = []
    for row in heads:
        try:
            body = parcels.open_body(sealer, row, bodies[row.id])
            address = parcels.address_of(sealer, line, row.account_id, boxes[row.account_id])
            waiting = choices[row.account_id].waiting
            older = [Change(other, CANCELLED) for other in parcels.overtaken(row, body, waiting)]
            one = parcels.prepare(connection, row, body, address, now)
        except UNREADABLE as error:
            log.error("row_unreadable", outbox=row.id, error=type(error).__name__)  # noqa: TRY400 - ids only
            changes.append(Change(row, Verdict("failed", why="refused", code="sealed")))
            continue
        changes += older
        if one is None:
            changes.append(Change(row, SENT))
        else:
            claimed.append(one)
    return claimed, changes


def _bodies(connection: Connection, rows: Sequence[Pending]) -> dict[str, bytes | None]:
    if not rows:
        return {}
    return {row.id: row.body for row in _BODIES.rows(connection, ids=[row.id for row in rows])}


def _delay(connection: Connection, delayed: list[tuple[str, datetime]]) -> None:
    _DELAY.each(connection, [{"row": id_, "due": due_at} for id_, due_at in delayed])


def _mark_sending(connection: Connection, claimed: Sequence[Claimed]) -> None:
    _TAKE.run(connection, ids=[one.row.id for one in claimed])


def _counted(one: Claimed) -> Claimed:
    """As the row is now: in flight, with this attempt counted."""
    row, parcel, has_more = one
    return Claimed(row.renewed("sending", row.attempts + 1, row.code), parcel, has_more)


_THESE = outbox.c.id.in_(bindparam("ids", expanding=True))
_BODIES = Statement(select(outbox.c.id, outbox.c.body).where(_THESE))
_DELAY = Statement(update(outbox).where(outbox.c.id == bindparam("row")).values(due_at=bindparam("due")))
_TAKE = Statement(update(outbox).where(_THESE).values(state="sending", attempts=outbox.c.attempts + 1))
