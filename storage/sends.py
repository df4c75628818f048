"""How a turn's words become rows of the outbox: said, amended, taken out of the chat, cancelled."""

from typing import Any

from bot.core.effects import Amend, CancelSends, Purpose, Say, Unsay
from bot.core.messages import Act, Lane
from storage import outbox
from storage.outbox import Waiting
from storage.unit import Turn


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
        "tag": effect.tag,
        "everything": effect.everything,
        "message_ids": effect.message_ids,
        "before": turn.now.isoformat(),
    }
    _wait(turn, Act.DELETE, body, effect.lane, Purpose.REPLY)


def cancel(turn: Turn, effect: CancelSends) -> None:
    """What has not gone yet never goes, what earlier effects of this commit said included."""
    outbox.cancel(
        turn.connection,
        turn.conversation_id,
        turn.now,
        purposes=effect.purposes,
        broadcast_id=effect.broadcast_id,
        ref=effect.ref,
    )
    unit = turn.unit
    unit.outbox = [row for row in unit.outbox if not _is_meant(row, turn.conversation_id, effect)]


def _is_meant(row: Waiting, conversation_id: str, effect: CancelSends) -> bool:
    return (
        row.conversation_id == conversation_id
        and row.act is not Act.DELETE
        and (not effect.purposes or row.purpose in effect.purposes)
        and effect.broadcast_id in {"", row.broadcast_id}
        and effect.ref in {"", row.ref}
    )
