"""Where everybody is: the rows of `conversations`, locked, opened and written back."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, insert, null, select, update

from bot.core.conversation import NEW, Conversation, Owner
from bot.core.errors import SealBroken
from storage.driver import Statement
from storage.schema import conversations
from storage.sealing import Sealer
from storage.upsert import AnyRow, Upsert, upserting

PLACE = "conversations.data"
UNBOUND = "Group:unbound"
"""The state of a group that nobody has bound yet."""


def subject_of(owner: Owner, owner_id: str) -> str:
    """Whose key seals what belongs to a conversation: hers once she joined, until then that of her account."""
    return "account:" + owner_id if owner is Owner.STRANGER else owner + ":" + owner_id


@dataclass(slots=True)
class Row:
    """A conversation as this transaction has it now, beside what the database has.

    `sealed` is its data as stored; it is kept where the turn left the data alone, so that a missing key
    never overwrites what another key may still open.
    """

    conversation: Conversation
    account_id: str | None
    stored: Conversation
    stored_account_id: str | None
    sealed: bytes | None
    is_broken: bool = False

    @property
    def subject(self) -> str:
        """Whose key seals what is written for it now."""
        return subject_of(self.conversation.owner, self.conversation.owner_id)

    @property
    def subjects(self) -> tuple[str, ...]:
        """Whose keys may have sealed what waits for it: hers, or her account's from before she joined."""
        account = f"account:{self.account_id}"
        return (self.subject,) if self.subject == account else (self.subject, account)

    @property
    def is_changed(self) -> bool:
        """Whether it must be written."""
        return (self.conversation, self.account_id) != (self.stored, self.stored_account_id)

    @property
    def must_be_sealed(self) -> bool:
        """Whether its data must be sealed anew: it changed, or it has another owner now."""
        now, was = self.conversation, self.stored
        return (now.data, now.owner, now.owner_id) != (was.data, was.owner, was.owner_id)


def open_for(sealer: Sealer, subjects: Sequence[str], place: str, row: str, sealed: bytes) -> dict[str, Any]:
    """Open JSON that one of these subjects sealed; raises SealBroken when none of their keys fits."""
    for subject in subjects[:-1]:
        try:
            opened: dict[str, Any] = sealer.open_json(subject, place, row, sealed)
        except SealBroken:
            continue  # sealed before she joined, with the key of her account
        return opened
    last: dict[str, Any] = sealer.open_json(subjects[-1], place, row, sealed)
    return last


def lock(connection: Connection, sealer: Sealer, ids: Iterable[str], *, skip_locked: bool = False) -> list[Row]:
    """Lock and open these conversations in order of their ids; those that do not exist are left out.

    With `skip_locked` those that somebody else holds are left out as well.  Rows that only refer to a conversation
    may be written meanwhile (`key_share`): delivery must never wait for a turn.
    """
    wanted = sorted(set(ids))
    if not wanted:
        return []
    rows = (_LOCK_FREE if skip_locked else _LOCK).rows(connection, ids=wanted)
    sealer.fetch(subject_of(_OWNERS[row.owner], row.owner_id) for row in rows)
    return [_open(sealer, row) for row in rows]


_OWNERS = {owner.value: owner for owner in Owner}
_READ = "id owner owner_id account_id state data language version held_by last_in_at".split()
_THESE = (
    select(*(conversations.c[name] for name in _READ))
    .where(conversations.c.id.in_(bindparam("ids", expanding=True)))
    .order_by(conversations.c.id)
)
_LOCK = Statement(_THESE.with_for_update(key_share=True))
_LOCK_FREE = Statement(_THESE.with_for_update(skip_locked=True, key_share=True))


def _open(sealer: Sealer, row: AnyRow) -> Row:
    owner = _OWNERS[row.owner]
    data: dict[str, Any] = {}
    is_broken = False
    if row.data is not None:
        try:
            data = sealer.open_json(subject_of(owner, row.owner_id), PLACE, row.id, row.data)
        except SealBroken:
            is_broken = True
    conversation = Conversation(
        row.id, owner, row.owner_id, row.state, data, row.language, row.version, row.held_by, row.last_in_at
    )
    return Row(conversation, row.account_id, conversation, row.account_id, row.data, is_broken)


def add(connection: Connection, rows: Sequence[tuple[str, Owner, str, str]], now: datetime) -> None:
    """Make conversations that were never played: (id, owner, owner id, account id) each."""
    fresh = [
        {
            "id": id_,
            "owner": owner,
            "owner_id": owner_id,
            "account_id": account_id,
            "state": UNBOUND if owner is Owner.GROUP else NEW,
            "language": "tg",
            "version": 0,
            "changed_at": now,
        }
        for id_, owner, owner_id, account_id in rows
    ]
    if fresh:
        connection.execute(insert(conversations), fresh)


def renew(connection: Connection, conversation_id: str, renewed: Mapping[str, str]) -> None:
    """Make it a stranger's who never wrote, at her address under its new id; buttons of before are of no step now."""
    c = conversations.c
    this = c.id == conversation_id
    old = connection.scalar(select(c.account_id).where(this))
    account_id = renewed.get(old or "", old)
    fresh = {
        c.owner: Owner.STRANGER,
        c.owner_id: account_id or conversation_id,
        c.account_id: account_id,
        c.state: NEW,
        c.data: null(),
        c.language: "tg",
        c.version: c.version + 1,
        c.held_by: null(),
    }
    connection.execute(update(conversations).where(this).values(fresh))


_WRITTEN = "owner owner_id account_id state data language version held_by last_in_at changed_at".split()


def _written(connection: Connection) -> Upsert:
    """These rows are there and locked; written as an insertion because only insertions take many rows at once."""
    insertion = upserting(connection, conversations).values({name: bindparam(name) for name in ("id", *_WRITTEN)})
    return insertion.on_conflict_do_update(
        index_elements=[conversations.c.id], set_={name: insertion.excluded[name] for name in _WRITTEN}
    )


_WRITE = Statement(_written)


def write(connection: Connection, sealer: Sealer, rows: Iterable[Row], now: datetime) -> None:
    """Write back those that changed; afterwards they count as stored."""
    changed = [row for row in rows if row.is_changed]
    if not changed:
        return
    for row in changed:
        if row.must_be_sealed:
            row.sealed = _seal(sealer, row)
    _WRITE.each(connection, [_values(row, now) for row in changed])
    for row in changed:
        row.stored, row.stored_account_id = row.conversation, row.account_id


def _seal(sealer: Sealer, row: Row) -> bytes | None:
    data = row.conversation.data
    return sealer.seal_json(row.subject, PLACE, row.conversation.id, data) if data else None


def _values(row: Row, now: datetime) -> dict[str, Any]:
    conversation = row.conversation
    return {
        "id": conversation.id,
        "owner": conversation.owner,
        "owner_id": conversation.owner_id,
        "account_id": row.account_id,
        "state": conversation.state,
        "data": row.sealed,
        "language": conversation.language,
        "version": conversation.version,
        "held_by": conversation.held_by,
        "last_in_at": conversation.last_in_at,
        "changed_at": now,
    }
