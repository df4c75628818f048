"""Outbox rows opened for sending: body, address, and the messages that an edit or a deletion is about."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import Connection, select

from bot.core.addresses import Address
from bot.core.errors import SealBroken
from bot.core.messages import Act, Button, Kind, Outgoing, Parcel
from storage.instants import EPOCH
from storage.outbox import MAILBOX_PLACE, PLACE, body_of
from storage.pending import Pending
from storage.schema import messages
from storage.sealing import Sealer

YOUNG = timedelta(hours=48)
"""Only younger messages can be taken out of a chat."""
AT_ONCE = 100
"""The most messages that one call deletes."""

Body = dict[str, Any]


class Claimed(NamedTuple):
    """A row on its way out.  `has_more`: further messages are to be deleted after these."""

    row: Pending
    parcel: Parcel
    has_more: bool = False


def open_body(sealer: Sealer, row: Pending, sealed: bytes | None) -> Body:
    """What the row says; raises SealBroken when no key of its owner fits."""
    if sealed is None:
        raise SealBroken(f"outbox row {row.id} has no body")
    *others, last = row.subjects
    for subject in others:
        try:
            return _opened(sealer, subject, row, sealed)
        except SealBroken:
            continue  # queued before she joined: her account's key fits
    return _opened(sealer, last, row, sealed)


def seal_plain(sealer: Sealer, row: Pending, outgoing: Outgoing) -> bytes:
    """The same message without its buttons, sealed again: what is left when the channel refused it with them."""
    return sealer.seal_json(row.subjects[0], PLACE, row.id, body_of(Outgoing(outgoing.text)))


def address_of(sealer: Sealer, line: str, account_id: str, sealed: bytes) -> Address:
    """Where a mailbox leads; raises SealBroken."""
    return Address(line, sealer.open(f"account:{account_id}", MAILBOX_PLACE, account_id, sealed).decode())


def prepare(connection: Connection, row: Pending, body: Body, address: Address, now: datetime) -> Claimed | None:
    """The parcel for a row; None when there is nothing left to delete."""
    if row.act is Act.DELETE:
        return _prepare_deletion(connection, row, body, address, now)
    targets = _latest(connection, row, str(body.get("tag") or row.tag)) if row.act is Act.EDIT else ()
    act = Act.EDIT if targets else Act.SEND
    parcel = Parcel(row.id, address, act, _outgoing(body), targets, row.purpose, row.heard_at)
    return Claimed(row, parcel)


def overtaken(row: Pending, body: Body, others: Iterable[Pending]) -> list[Pending]:
    """Older rows of the same conversation that an edit or a deletion makes pointless before they went.

    They wait in another lane or for another attempt; sent afterwards they would bring back what was taken away.
    """
    if row.act is Act.SEND:
        return []
    before = _instant(body.get("before"))
    return [
        other
        for other in others
        if other.act is not Act.DELETE
        and other.seq < row.seq
        and other.conversation_id == row.conversation_id
        and other.state == "waiting"
        and (other.attempts > 0 or before is None or other.due_at <= before)
        and _is_meant(row, body, other)
    ]


def _is_meant(row: Pending, body: Body, other: Pending) -> bool:
    if row.act is Act.EDIT:
        return other.tag != "" and other.tag == (body.get("tag") or row.tag)
    has_case = other.case_id is not None and (bool(body.get("every_case")) or other.case_id == body.get("case_id"))
    has_tag = bool(body.get("tag")) and other.tag == body["tag"]
    return bool(body.get("everything")) or has_case or has_tag


def _prepare_deletion(
    connection: Connection, row: Pending, body: Body, address: Address, now: datetime
) -> Claimed | None:
    found = _doomed(connection, row, body, now)
    targets = list(dict.fromkeys([*body.get("message_ids", ()), *found]))
    if not targets:
        return None
    parcel = Parcel(row.id, address, Act.DELETE, targets=tuple(targets[:AT_ONCE]))
    return Claimed(row, parcel, has_more=len(targets) > AT_ONCE)


def _doomed(connection: Connection, row: Pending, body: Body, now: datetime) -> list[str]:
    """The channel's ids of what the deletion selects, oldest first; one more than fits tells that there is more."""
    c = messages.c
    query = select(c.external_id).where(
        c.conversation_id == row.conversation_id, c.account_id == row.account_id, c.at > now - YOUNG
    )
    if (before := _instant(body.get("before"))) is not None:
        query = query.where(c.at <= before)
    if not body.get("everything"):
        wanted = [c.case_id == body["case_id"]] if body.get("case_id") else []
        wanted += [c.case_id.is_not(None)] if body.get("every_case") else []
        wanted += [c.tag == body["tag"]] if body.get("tag") else []
        if not wanted:
            return []
        query = query.where(*wanted)
    return list(connection.scalars(query.order_by(c.at, c.id).limit(AT_ONCE + 1)))


def _latest(connection: Connection, row: Pending, tag: str) -> tuple[str, ...]:
    c = messages.c
    query = (
        select(c.external_id)
        .where(c.conversation_id == row.conversation_id, c.account_id == row.account_id)
        .where(c.is_ours, c.tag == tag)
        .order_by(c.at.desc(), c.id.desc())
        .limit(1)
    )
    return tuple(connection.scalars(query))


def _outgoing(body: Body) -> Outgoing:
    rows = tuple(tuple(Button(*button) for button in line) for line in body.get("rows", ()))
    kind = Kind(body.get("file_kind") or Kind.TEXT)
    return Outgoing(body["text"], rows, body.get("version", 0), body.get("file", ""), kind, body.get("first", 1))


def _instant(value: str | int | None) -> datetime | None:
    if value is None or value == "":
        return None
    return datetime.fromisoformat(value) if isinstance(value, str) else EPOCH + timedelta(microseconds=value)


def _opened(sealer: Sealer, subject: str, row: Pending, sealed: bytes) -> Body:
    body: Body = sealer.open_json(subject, PLACE, row.id, sealed)
    return body
