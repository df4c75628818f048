"""What waits to go out: rows and the mailboxes that deliver them in order."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Connection,
    Executable,
    TextClause,
    and_,
    bindparam,
    case,
    or_,
    select,
    text,
    update,
)

from bot.core.addresses import Address
from bot.core.effects import Purpose
from bot.core.messages import Act, Lane, Outgoing
from storage.driver import Statement
from storage.schema import mailboxes, outbox
from storage.sealing import Sealer
from storage.upsert import Upsert, upserting

PLACE = "outbox.body"
IS_PENDING = text("outbox.state IN ('waiting','sending')")
"""Written out, not bound: only so do both databases use the indexes of pending rows."""
MAILBOX_PLACE = "mailboxes.address"
KEPT = timedelta(days=7)
"""How long a row that went, or never will, is kept."""


class Waiting(NamedTuple):
    """A row to be sent; `subject` seals its body.  Without an address it is recorded as failed at once."""

    id: str
    account_id: str
    conversation_id: str
    subject: str
    act: Act
    body: dict[str, Any]
    now: datetime
    lane: Lane
    purpose: str
    due_at: datetime
    expires_at: datetime | None = None
    case_id: str | None = None
    broadcast_id: str | None = None
    tag: str = ""
    ref: str | None = None
    dedupe: str | None = None
    outgoing: Outgoing | None = None  # the message of its body, where it is one

    def row(self, sealer: Sealer, *, has_address: bool, is_taken: bool) -> dict[str, Any]:
        """As columns of the outbox; `is_taken`: it is in flight with the commit that writes it."""
        sealed = sealer.seal_json(self.subject, PLACE, self.id, self.body) if has_address else None
        return {
            "id": self.id,
            "account_id": self.account_id,
            "conversation_id": self.conversation_id,
            "lane": self.lane.rank,
            "act": str(self.act),
            "purpose": str(self.purpose),
            "due_at": self.due_at,
            "expires_at": self.expires_at,
            "dedupe": self.dedupe,
            "state": "sending" if is_taken else "waiting" if has_address else "failed",
            "attempts": int(is_taken),
            "is_maybe_duplicate": False,
            "body": sealed,
            "case_id": self.case_id,
            "broadcast_id": self.broadcast_id,
            "tag": self.tag,
            "ref": self.ref,
            "made_at": self.now,
            "purge_at": None if has_address else self.now + KEPT,
            "code": None if has_address else "no_address",
        }


def body_of(outgoing: Outgoing) -> dict[str, Any]:
    """A message to send as the plain values of a row's body."""
    return {
        "text": outgoing.text,
        "rows": [list(map(list, row)) for row in outgoing.rows],
        "version": outgoing.version,
        "file": outgoing.file,
        "file_kind": outgoing.file_kind,
        "first": outgoing.first,
    }


def enqueue(
    connection: Connection,
    sealer: Sealer,
    rows: Sequence[Waiting],
    addresses: dict[str, Address],
    taken: Collection[str] = (),
) -> None:
    """Add rows in their order; one whose dedupe key was there before is left out.

    The mailboxes are opened by `awaken`; those of the rows in `taken` (ids) are leased already.
    """
    _ADD.each(connection, [r.row(sealer, has_address=r.account_id in addresses, is_taken=r.id in taken) for r in rows])


def _add(connection: Connection) -> Upsert:
    columns = [name for name in outbox.c.keys() if name != "seq"]  # noqa: SIM118 - a collection of columns
    return upserting(connection, outbox).values({name: bindparam(name) for name in columns}).on_conflict_do_nothing()


_ADD = Statement(_add)


def awaken(connection: Connection, sealer: Sealer, due: dict[str, datetime], addresses: dict[str, Address]) -> None:
    """Open these accounts' mailboxes, or let them be looked at earlier; in the order of the locks."""
    _OPEN.each(
        connection, [_mailbox(sealer, account_id, addresses[account_id], due[account_id]) for account_id in sorted(due)]
    )


def _opened(connection: Connection) -> Upsert:
    columns = ("account_id", "line", "address", "next_due_at")
    insert = upserting(connection, mailboxes).values({name: bindparam(name) for name in columns})
    is_sooner = or_(mailboxes.c.next_due_at.is_(None), mailboxes.c.next_due_at > insert.excluded.next_due_at)
    soonest = case((is_sooner, insert.excluded.next_due_at), else_=mailboxes.c.next_due_at)
    renewed = {"next_due_at": soonest, "line": insert.excluded.line, "address": insert.excluded.address}
    return insert.on_conflict_do_update(index_elements=[mailboxes.c.account_id], set_=renewed)


_OPEN = Statement(_opened)


def lease_empty(
    connection: Connection, sealer: Sealer, addresses: Mapping[str, Address], now: datetime, until: datetime
) -> list[str]:
    """Open these accounts' mailboxes, leased from the first; those in which nothing waits and that nobody holds."""
    boxes = [_mailbox(sealer, account_id, address, now) for account_id, address in addresses.items()]
    rows = [{**box, "lease_until": until} for box in boxes]
    return [account_id for (account_id,) in _LEASE_EMPTY.returned(connection, rows)]


def _leased(connection: Connection) -> Executable:
    columns = ("account_id", "line", "address", "next_due_at", "lease_until")
    insert = upserting(connection, mailboxes).values({name: bindparam(name) for name in columns})
    m = mailboxes.c
    is_free = or_(m.lease_until.is_(None), m.lease_until <= insert.excluded.next_due_at)
    return insert.on_conflict_do_update(
        index_elements=[m.account_id],
        set_={name: insert.excluded[name] for name in columns[1:]},
        where=and_(m.next_due_at.is_(None), is_free),
    ).returning(m.account_id)


_LEASE_EMPTY = Statement(_leased)


def _mailbox(sealer: Sealer, account_id: str, address: Address, due_at: datetime) -> dict[str, Any]:
    sealed = sealer.seal(f"account:{account_id}", MAILBOX_PLACE, account_id, address.id.encode())
    return {"account_id": account_id, "line": address.line, "address": sealed, "next_due_at": due_at}


class Withdrawn(NamedTuple):
    """An answer of staff that was handed over and did not go: its row, its case, which message of the case it is."""

    row_id: str
    case_id: str
    ref: str


_IS_AN_ANSWER = (outbox.c.purpose == Purpose.ANSWER, outbox.c.ref.is_not(None), outbox.c.case_id.is_not(None))


def cancel(
    connection: Connection,
    conversation_id: str,
    now: datetime,
    *,
    purposes: Iterable[str] = (),
    broadcast_id: str = "",
    ref: str = "",
) -> list[Withdrawn]:
    """What has not gone yet never goes: by purpose, broadcast and case message, or all; deletions still go.

    Gives the answers of staff that waited here and were believed to be on their way.  A row in flight cannot be called
    back; it is marked so that it is not tried again.  The mailboxes are locked first, as delivery does: so neither ever
    holds a row that the other needs.
    """
    chosen: list[ColumnElement[bool] | TextClause] = [
        IS_PENDING,
        outbox.c.conversation_id == conversation_id,
        outbox.c.act != Act.DELETE,
    ]
    if purposes:
        chosen.append(outbox.c.purpose.in_(sorted(purposes)))
    if broadcast_id:
        chosen.append(outbox.c.broadcast_id == broadcast_id)
    if ref:
        chosen.append(outbox.c.ref == ref)
    m = mailboxes.c.account_id
    theirs = select(m).where(m.in_(select(outbox.c.account_id).where(*chosen))).order_by(m).with_for_update()
    connection.execute(theirs)
    is_waiting = outbox.c.state == "waiting"
    answers = select(outbox.c.id, outbox.c.case_id, outbox.c.ref).where(*chosen, is_waiting, *_IS_AN_ANSWER)
    withdrawn = [Withdrawn(*row) for row in connection.execute(answers.order_by(outbox.c.id))]
    waiting = update(outbox).where(*chosen, is_waiting)
    connection.execute(waiting.values(state="cancelled", body=None, purge_at=now + KEPT))
    connection.execute(update(outbox).where(*chosen, outbox.c.state == "sending").values(code="cancelled"))
    return withdrawn
