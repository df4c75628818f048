"""What goes when: empties and deletes everything past the date that the schema gives it (S18)."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, Select, Table, and_, delete, or_, select, update

from storage import audit
from storage import schema as s
from storage.fsm_schema import fsm
from storage.sealing import Sealer

PORTION = 500
"""The most rows of a table that one purge touches, so that nobody waits long for the write lock."""

YOUNG = timedelta(hours=1)
"""A younger key may belong to somebody whose transaction has not ended yet."""
STUBS_LIVE = timedelta(days=30)
AUDIT_LIVES = timedelta(days=3 * 365)
FSM_LIVES = timedelta(days=90)
"""What an aiogram bot keeps, from its last change on."""

_Rule = Callable[[datetime], ColumnElement[bool]]

_DELETED: tuple[tuple[Table, _Rule], ...] = (
    (s.inbox, lambda now: and_(s.inbox.c.expires_at <= now, s.inbox.c.state != "pending")),
    (s.messages, lambda now: s.messages.c.at <= now - timedelta(hours=49)),
    (s.attempts, lambda now: s.attempts.c.at <= now - timedelta(hours=1)),
    (s.harms, lambda now: s.harms.c.expires_at <= now),
    (s.reflections, lambda now: s.reflections.c.expires_at <= now),
    (s.moves, lambda now: s.moves.c.expires_at <= now),
    (s.invitations, lambda now: s.invitations.c.expires_at <= now - timedelta(days=30)),
    (fsm, lambda now: fsm.c.changed_at <= now - FSM_LIVES),
    (s.outbox, lambda now: and_(s.outbox.c.purge_at <= now, s.outbox.c.state.not_in(("waiting", "sending")))),
)


def purge(connection: Connection, sealer: Sealer, now: datetime) -> dict[str, int]:
    """One portion of every table; the number of rows by table, 0 everywhere when nothing is past its date."""
    done = {table.name: _delete(connection, table, rule(now)) for table, rule in _DELETED}
    done["cases"] = _empty_cases(connection, now)
    done["stubs"] = _drop_stubs(connection, now)
    done["broadcasts"] = _empty_broadcasts(connection, now)
    done["audit"] = audit.purge(connection, sealer, now - AUDIT_LIVES, PORTION)
    return done


def orphans(connection: Connection, subjects: Sequence[str]) -> list[str]:
    """Those among these subjects of whom the database holds nothing that their keys could open."""
    found: list[str] = []
    for kind, alive in _ALIVE.items():
        ids = [subject.removeprefix(f"{kind}:") for subject in subjects if subject.startswith(f"{kind}:")]
        if ids:
            living = set(connection.scalars(alive(ids)))
            found += [f"{kind}:{id_}" for id_ in ids if id_ not in living]
    return found


_ALIVE: dict[str, Callable[[Sequence[str]], Select[str]]] = {
    "participant": lambda ids: select(s.participants.c.id).where(s.participants.c.id.in_(ids)),
    "account": lambda ids: select(s.accounts.c.id).where(s.accounts.c.id.in_(ids)),
    "staff": lambda ids: select(s.staff.c.id).where(s.staff.c.id.in_(ids)),
    "group": lambda ids: select(s.conversations.c.id).where(s.conversations.c.id.in_(ids)),
    "fsm": lambda ids: select(fsm.c.id).where(fsm.c.id.in_(ids)),
    "case": lambda ids: select(s.cases.c.id).where(s.cases.c.id.in_(ids), s.cases.c.body.is_not(None)),
}


def _delete(connection: Connection, table: Table, past: ColumnElement[bool]) -> int:
    key = next(iter(table.primary_key.columns))
    old = connection.scalars(select(key).where(past).order_by(key).limit(PORTION)).all()
    if old:
        connection.execute(delete(table).where(key.in_(old)))
    return len(old)


def _empty_cases(connection: Connection, now: datetime) -> int:
    """A case past its date keeps its columns without words; its messages go, and what was sent of it."""
    c = s.cases.c
    past = and_(c.expires_at <= now, c.erased_at.is_(None))
    old = connection.scalars(select(c.id).where(past).limit(PORTION)).all()
    if old:
        connection.execute(delete(s.case_messages).where(s.case_messages.c.case_id.in_(old)))
        connection.execute(update(s.cases).where(c.id.in_(old)).values(body=None, expires_at=None))
        gone = (s.outbox.c.case_id.in_(old), s.outbox.c.state.not_in(("waiting", "sending")))
        connection.execute(update(s.outbox).where(*gone).values(body=None))
    return len(old)


def _drop_stubs(connection: Connection, now: datetime) -> int:
    """What is left of the case of somebody erased goes when its owner closed it, at the latest after 30 days (S22).

    With it goes who was kept apart from her, if nobody has joined in that chat since.
    """
    c = s.cases.c
    past = and_(c.erased_at.is_not(None), or_(c.expires_at <= now, c.erased_at <= now - STUBS_LIVE))
    stubs = connection.execute(select(c.id, c.conversation_id).where(past).limit(PORTION)).all()
    if stubs:
        old, chats = [stub.id for stub in stubs], [stub.conversation_id for stub in stubs]
        connection.execute(delete(s.case_messages).where(s.case_messages.c.case_id.in_(old)))
        connection.execute(delete(s.cases).where(c.id.in_(old)))
        joined = select(s.participants.c.conversation_id).where(s.participants.c.conversation_id.in_(chats))
        apart = s.conflicts.c.conversation_id
        connection.execute(delete(s.conflicts).where(apart.in_(chats), apart.not_in(joined)))
    return len(stubs)


def _empty_broadcasts(connection: Connection, now: datetime) -> int:
    """Seven days after its end a broadcast keeps its counts without words."""
    c = s.broadcasts.c
    past = and_(c.body.is_not(None), c.state.in_(("done", "cancelled")), c.expires_at <= now - timedelta(days=7))
    old = connection.scalars(select(c.id).where(past).limit(PORTION)).all()
    if old:
        connection.execute(update(s.broadcasts).where(c.id.in_(old)).values(body=None))
    return len(old)
