"""Outbox rows that have not gone yet, as delivery sees them: everything but the words."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import Connection, Select, and_, bindparam, or_, select, text

from bot.core.conversation import Owner
from bot.core.effects import Purpose
from bot.core.messages import Act, Lane
from storage.conversations import subject_of
from storage.driver import Statement
from storage.outbox import IS_PENDING
from storage.schema import broadcasts, cohorts, conversations, outbox, participants

IS_WAITING = text("outbox.state = 'waiting'")

PROMPT = timedelta(seconds=3)
"""A messenger mostly shows within one second what it was given; after this long we take it that it has not."""

UNPROMPTED = frozenset({Purpose.PUSH, Purpose.COVER, Purpose.BROADCAST})
"""What does not go to her while she is paused (S1, S3)."""
PROGRAMME = frozenset({Purpose.PUSH, Purpose.BROADCAST})
"""What does not go to her while pushes wait for a person's word; that person may still write to her (S23)."""
UNWANTED = UNPROMPTED | {Purpose.ANSWER}
"""What does not go to her once she said stop or hide (S3)."""


class Pending(NamedTuple):
    """One row, with what may stand in its way: how the participant stands, what became of its broadcast."""

    seq: int
    id: str
    account_id: str
    conversation_id: str
    lane: int
    act: Act
    purpose: str
    due_at: datetime
    expires_at: datetime | None
    state: str
    attempts: int
    is_maybe_duplicate: bool
    code: str | None
    case_id: str | None
    broadcast_id: str | None
    tag: str
    ref: str | None
    made_at: datetime
    owner: Owner
    owner_id: str
    current_account_id: str | None
    last_in_at: datetime | None
    frozen_at: datetime | None
    stopped_at: datetime | None
    hidden_at: datetime | None
    paused_until: datetime | None
    withheld_at: datetime | None
    cohort_withheld_at: datetime | None
    broadcast_state: str | None
    coordinator_id: str | None  # the conversation that follows the broadcast

    def renewed(self, state: str, attempts: int, code: str | None, account_id: str = "") -> "Pending":
        """The same row as it stands now; the very same where nothing has changed."""
        if account_id not in {"", self.account_id}:
            return self._replace(state=state, attempts=attempts, code=code, account_id=account_id)
        if (self.state, self.attempts, self.code) == (state, attempts, code):
            return self
        return Pending._make((*self[:_STATE], state, attempts, self.is_maybe_duplicate, code, *self[_CODE + 1 :]))

    @property
    def is_left(self) -> bool:
        """Whether she has left the address it goes to: she is answered at another one by now (S17)."""
        return self.current_account_id not in {None, self.account_id}

    @property
    def is_broadcast(self) -> bool:
        """Whether it must never be sent twice (architecture §2, rule 8)."""
        return self.broadcast_id is not None or self.lane == Lane.BROADCAST.rank

    @property
    def is_escalation(self) -> bool:
        """Whether it is sent until a person acknowledges it."""
        return self.lane == Lane.ESCALATION.rank

    @property
    def subjects(self) -> tuple[str, ...]:
        """Whose keys may have sealed its body: the owner's, or the account's if it was queued before she joined."""
        owner, account = subject_of(self.owner, self.owner_id), f"account:{self.account_id}"
        return (owner,) if owner == account else (owner, account)

    @property
    def heard_at(self) -> datetime | None:
        """When she last acted by herself from the address it goes to; None when she writes from another one."""
        return self.last_in_at if self.current_account_id == self.account_id else None

    @property
    def _is_after_stop(self) -> bool:
        """Whether she stopped, and this is no answer that she asked for by an act of hers since (S3)."""
        if self.stopped_at is None:
            return False
        has_acted_since = self.heard_at is not None and self.heard_at > self.stopped_at
        return self.purpose in UNPROMPTED or not has_acted_since

    def is_barred(self, now: datetime) -> bool:
        """Whether it must not go to her any more, whatever the turn thought that queued it (S3).

        What takes messages out of her chat still goes: it shows nothing and protects a phone in other hands.
        """
        if self.act is Act.DELETE:
            return False
        if self.frozen_at is not None:
            return True
        if self.purpose in UNWANTED and (self.hidden_at is not None or self._is_after_stop):
            return True
        if self.purpose in PROGRAMME and (self.withheld_at is not None or self.cohort_withheld_at is not None):
            return True
        return self.purpose in UNPROMPTED and self.paused_until is not None and self.paused_until > now

    def is_expired(self, now: datetime) -> bool:
        """Whether it is too late for it, or will be before it may go."""
        return self.expires_at is not None and (self.expires_at <= now or self.expires_at <= self.due_at)


def of_accounts(connection: Connection, account_ids: Iterable[str]) -> dict[str, list[Pending]]:
    """Everything pending of these mailboxes, each in order of lane and seq."""
    found: defaultdict[str, list[Pending]] = defaultdict(list)
    wanted = list(account_ids)
    if wanted:
        for row in _OF_ACCOUNTS.rows(connection, accounts=wanted):
            found[row.account_id].append(row)
    return found


def of_ids(connection: Connection, ids: Iterable[str]) -> dict[str, Pending]:
    """These rows as they are now, by id; rows that were erased meanwhile are missing."""
    wanted = list(ids)
    return {row.id: row for row in _OF_IDS.rows(connection, ids=wanted)} if wanted else {}


def renewed(connection: Connection, rows: Iterable[Pending]) -> dict[str, Pending]:
    """These rows with what may have changed of them while they were in flight and nothing went wrong, by id."""
    known = {row.id: row for row in rows}
    fresh = _FLIGHTS.rows(connection, ids=list(known)) if known else []
    return {id_: known[id_].renewed(*standing) for id_, *standing in fresh}


def past(connection: Connection, line_accounts: Select[tuple[str]], now: datetime, limit: int) -> list[Pending]:
    """Rows that wait although it is too late for them."""
    query = _ROWS.where(IS_WAITING, outbox.c.expires_at <= now, outbox.c.account_id.in_(line_accounts)).limit(limit)
    return [_pending(list(found)) for found in connection.execute(query)]


def _pending(row: list[Any]) -> Pending:
    """A row with act and owner as what they are."""
    row[_ACT], row[_OWNER] = _ACTS[row[_ACT]], _OWNERS[row[_OWNER]]
    return Pending._make(row)


_ACT, _OWNER, _STATE, _CODE = map(Pending._fields.index, ("act", "owner", "state", "code"))


_ACTS = {act.value: act for act in Act}
_OWNERS = {owner.value: owner for owner in Owner}


_COLUMNS = (
    "seq id account_id conversation_id lane act purpose due_at expires_at state attempts is_maybe_duplicate code"
    " case_id broadcast_id tag ref made_at"
).split()
_ROWS = (
    select(
        *(outbox.c[name] for name in _COLUMNS),
        conversations.c.owner,
        conversations.c.owner_id,
        conversations.c.account_id.label("current_account_id"),
        conversations.c.last_in_at,
        participants.c.frozen_at,
        participants.c.stopped_at,
        participants.c.hidden_at,
        participants.c.paused_until,
        participants.c.withheld_at,
        cohorts.c.withheld_at.label("cohort_withheld_at"),
        broadcasts.c.state.label("broadcast_state"),
        broadcasts.c.conversation_id.label("coordinator_id"),
    )
    .join(conversations, conversations.c.id == outbox.c.conversation_id)
    .outerjoin(
        participants,
        and_(conversations.c.owner == Owner.PARTICIPANT, participants.c.id == conversations.c.owner_id),
    )
    .outerjoin(cohorts, cohorts.c.id == participants.c.cohort_id)
    .outerjoin(broadcasts, broadcasts.c.id == outbox.c.broadcast_id)
    .order_by(outbox.c.account_id, outbox.c.lane, outbox.c.seq)
)
_THESE = outbox.c.id.in_(bindparam("ids", expanding=True))
_OF_ACCOUNTS = Statement(
    _ROWS.where(outbox.c.account_id.in_(bindparam("accounts", expanding=True)), IS_PENDING), _pending
)
_OF_IDS = Statement(_ROWS.where(_THESE), _pending)
_FLIGHTS = Statement(
    select(outbox.c.id, outbox.c.state, outbox.c.attempts, outbox.c.code, outbox.c.account_id).where(_THESE), tuple
)


_UNSEEN = Statement(
    select(outbox.c.conversation_id)
    .where(
        IS_PENDING,
        text("outbox.act = 'send' AND outbox.purpose IN ('reply','noticed')"),
        or_(IS_WAITING, outbox.c.made_at < bindparam("slow")),
        outbox.c.conversation_id.in_(bindparam("chats", expanding=True)),
        or_(outbox.c.expires_at.is_(None), outbox.c.expires_at > bindparam("now")),
    )
    .distinct()
)


def unseen(connection: Connection, conversation_ids: Sequence[str], now: datetime) -> frozenset[str]:
    """Those of these conversations to which something was answered that is not on her screen, as far as we know.

    It waits for its turn, or a slow messenger has it in hand.
    """
    if not conversation_ids:
        return frozenset()
    rows = _UNSEEN.rows(connection, chats=conversation_ids, now=now, slow=now - PROMPT)
    return frozenset(row.conversation_id for row in rows)
