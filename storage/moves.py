"""A mother's place moves to another address (S17): codes as keyed hashes, and the exchange of the addresses.

Only turns of her own conversation write here, so two who give one code are told apart by its lock; the stranger's
conversation on the other side is never written, only the account that leads to it.  A stranger's turn shares that
account until its commit (`Work`), so that no case opens where nobody writes any more.
"""

from collections.abc import Iterable

from sqlalchemy import Connection, delete, insert, select, update

from bot.core.conversation import Owner
from bot.core.effects import AllowMove, DropAddress, KeepAddress, MoveHere
from bot.core.errors import InvitationSpent
from bot.core.moving import MoveCode, Newcomer
from storage import accounts, conversations, timers
from storage.cases import IS_OPEN
from storage.inbox import Post
from storage.participants import keep_address
from storage.schema import accounts as account_rows
from storage.schema import cases, links, moves
from storage.schema import conversations as conversation_rows
from storage.sealing import Sealer
from storage.unit import Turn


def find(connection: Connection, sealer: Sealer, codes: Iterable[str]) -> dict[str, MoveCode]:
    """What these codes name, by code."""
    hashes = {sealer.code_hash(code): code for code in codes}
    if not hashes:
        return {}
    found = connection.execute(select(moves).where(moves.c.hash.in_(sorted(hashes))))
    return {hashes[row.hash]: MoveCode(row.id, row.conversation_id, row.expires_at) for row in found}


def allow(turn: Turn, effect: AllowMove) -> None:
    """A fresh code; the one before it opens nothing any more."""
    _spend(turn)
    row = {"id": effect.move_id, "conversation_id": turn.conversation_id, "expires_at": effect.expires_at}
    turn.connection.execute(insert(moves).values(hash=turn.sealer.code_hash(effect.code), **row))


def _spend(turn: Turn) -> None:
    turn.connection.execute(delete(moves).where(moves.c.conversation_id == turn.conversation_id))


def move_here(turn: Turn, effect: MoveHere) -> None:
    """Her conversation gets the stranger's address, her old address a conversation of its own, as a stranger's.

    Raises InvitationSpent when nobody is left there who may be moved: she joined or asked for help a moment ago.
    """
    new = _account_of(turn, effect.conversation_id)
    _spend(turn)
    timers.renew(turn.connection, turn.sealer, turn.row, turn.unit.timers)
    for old in _addresses(turn):
        _close(turn, old, effect)
    turn.connection.execute(
        update(account_rows).where(account_rows.c.id == new).values(conversation_id=turn.conversation_id)
    )
    link = {"participant_id": turn.owner_id, "account_id": new, "since": turn.now}
    turn.connection.execute(insert(links).values(link))
    turn.row.account_id = new


def newcomer(connection: Connection, conversation_id: str) -> Newcomer:
    """Who is there now; only a stranger with whom nobody of the team is speaking may be moved."""
    c = conversation_rows.c
    leads_there = account_rows.c.conversation_id == c.id
    owner = connection.scalar(select(c.owner).join(account_rows, leads_there).where(c.id == conversation_id))
    if owner is None:
        return Newcomer.GONE
    if owner != Owner.STRANGER:
        return Newcomer.JOINED
    helped = select(cases.c.id).where(cases.c.conversation_id == conversation_id, IS_OPEN)
    return Newcomer.STRANGER if connection.scalar(helped) is None else Newcomer.HELPED


def _account_of(turn: Turn, conversation_id: str) -> str:
    """The account of the stranger there, held first: what she writes just now comes before it or after it, whole."""
    found = select(account_rows.c.id).where(account_rows.c.conversation_id == conversation_id)
    account_id: str | None = turn.connection.scalar(found.limit(1).with_for_update())
    if account_id is None or newcomer(turn.connection, conversation_id) is not Newcomer.STRANGER:
        raise InvitationSpent(f"conversation {conversation_id} is no stranger's any more")
    return account_id


def _addresses(turn: Turn) -> list[str]:
    """Where she could be reached until now."""
    hers = account_rows.c.conversation_id == turn.conversation_id
    return list(turn.connection.scalars(select(account_rows.c.id).where(hers).order_by(account_rows.c.id)))


def _close(turn: Turn, account_id: str, effect: MoveHere) -> None:
    """From now on whoever writes from there is somebody unknown."""
    fresh = turn.unit.ids.id()
    conversations.add(turn.connection, [(fresh, Owner.STRANGER, account_id, account_id)], turn.now)
    turn.connection.execute(update(account_rows).where(account_rows.c.id == account_id).values(conversation_id=fresh))
    hers = (links.c.participant_id == turn.owner_id) & (links.c.account_id == account_id) & links.c.until.is_(None)
    turn.connection.execute(update(links).where(hers).values(until=turn.now))
    turn.posted += 1
    turn.unit.posts.append(Post(turn.unit.ids.id(), f"{turn.source}/{turn.posted}", fresh, effect.closed))


def keep(turn: Turn, effect: KeepAddress) -> None:
    """We may have to answer here after this turn."""
    del effect
    keep_address(turn)


def drop(turn: Turn, effect: DropAddress) -> None:
    """Nothing more goes there but what this commit says; its mailbox knows the address until that has gone."""
    del effect
    account_id = turn.row.account_id
    if account_id is None:
        return
    turn.unit.addresses |= accounts.addresses(turn.connection, turn.sealer, [account_id])
    accounts.drop_address(turn.connection, account_id)
