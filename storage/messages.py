"""The channel's ids of recent messages, so that they can be taken out of a chat again; no content."""

from collections.abc import Iterable, Sequence
from operator import itemgetter
from typing import Any

from sqlalchemy import Connection, bindparam, select

from bot.core.conversation import Owner
from bot.core.effects import Effect
from bot.core.messages import Sort
from storage.driver import Statement
from storage.schema import messages
from storage.unit import Turn
from storage.upsert import Upsert, upserting


def remember(turn: Turn, effects: Sequence[Effect]) -> None:
    """Keep the id of the message this turn answered, with the case its effects name.

    Of a stranger too, for two days: she may hide what is on her screen before she has joined, and the first screens
    after it (S3).  Talk in groups is not ours to delete.
    """
    inbound, row = turn.inbound, turn.row
    if inbound is None or inbound.sort not in {Sort.MESSAGE, Sort.EDIT} or not inbound.message_id or inbound.is_group:
        return
    case_id = next((named for effect in effects if (named := getattr(effect, "case_id", None))), None)
    if inbound.sort is Sort.EDIT and case_id is None:
        return
    if row.conversation.owner is Owner.GROUP or row.account_id is None:
        return
    turn.unit.messages.append(
        {
            "id": turn.unit.ids.id(),
            "account_id": row.account_id,
            "conversation_id": turn.conversation_id,
            "external_id": inbound.message_id,
            "is_ours": False,
            "case_id": case_id,
            "tag": "",
            "at": min(inbound.at, turn.now),
        }
    )


def write(connection: Connection, rows: Sequence[dict[str, Any]]) -> None:
    """Keep these ids; one that is known already stays as it is, unless an edit made it part of a case.

    In the order of the accounts that they refer to: whoever gives several of them new addresses goes by it, too.
    """
    _WRITE.each(connection, sorted(rows, key=itemgetter("account_id")))


def _statement(connection: Connection) -> Upsert:
    columns = messages.c.keys()
    row = upserting(connection, messages).values({name: bindparam(name) for name in columns})
    return row.on_conflict_do_update(
        index_elements=["account_id", "external_id"],
        set_={"case_id": row.excluded.case_id},
        where=messages.c.case_id.is_(None) & row.excluded.case_id.is_not(None),
    )


_WRITE = Statement(_statement)


def cases_of(connection: Connection, replies: Iterable[tuple[str, str]]) -> dict[tuple[str, str], str]:
    """The cases of these messages, each given and keyed by conversation and the channel's id."""
    wanted = set(replies)
    if not wanted:
        return {}
    query = select(messages.c.conversation_id, messages.c.external_id, messages.c.case_id).where(
        messages.c.conversation_id.in_(sorted({chat for chat, _ in wanted})),
        messages.c.external_id.in_(sorted({external for _, external in wanted})),
        messages.c.case_id.is_not(None),
    )
    return {
        (row.conversation_id, row.external_id): row.case_id
        for row in connection.execute(query)
        if (row.conversation_id, row.external_id) in wanted
    }
