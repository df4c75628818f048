"""Handing over: what a turn answers somebody for whom nothing waits is taken into flight by the commit that writes it.

The sender in the same process gets it right after that commit, and need not look for it, read it and open it again.
Whatever might have to wait, be judged or come after something else is left to the sender's own look (see claims).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.core.conversation import Owner
from bot.core.effects import Purpose
from bot.core.messages import Act, Lane, Parcel
from storage import mailboxes, outbox
from storage.outbox import Waiting
from storage.parcels import Claimed
from storage.pending import Pending
from storage.receipts import Delivered, Marked
from storage.unit import NOTHING, Unit
from storage.verdicts import NO_PATIENCE, judge_hindered


@dataclass(frozen=True, slots=True)
class Offer:
    """What the sender of a line offers to a commit: room for so many parcels, and receipts to be marked along with it.

    `patience` is how long the channel's later word about what is in doubt is waited for.
    """

    room: int
    landed: Sequence[Delivered] = ()
    patience: timedelta = NO_PATIENCE


@dataclass(frozen=True, slots=True)
class Handed:
    """What it gets after the commit: the parcels that are claimed for it as of `since`, and what was marked.

    Parcels of one mailbox stand side by side, in their order.

    `has_mail`: more was written that it must look for.
    """

    has_mail: bool
    claimed: Sequence[Claimed]
    since: datetime
    marked: Marked


AT_ONCE = frozenset({Purpose.REPLY, Purpose.NOTICED, Purpose.DESK})
"""What is said because somebody acted just now."""


def take(unit: Unit, rows: Sequence[Waiting], now: datetime) -> set[str]:
    """Lease the empty mailboxes of as many as their senders offered to take; the ids of the rows in flight.

    What goes to one mailbox is handed over side by side, in its order, up to the first that its sender must look for.
    """
    if not any(unit.rooms.values()):
        return set()
    runs = {account_id: run for account_id, due in _due(rows, now).items() if (run := _run(unit, due))}
    if not runs:
        return set()
    addresses = {account_id: run[0].parcel.address for account_id, run in sorted(runs.items())}
    leased = outbox.lease_empty(unit.connection, unit.sealer, addresses, now, now + mailboxes.LEASE)
    for account_id in leased:
        unit.handed.setdefault(addresses[account_id].line, []).extend(runs[account_id])
    return {one.row.id for account_id in leased for one in runs[account_id]}


def _due(rows: Iterable[Waiting], now: datetime) -> dict[str, list[Waiting]]:
    """What goes now, of each mailbox in its order of lane and time of writing."""
    due: dict[str, list[Waiting]] = {}
    for row in rows:
        if row.due_at <= now:
            due.setdefault(row.account_id, []).append(row)
    for several in due.values():
        if len(several) > 1:
            several.sort(key=_lane)
    return due


def _lane(row: Waiting) -> int:
    return row.lane.rank


def _run(unit: Unit, due: Iterable[Waiting]) -> list[Claimed]:
    """The first of these that need not be looked at again."""
    run: list[Claimed] = []
    for row in due:
        if (one := _claimed(unit, row)) is None:
            break
        run.append(one)
    return run


def _claimed(unit: Unit, waiting: Waiting) -> Claimed | None:
    """The row as its sender would have claimed it, its number apart, if it goes at once and there is room."""
    address = unit.addresses.get(waiting.account_id)
    if address is None or not unit.rooms.get(address.line) or not _is_plain(waiting):
        return None
    row = _pending(unit, waiting)
    if row is None or judge_hindered(row, unit.began_at) is not None:
        return None
    unit.rooms[address.line] -= 1
    return Claimed(row, Parcel(row.id, address, row.act, waiting.outgoing, (), row.purpose, row.heard_at))


def _is_plain(row: Waiting) -> bool:
    is_answer = row.lane is Lane.REPLY and row.purpose in AT_ONCE and row.act is Act.SEND
    return is_answer and row.outgoing is not None and row.dedupe is None and row.broadcast_id is None


def _pending(unit: Unit, row: Waiting) -> Pending | None:
    """As the sender would read it; None where it is not known how she stands."""
    chat = unit.rows[row.conversation_id]
    conversation = chat.conversation
    is_hers = conversation.owner is Owner.PARTICIPANT
    standing = unit.standings.get(conversation.owner_id) if is_hers else NOTHING
    if standing is None:
        return None
    return Pending._make((
        0, row.id, row.account_id, row.conversation_id, row.lane.rank, row.act, row.purpose, row.due_at,
        row.expires_at, "sending", 1, False, None, row.case_id, row.broadcast_id, row.tag, row.ref, row.now,
        conversation.owner, conversation.owner_id, chat.account_id, conversation.last_in_at, *standing, None, None,
    ))  # fmt: skip
