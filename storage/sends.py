"""How a turn's words become rows of the outbox: said, amended, taken out of the chat, cancelled."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select

from bot.core.effects import Amend, CancelSends, Purpose, Say, Unsay
from bot.core.events import SendsFailed
from bot.core.messages import Act, Lane
from storage import accounts, handing, mailboxes, outbox
from storage.inbox import Post
from storage.outbox import Waiting
from storage.schema import outbox as rows
from storage.unit import Turn, Unit


def _wait(turn: Turn, act: Act, body: dict[str, Any], lane: Lane, purpose: Purpose, **more: Any) -> None:
    account_id = turn.row.account_id
    if account_id is None:  # nobody has ever written from there
        return
    turn.unit.outbox.append(
        Waiting(
            id=turn.unit.ids.id(),
            account_id=account_id,
            conversation_id=turn.conversation_id,
            subject=turn.row.subject,
            act=act,
            body=body,
            now=turn.now,
            lane=lane,
            purpose=purpose,
            **{"due_at": turn.now, **more},
        )
    )


def say(turn: Turn, effect: Say) -> None:
    """A message to this conversation."""
    _wait(
        turn,
        Act.SEND,
        outbox.body_of(effect.outgoing),
        effect.lane,
        effect.purpose,
        outgoing=effect.outgoing,
        due_at=effect.due_at or turn.now,
        expires_at=effect.expires_at,
        case_id=effect.case_id,
        broadcast_id=effect.broadcast_id,
        tag=effect.tag,
        ref=effect.ref or None,
        dedupe=effect.dedupe or None,
    )


def amend(turn: Turn, effect: Amend) -> None:
    """An edit of the latest message with the tag, found when it goes."""
    body = {**outbox.body_of(effect.outgoing), "tag": effect.tag}
    _wait(turn, Act.EDIT, body, effect.lane, effect.purpose, tag=effect.tag, case_id=effect.case_id)


def unsay(turn: Turn, effect: Unsay) -> None:
    """A deletion of what was said until now, chosen when it goes."""
    body = {
        "case_id": effect.case_id,
        "every_case": effect.every_case,
        "tag": effect.tag,
        "everything": effect.everything,
        "message_ids": effect.message_ids,
        "before": turn.now.isoformat(),
    }
    _wait(turn, Act.DELETE, body, effect.lane, Purpose.REPLY)


def cancel(turn: Turn, effect: CancelSends) -> None:
    """What has not gone yet never goes, what earlier effects of this commit said included."""
    unit = turn.unit
    chat = turn.conversation_id
    unit.cancels.append((chat, effect))
    dropped = [row for row in unit.outbox if _is_meant(row, chat, effect)]
    unit.outbox = [row for row in unit.outbox if not _is_meant(row, chat, effect)]
    if not effect.is_settled:
        unit.posts += [_told(unit, chat, _as_answer(row)) for row in dropped if _is_answer(row)]


def _is_answer(row: Waiting) -> bool:
    """Whether a member of staff believes that it is on its way."""
    return row.purpose == Purpose.ANSWER and bool(row.ref)


def _as_answer(row: Waiting) -> outbox.Withdrawn:
    return outbox.Withdrawn(row.id, row.case_id or "", row.ref or "")


def write(unit: Unit, now: datetime) -> None:
    """Cancel, hand over what goes at once, add what was said, open the mailboxes of what waits.

    Each time the mailboxes are locked in the order of their ids.
    """
    _cancel(unit, now)
    unknown = {row.account_id for row in unit.outbox} - unit.addresses.keys()
    unit.addresses |= accounts.addresses(unit.connection, unit.sealer, unknown)
    waiting = [_resealed(row, unit.rows[row.conversation_id].subject) for row in unit.outbox]
    taken = handing.take(unit, waiting, now)
    outbox.enqueue(unit.connection, unit.sealer, waiting, unit.addresses, taken)
    unit.posts += [
        _told(unit, row.conversation_id, _as_answer(row), "unreachable")
        for row in waiting
        if row.account_id not in unit.addresses and _is_answer(row)
    ]
    _awaken(unit, [row for row in waiting if row.account_id in unit.addresses and row.id not in taken])


def _awaken(unit: Unit, waiting: Sequence[Waiting]) -> None:
    """Open the mailboxes of these, for their senders to look into."""
    due: dict[str, datetime] = {}
    for row in waiting:
        unit.woken_lines.add(unit.addresses[row.account_id].line)
        due[row.account_id] = min(row.due_at, due.get(row.account_id, row.due_at))
    outbox.awaken(unit.connection, unit.sealer, due, unit.addresses)


def _resealed(row: Waiting, subject: str) -> Waiting:
    """For whoever has the conversation now: she may have joined in the very turn that said it."""
    return row if row.subject == subject else row._replace(subject=subject)


def _cancel(unit: Unit, now: datetime) -> None:
    """All mailboxes are locked before the first row is touched, as delivery does."""
    if not unit.cancels:
        return
    chats = sorted({chat for chat, _ in unit.cancels})
    query = select(rows.c.account_id).where(outbox.IS_PENDING, rows.c.conversation_id.in_(chats)).distinct()
    theirs = set(unit.connection.execute(query).scalars())
    mailboxes.hold(unit.connection, theirs | {row.account_id for row in unit.outbox})
    for chat, what in unit.cancels:
        withdrawn = outbox.cancel(
            unit.connection, chat, now, purposes=what.purposes, broadcast_id=what.broadcast_id, ref=what.ref
        )
        if not what.is_settled:
            unit.posts += [_told(unit, chat, answer) for answer in withdrawn]


def _told(unit: Unit, chat: str, answer: outbox.Withdrawn, why: str = "withdrawn") -> Post:
    """Her conversation learns that an answer did not go, so that its owner does not take it for read."""
    failed = SendsFailed(why, (Purpose.ANSWER.value,), answer.case_id, answer.ref)
    return Post(unit.ids.id(), f"{answer.row_id}/{why}", chat, failed)


def _is_meant(row: Waiting, conversation_id: str, effect: CancelSends) -> bool:
    return (
        row.conversation_id == conversation_id
        and row.act is not Act.DELETE
        and (not effect.purposes or row.purpose in effect.purposes)
        and effect.broadcast_id in {"", row.broadcast_id}
        and effect.ref in {"", row.ref}
    )
