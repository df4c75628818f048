"""Erasing a mother: text, address and keys at once; with an open case a stub without text stays (S22).

Her address gets a row with a new id, as a stranger's would, so that the goodbye can still be brought and everything
that was sealed for the old one is unreadable once its key is destroyed.

What is in flight cannot be called back: it stays in flight, with nothing left to read, and never goes again.  So its
sender still learns the messenger's id of it, and the deletion that waits behind it in its mailbox finds it.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, and_, delete, insert, or_, select, update

from bot.core.cases import CaseState
from bot.core.messages import Act
from bot.core.ports import Ids
from storage import conversations, fsm_rows, mailboxes
from storage import schema as s
from storage.accounts import nobodys
from storage.outbox import IS_PENDING, KEPT

_GONE = (s.reflections, s.measures, s.progress, s.consents, s.links, s.recipients)


@dataclass(frozen=True, slots=True)
class Erased:
    """`subjects` are those whose keys must be destroyed right after the commit; `account_ids` old → new."""

    subjects: tuple[str, ...]
    account_ids: dict[str, str]


def erase(
    connection: Connection, ids: Ids, conversation_id: str, now: datetime, persons: Collection[bytes] = ()
) -> Erased:
    """Remove everything about whom this conversation is with; keys are the caller's, after the commit.

    `persons` are the hashes by which aiogram bots on this database know her; without them only what belongs to her
    chats with our own bot is found.
    """
    participant_id = connection.scalar(
        select(s.participants.c.id).where(s.participants.c.conversation_id == conversation_id)
    )
    cases = connection.scalars(select(s.cases.c.id).where(s.cases.c.conversation_id == conversation_id)).all()
    _hold_mailboxes(connection, conversation_id, participant_id, cases)
    _forget_copies(connection, participant_id, cases, now)
    if participant_id is not None:
        _forget_person(connection, participant_id)
    _forget_cases(connection, conversation_id, now)
    _forget_conflicts(connection, conversation_id)
    _forget_sends(connection, conversation_id, now)
    elsewhere = _forget_elsewhere(connection, conversation_id, persons)
    renewed = _renew_accounts(connection, ids, conversation_id, now)
    conversations.renew(connection, conversation_id, renewed)
    subjects = [f"participant:{participant_id}"] if participant_id is not None else []
    subjects += [f"account:{id_}" for id_ in renewed] + [f"case:{id_}" for id_ in cases]
    return Erased((*subjects, *elsewhere), renewed)


def _hold_mailboxes(
    connection: Connection, conversation_id: str, participant_id: str | None, cases: Sequence[str]
) -> None:
    """Lock every mailbox with something of hers before any row in it, as delivery does; else both could wait."""
    shared = select(s.reflections.c.id).where(s.reflections.c.participant_id == participant_id)
    c = s.outbox.c
    of_her = or_(c.conversation_id == conversation_id, c.case_id.in_(cases), c.ref.in_(shared))
    waits = select(c.account_id).where(IS_PENDING, of_her)
    hers = select(s.accounts.c.id).where(s.accounts.c.conversation_id == conversation_id)
    mailboxes.hold(connection, set(connection.scalars(waits)) | set(connection.scalars(hers)))


def _forget_person(connection: Connection, participant_id: str) -> None:
    for table in _GONE:
        connection.execute(delete(table).where(table.c.participant_id == participant_id))
    c = s.cases.c
    connection.execute(update(s.cases).where(c.participant_id == participant_id).values(participant_id=None))
    connection.execute(delete(s.participants).where(s.participants.c.id == participant_id))


def _forget_copies(connection: Connection, participant_id: str | None, cases: Sequence[str], now: datetime) -> None:
    """What of her went, or was to go, into the chats of staff: her case's texts and the answers she shared."""
    shared = select(s.reflections.c.id).where(s.reflections.c.participant_id == participant_id)
    c = s.outbox.c
    _empty(connection, and_(c.act != Act.DELETE, or_(c.case_id.in_(cases), c.ref.in_(shared))), now)


def _empty(connection: Connection, sends: ColumnElement[bool], now: datetime) -> None:
    """Nothing of these can be read, none goes any more; what is in flight stays so until its sender has its receipt."""
    state = s.outbox.c.state
    connection.execute(update(s.outbox).where(sends).values(body=None, purge_at=now + KEPT))
    connection.execute(update(s.outbox).where(sends, state == "sending").values(code="cancelled"))
    connection.execute(update(s.outbox).where(sends, state == "waiting").values(state="cancelled"))


def _forget_cases(connection: Connection, conversation_id: str, now: datetime) -> None:
    """No text stays; an open case keeps number, level, cohort and owner until it is closed, a closed one goes."""
    c = s.cases.c
    hers = select(c.id).where(c.conversation_id == conversation_id)
    connection.execute(delete(s.case_messages).where(s.case_messages.c.case_id.in_(hers)))
    connection.execute(delete(s.cases).where(c.conversation_id == conversation_id, c.state == CaseState.CLOSED))
    stub = {"body": None, "erased_at": now, "second_id": None, "earlier": None, "said_at": None}
    connection.execute(update(s.cases).where(c.conversation_id == conversation_id).values(**stub))


def _forget_conflicts(connection: Connection, conversation_id: str) -> None:
    """Who knows her in her own life goes, or stays as long as what is left of an open case, which may not ring her."""
    stub = select(s.cases.c.id).where(s.cases.c.conversation_id == conversation_id)
    if connection.scalar(stub.limit(1)) is None:
        connection.execute(delete(s.conflicts).where(s.conflicts.c.conversation_id == conversation_id))


def _forget_sends(connection: Connection, conversation_id: str, now: datetime) -> None:
    """Nothing planned happens, nothing kept can be read; the ids in `messages` stay for removing them from the chat."""
    connection.execute(delete(s.timers).where(s.timers.c.conversation_id == conversation_id))
    for table in (s.attempts, s.moves):
        connection.execute(delete(table).where(table.c.conversation_id == conversation_id))
    _empty(connection, s.outbox.c.conversation_id == conversation_id, now)
    hers = update(s.inbox).where(s.inbox.c.conversation_id == conversation_id)
    connection.execute(hers.values(body=None))
    connection.execute(hers.where(s.inbox.c.state == "pending").values(state="done"))


def _forget_elsewhere(connection: Connection, conversation_id: str, persons: Collection[bytes]) -> list[str]:
    """What an aiogram bot kept of her; the subjects whose keys must go."""
    blinds = connection.scalars(select(s.accounts.c.blind).where(s.accounts.c.conversation_id == conversation_id)).all()
    return fsm_rows.erase(connection, blinds, persons)


def _renew_accounts(connection: Connection, ids: Ids, conversation_id: str, now: datetime) -> dict[str, str]:
    """Every address of hers under a new id, without the address itself; a mailbox stays with what it has in flight."""
    renewed: dict[str, str] = {}
    c = s.accounts.c
    for row in connection.execute(select(s.accounts).where(c.conversation_id == conversation_id)).all():
        new = renewed[row.id] = ids.id()
        connection.execute(update(s.accounts).where(c.id == row.id).values(blind=nobodys(row.id)))
        connection.execute(
            insert(s.accounts).values(
                id=new, line=row.line, blind=row.blind, address=None, conversation_id=conversation_id, made_at=now
            )
        )
        flies = select(s.outbox.c.id).where(s.outbox.c.account_id == row.id, IS_PENDING, s.outbox.c.state == "sending")
        connection.execute(delete(s.mailboxes).where(s.mailboxes.c.account_id == row.id, ~flies.exists()))
        for table in (s.mailboxes, s.outbox, s.messages):
            connection.execute(update(table).where(table.c.account_id == row.id).values(account_id=new))
        connection.execute(delete(s.accounts).where(c.id == row.id))
    return renewed
