"""Marking: what the channel said of parcels, written in bulk; the mailboxes are locked first."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import structlog
from sqlalchemy import Connection, delete

from bot.core.messages import Act, Receipt, SendFailure, Sent, Trouble
from bot.core.ports import Ids
from storage import accounts, mailboxes, parcels, pending
from storage import messages as sent_messages
from storage.parcels import Claimed
from storage.pending import Pending
from storage.schema import messages
from storage.sealing import Sealer
from storage.settling import Change, Settled, settle
from storage.verdicts import NO_PATIENCE, PUT_BACK, Verdict, expired, judge

log = structlog.get_logger()

STUBBORN = 7
"""An escalation that failed so often has been under way for a minute."""


@dataclass(frozen=True, slots=True)
class Delivered:
    """A parcel's receipt; `rest_until` is when its chat may be written to next."""

    claimed: Claimed
    receipt: Receipt
    rest_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Marked:
    """What was settled, and the receipts whose mailbox a turn holds just now: mark them again."""

    settled: Settled
    left: list[Delivered]


def mark(
    connection: Connection,
    sealer: Sealer,
    ids: Ids,
    line: str,
    delivered: Sequence[Delivered],
    now: datetime,
    patience: timedelta = NO_PATIENCE,
) -> Marked:
    """Write what became of the parcels and give their mailboxes back.

    A row that is no longer in flight under this attempt (its lease ran out) is left alone.  Whoever erased herself
    meanwhile has her mailbox under a new id, which is locked like any other.
    `patience` is how long the channel's later word about what is in doubt is waited for.
    """
    free = mailboxes.lock(connection, [one.claimed.row.account_id for one in delivered])
    rows = _rows(connection, [one for one in delivered if one.claimed.row.account_id in free])
    if any(_is_renewed(one, rows) for one in delivered):
        renewed = [_renewed(one, rows) if _is_renewed(one, rows) else one for one in delivered]
        return mark(connection, sealer, ids, line, renewed, now, patience)
    held = [(one, rows[one.claimed.row.id]) for one in delivered if _is_held(one, rows)]
    changes = [_change(sealer, one, row, now, patience) for one, row in held]
    changes += stranded(connection, changes)
    _keep_messages(connection, ids, held)
    for one, _ in held:
        _follow(connection, sealer, line, one, now)
    settled = settle(connection, sealer, ids, changes, now)
    mailboxes.release(connection, sorted({row.account_id for _, row in held}), _rests(held, now))
    return Marked(settled, [one for one in delivered if one.claimed.row.account_id not in free])


def expire(connection: Connection, sealer: Sealer, ids: Ids, line: str, now: datetime, limit: int) -> Settled:
    """Settle rows whose time is over wherever they wait, in a paused mailbox too, and tell their conversations."""
    late = pending.past(connection, mailboxes.of_line(line), now, limit)
    if not late:
        return Settled()
    free = mailboxes.lock(connection, {row.account_id for row in late})
    fresh = pending.of_ids(connection, [row.id for row in late if row.account_id in free])
    still = [row for row in fresh.values() if row.state == "waiting" and row.is_expired(now)]
    return settle(connection, sealer, ids, [Change(row, expired(row)) for row in still], now)


def _rows(connection: Connection, delivered: Sequence[Delivered]) -> dict[str, Pending]:
    """The rows as they are now: of what went well only whether they still are in flight, of the others everything."""
    sent = [one.claimed.row for one in delivered if isinstance(one.receipt, Sent)]
    others = [one.claimed.row.id for one in delivered if not isinstance(one.receipt, Sent)]
    return pending.renewed(connection, sent) | pending.of_ids(connection, others)


def _is_held(one: Delivered, rows: dict[str, Pending]) -> bool:
    row = rows.get(one.claimed.row.id)
    return row is not None and (row.state, row.attempts) == ("sending", one.claimed.row.attempts)


def _is_renewed(one: Delivered, rows: dict[str, Pending]) -> bool:
    row = rows.get(one.claimed.row.id)
    return row is not None and row.account_id != one.claimed.row.account_id


def _renewed(one: Delivered, rows: dict[str, Pending]) -> Delivered:
    row = one.claimed.row._replace(account_id=rows[one.claimed.row.id].account_id)
    return replace(one, claimed=one.claimed._replace(row=row))


def _change(sealer: Sealer, one: Delivered, row: Pending, now: datetime, patience: timedelta) -> Change:
    parcel = one.claimed.parcel
    if isinstance(one.receipt, Sent) and one.claimed.has_more:
        return Change(row, PUT_BACK)
    verdict = judge(row, parcel, one.receipt, now, patience)
    if row.is_escalation and row.attempts == STUBBORN and verdict.state == "waiting":
        log.error("escalation_unsent", outbox=row.id, attempts=row.attempts)
    if verdict.is_plain and parcel.outgoing is not None:
        return Change(row, verdict, parcels.seal_plain(sealer, row, parcel.outgoing))
    return Change(row, verdict)


def stranded(connection: Connection, changes: Sequence[Change]) -> list[Change]:
    """Everything else that waits for an address which cannot be reached."""
    lost = {c.row.account_id for c in changes if (c.verdict.state, c.verdict.why) == ("failed", "unreachable")}
    done = {change.row.id for change in changes}
    verdict = Verdict("cancelled", why="unreachable")
    return [
        Change(row, verdict)
        for rows in pending.of_accounts(connection, sorted(lost)).values()
        for row in rows
        if row.id not in done and row.state == "waiting"
    ]


def _keep_messages(connection: Connection, ids: Ids, held: Sequence[tuple[Delivered, Pending]]) -> None:
    """Remember the channel's ids of what arrived, so that it can be taken out of the chat again (S3).

    `at` is when the row was due, so that a deletion asked for while it was in flight still finds it.
    """
    rows = [
        {
            "id": ids.id(),
            "account_id": row.account_id,
            "conversation_id": row.conversation_id,
            "external_id": external_id,
            "is_ours": True,
            "case_id": row.case_id,
            "tag": row.tag,
            "at": row.due_at,
        }
        for one, row in held
        if isinstance(one.receipt, Sent) and one.claimed.parcel.act is Act.SEND
        for external_id in one.receipt.message_ids
    ]
    sent_messages.write(connection, rows)


def _follow(connection: Connection, sealer: Sealer, line: str, one: Delivered, now: datetime) -> None:
    """What a receipt means beyond its row: messages that are gone, a line to silence, a group that moved."""
    parcel, row, receipt = one.claimed.parcel, one.claimed.row, one.receipt
    is_gone = isinstance(receipt, SendFailure) and receipt.trouble is Trouble.GONE
    if parcel.targets and (is_gone or (isinstance(receipt, Sent) and parcel.act is Act.DELETE)):
        c = messages.c
        connection.execute(delete(messages).where(c.account_id == row.account_id, c.external_id.in_(parcel.targets)))
    if not isinstance(receipt, SendFailure):
        return
    if receipt.trouble is Trouble.RATE and receipt.is_line_wide:
        mailboxes.pause_line(connection, line, now + timedelta(seconds=receipt.retry_after))
    if receipt.trouble is Trouble.MOVED and receipt.moved_to:
        accounts.try_to_move(connection, sealer, row.account_id, receipt.moved_to)
        mailboxes.readdress(connection, sealer, row.account_id, receipt.moved_to)


def _rests(held: Sequence[tuple[Delivered, Pending]], now: datetime) -> dict[str, datetime]:
    """Until when which mailbox is left alone."""
    rests: defaultdict[str, datetime] = defaultdict(lambda: now)
    for one, row in held:
        receipt = one.receipt
        if one.rest_until is not None:
            rests[row.account_id] = max(rests[row.account_id], one.rest_until)
        if isinstance(receipt, SendFailure) and receipt.trouble is Trouble.RATE and not receipt.is_line_wide:
            until = now + timedelta(seconds=receipt.retry_after)
            rests[row.account_id] = max(rests[row.account_id], until)
    return {account_id: until for account_id, until in rests.items() if until > now}
