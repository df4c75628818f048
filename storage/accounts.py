"""Addresses on channels, found by their keyed hash; kept readable only for those who joined (S18)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, bindparam, delete, select, update

from bot.core.addresses import Address
from bot.core.conversation import Owner
from bot.core.errors import SealBroken
from bot.core.ports import Ids
from storage import conversations as chats
from storage.driver import Statement
from storage.outbox import MAILBOX_PLACE
from storage.schema import accounts, conversations, mailboxes
from storage.sealing import Sealer
from storage.upsert import AnyRow, upserting

PLACE = "accounts.address"


@dataclass(frozen=True, slots=True)
class Known:
    """An account with the conversation it belongs to."""

    conversation_id: str
    account_id: str
    owner: Owner
    staff_id: str | None = None
    participant_id: str | None = None


def known_as(row: AnyRow) -> Known:
    """The account of this row, which tells whose its conversation is."""
    owner = Owner(row.owner)
    return Known(
        row.conversation_id,
        row.id,
        owner,
        row.owner_id if owner is Owner.STAFF else None,
        row.owner_id if owner is Owner.PARTICIPANT else None,
    )


_THESE = accounts.c.blind.in_(bindparam("blinds", expanding=True))
_FIND = Statement(
    select(accounts.c.id, accounts.c.blind, accounts.c.conversation_id, conversations.c.owner, conversations.c.owner_id)
    .join(conversations, conversations.c.id == accounts.c.conversation_id)
    .where(_THESE)
)
_STATES = Statement(
    select(accounts.c.blind, conversations.c.state)
    .join(conversations, conversations.c.id == accounts.c.conversation_id)
    .where(_THESE)
)


def find(connection: Connection, blinds: Iterable[bytes]) -> dict[bytes, Known]:
    """The known ones among these hashes."""
    wanted = sorted(set(blinds))
    if not wanted:
        return {}
    return {row.blind: known_as(row) for row in _FIND.rows(connection, blinds=wanted)}


def states(connection: Connection, blinds: Iterable[bytes]) -> dict[bytes, str]:
    """The states of the conversations behind the known ones among these hashes."""
    return {row.blind: row.state for row in _STATES.rows(connection, blinds=sorted(set(blinds)))}


def make(
    connection: Connection, ids: Ids, fresh: Sequence[tuple[bytes, str, bool]], now: datetime
) -> dict[bytes, Known]:
    """Make accounts for (hash, line, is a group), each with a conversation; the address itself is not kept (S18).

    Another process may have made the same one a moment before: then its account is the answer.
    """
    made: dict[bytes, tuple[str, Known]] = {}
    for blind, line, is_group in sorted(fresh):
        account_id, conversation_id = ids.id(), ids.id()
        owner = Owner.GROUP if is_group else Owner.STRANGER
        made[blind] = (line, Known(conversation_id, account_id, owner))
    chats.add(
        connection,
        [(known.conversation_id, known.owner, _owner_id(known), known.account_id) for _, known in made.values()],
        now,
    )
    rows = [
        {"id": k.account_id, "line": line, "blind": blind, "conversation_id": k.conversation_id, "made_at": now}
        for blind, (line, k) in made.items()
    ]
    inserted = upserting(connection, accounts).on_conflict_do_nothing().returning(accounts.c.id)
    ours = set(connection.execute(inserted, rows).scalars())
    lost = {blind: known for blind, (_, known) in made.items() if known.account_id not in ours}
    if lost:
        orphans = [known.conversation_id for known in lost.values()]
        connection.execute(delete(conversations).where(conversations.c.id.in_(orphans)))
    return {blind: known for blind, (_, known) in made.items() if blind not in lost} | find(connection, lost)


def _owner_id(known: Known) -> str:
    return known.conversation_id if known.owner is Owner.GROUP else known.account_id


def addresses(connection: Connection, sealer: Sealer, account_ids: Iterable[str]) -> dict[str, Address]:
    """Where these accounts can be written to: the address that is kept, or that of a mailbox with something in it."""
    wanted = sorted(set(account_ids))
    if not wanted:
        return {}
    query = (
        select(accounts.c.id, accounts.c.line, accounts.c.address, mailboxes.c.address.label("pending"))
        .outerjoin(mailboxes, mailboxes.c.account_id == accounts.c.id)
        .where(accounts.c.id.in_(wanted))
    )
    found: dict[str, Address] = {}
    for row in connection.execute(query):
        place, sealed = (PLACE, row.address) if row.address is not None else (MAILBOX_PLACE, row.pending)
        if sealed is None:
            continue
        try:
            found[row.id] = Address(row.line, sealer.open(f"account:{row.id}", place, row.id, sealed).decode())
        except SealBroken:
            continue  # whoever needs the address finds none, and says so
    return found


def keep(connection: Connection, sealer: Sealer, account_id: str, address: Address) -> None:
    """Keep the address of an account from now on."""
    subject = f"account:{account_id}"
    sealed = sealer.seal(subject, PLACE, account_id, address.id.encode())
    connection.execute(update(accounts).where(accounts.c.id == account_id).values(address=sealed))


def drop_address(connection: Connection, account_id: str) -> None:
    """Keep the address of an account no longer, nor its alias."""
    nothing = {"address": None, "alias": None, "alias_blind": None, "aliased_at": None}
    connection.execute(update(accounts).where(accounts.c.id == account_id).values(nothing))


def drop_alias(connection: Connection, account_id: str, number: bytes) -> None:
    """Forget a number, known by its hash, as the alias of an account."""
    is_its = (accounts.c.id == account_id) & (accounts.c.alias_blind == number)
    connection.execute(update(accounts).where(is_its).values(alias=None, alias_blind=None, aliased_at=None))


def end_alias(connection: Connection, account_id: str, at: datetime) -> None:
    """Forget the alias of an account as of this instant, unless it was seen with it since."""
    is_before = (accounts.c.id == account_id) & (accounts.c.aliased_at <= at)
    connection.execute(update(accounts).where(is_before).values(alias=None, alias_blind=None, aliased_at=at))


def retire(connection: Connection, account_id: str, number: bytes) -> None:
    """Let nothing lead to an account any more: the number that was all by which it was known is somebody else's now."""
    is_its = (accounts.c.id == account_id) & (accounts.c.blind == number)
    connection.execute(update(accounts).where(is_its).values(blind=nobodys(account_id), address=None))
    box = mailboxes.c.account_id == account_id
    connection.execute(select(mailboxes.c.account_id).where(box).with_for_update())  # before its rows, as delivery does
    connection.execute(delete(mailboxes).where(box))


def nobodys(account_id: str) -> bytes:
    """A hash that no address has, for an account to which none leads any more."""
    return account_id.encode()[-16:]


def conversations_of(connection: Connection, account_ids: Iterable[str]) -> dict[str, str]:
    """Which conversation each of these accounts leads to."""
    wanted = sorted(set(account_ids))
    return dict(_CONVERSATIONS.rows(connection, ids=wanted)) if wanted else {}


_CONVERSATIONS = Statement(
    select(accounts.c.id, accounts.c.conversation_id).where(accounts.c.id.in_(bindparam("ids", expanding=True)))
)


def share(connection: Connection, account_ids: Iterable[str]) -> None:
    """Keep these accounts as they are until the commit; others may do the same."""
    wanted = sorted(set(account_ids))
    if wanted:
        held = select(accounts.c.id).where(accounts.c.id.in_(wanted)).order_by(accounts.c.id)
        connection.execute(held.with_for_update(read=True))


def lines_of(connection: Connection, account_ids: Iterable[str]) -> dict[str, str]:
    """On which line each of these accounts is."""
    query = select(accounts.c.id, accounts.c.line).where(accounts.c.id.in_(sorted(set(account_ids))))
    return {row.id: row.line for row in connection.execute(query)}


def try_to_move(connection: Connection, sealer: Sealer, account_id: str, address_id: str) -> Known | None:
    """As `move`, for delivery, which never waits for a turn: None when one holds the conversation or account just now.

    Nothing is lost then: whatever goes to the old address next is told the new one again.
    """
    theirs = select(accounts.c.conversation_id).where(accounts.c.id == account_id).scalar_subquery()
    chat = select(conversations.c.id).where(conversations.c.id == theirs)
    mine = select(accounts.c.id).where(accounts.c.id == account_id)
    is_mine = connection.execute(chat.with_for_update(skip_locked=True, key_share=True)).one_or_none()
    if is_mine is None or connection.execute(mine.with_for_update(skip_locked=True)).one_or_none() is None:
        return None
    return move(connection, sealer, account_id, address_id)


def move(connection: Connection, sealer: Sealer, account_id: str, address_id: str) -> Known:
    """The account has a new address on its line (a group that migrated); its conversation must be locked.

    If something was already heard from the new address, that account takes the place of the old one.
    """
    old = connection.execute(select(accounts).where(accounts.c.id == account_id)).one()
    address = Address(old.line, address_id)
    blind = sealer.blind(address.key)
    other = find(connection, [blind]).get(blind)
    taker = account_id if other is None else other.account_id
    if other is None:
        connection.execute(update(accounts).where(accounts.c.id == account_id).values(blind=blind))
    elif other.conversation_id != old.conversation_id:
        connection.execute(update(accounts).where(accounts.c.id == taker).values(conversation_id=old.conversation_id))
        connection.execute(
            update(conversations).where(conversations.c.id == old.conversation_id).values(account_id=taker)
        )
    if old.address is not None:
        keep(connection, sealer, taker, address)
    return Known(old.conversation_id, taker, Owner.GROUP)
