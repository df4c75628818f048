"""What a channel says later of messages it took: they come twice, late, in any order, and about rows long settled."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import Connection, bindparam, select, update

from bot.core.messages import Act, Stage, Trouble, Word
from bot.core.ports import Ids
from storage import accounts, mailboxes, outbox, pending
from storage import messages as sent_messages
from storage.driver import Statement
from storage.pending import Pending
from storage.receipts import stranded
from storage.schema import mailboxes as boxes
from storage.schema import messages, recipients
from storage.schema import outbox as rows
from storage.sealing import Sealer
from storage.settling import Change, Settled, counted, settle
from storage.verdicts import ARRIVED, HEARD, SENT, Verdict, judge_word


@dataclass(slots=True)
class Heard:
    """What was settled, and the words that must be said again: their row is held or in flight just now.

    `heeded` are the words of failure that settled a row of ours; no other may silence or stop the line.
    """

    settled: Settled = field(default_factory=Settled)
    left: list[Word] = field(default_factory=list)
    heeded: list[Word] = field(default_factory=list)


def hear(connection: Connection, sealer: Sealer, ids: Ids, line: str, words: Sequence[Word], now: datetime) -> Heard:
    """Write what these words mean for their rows; a word about a row that is no more means nothing."""
    known = pending.of_ids(connection, {word.key for word in words})
    free = mailboxes.lock(connection, {row.account_id for row in known.values()})
    fresh = pending.of_ids(connection, [row.id for row in known.values() if row.account_id in free])
    heard = Heard(left=[word for word in words if word.key in known and word.key not in fresh])
    changes: dict[str, Change] = {}
    for word in words:
        row = fresh.get(word.key)
        if row is None or row.id in changes:
            continue
        if word.stage is not Stage.FAILED:
            _keep_message(connection, ids, row, word)
            if (change := _take(connection, row, word, now)) is not None:
                changes[row.id] = change
        elif row.state == "sending":
            heard.left.append(word)
        elif (change := _fail(connection, sealer, row, word, now)) is not None:
            changes[row.id] = change
            heard.heeded.append(word)
            _silence(connection, line, word, now)
    changed = list(changes.values())
    heard.settled = settle(connection, sealer, ids, [*changed, *stranded(connection, changed)], now)
    _reopen(connection, sealer, changed, now)
    return heard


def _take(connection: Connection, row: Pending, word: Word, now: datetime) -> Change | None:
    """The channel has it: doubt is over; while it is in flight only a mark is left for whoever waits for the answer."""
    if not word.is_last:
        return None
    if row.state == "waiting" and row.is_maybe_duplicate:
        _PASS.run(connection, account=row.account_id, lane=row.lane, due=row.due_at, now=now)
        return Change(row, SENT)
    if row.state == "unknown":
        _correct(connection, row, "sent")
    elif row.state == "sending" or (row.state == "sent" and word.stage is Stage.ARRIVED):
        _MARK.run(connection, row=row.id, code=ARRIVED if word.stage is Stage.ARRIVED else HEARD)
    return None


def _fail(connection: Connection, sealer: Sealer, row: Pending, word: Word, now: datetime) -> Change | None:
    """It did not arrive: what was taken for sent is judged again; a word about an earlier attempt changes nothing."""
    if word.failure is None:
        return None
    if row.state == "unknown":
        _correct(connection, row, "failed")
        return None
    is_last_attempt = row.state == "sent" and row.code != ARRIVED and _is_of(connection, row, word)
    is_in_doubt = row.state == "waiting" and row.is_maybe_duplicate
    if not (is_last_attempt or is_in_doubt):
        return None
    verdict = judge_word(row, word.failure, now, word.since(now))
    if verdict.state == "waiting" and not accounts.addresses(connection, sealer, [row.account_id]):
        verdict = GONE  # nobody is there any more to send it to again
    if row.broadcast_id is not None:
        _count(connection, row, "waiting")
    return Change(row, verdict)


def _keep_message(connection: Connection, ids: Ids, row: Pending, word: Word) -> None:
    """Remember the channel's id of a message whose answer was lost."""
    if row.act is not Act.SEND or row.state == "sent" or not word.message_id:
        return
    kept = {"id": ids.id(), "account_id": row.account_id, "conversation_id": row.conversation_id, "is_ours": True}
    about = {"external_id": word.message_id, "case_id": row.case_id, "tag": row.tag, "at": row.due_at}
    sent_messages.write(connection, [kept | about])


def _is_of(connection: Connection, row: Pending, word: Word) -> bool:
    """Whether it is about the message that stands for sent; what she hid is forgotten, but the only one is no other."""
    return row.attempts == 1 or bool(_KEPT.rows(connection, account=row.account_id, external=word.message_id))


def _correct(connection: Connection, row: Pending, state: str) -> None:
    """A row of which nobody knew: now it is known, and counted so."""
    connection.execute(update(rows).where(rows.c.id == row.id).values(state=state))
    if row.broadcast_id is not None:
        _count(connection, row, state)


def _count(connection: Connection, row: Pending, state: str) -> None:
    """How the broadcast stands with her."""
    hers = (recipients.c.broadcast_id == row.broadcast_id, recipients.c.participant_id == row.owner_id)
    connection.execute(update(recipients).where(*hers).values(state=counted(row, state)))


def _silence(connection: Connection, line: str, word: Word, now: datetime) -> None:
    failure = word.failure
    if failure is not None and failure.trouble is Trouble.RATE and failure.is_line_wide:
        mailboxes.pause_line(connection, line, word.since(now) + timedelta(seconds=failure.retry_after))


def _reopen(connection: Connection, sealer: Sealer, changes: Sequence[Change], now: datetime) -> None:
    """Let the mailboxes of these rows be looked at: some wait again, others are no longer in the way.

    Their leases stay as they are: another row of theirs may be in flight.
    """
    if not changes:
        return
    _WAKE.run(connection, accounts=sorted({one.row.account_id for one in changes}), now=now)
    due = {one.row.account_id: one.verdict.due_at for one in changes if one.verdict.due_at is not None}
    found = accounts.addresses(connection, sealer, due)
    sealer.ensure([f"account:{account_id}" for account_id in found])
    outbox.awaken(connection, sealer, {account_id: at for account_id, at in due.items() if account_id in found}, found)


GONE = Verdict("failed", why="refused", code="no_address")
_MARK = Statement(update(rows).where(rows.c.id == bindparam("row")).values(code=bindparam("code")))
_PASS = Statement(
    update(rows)
    .where(
        rows.c.account_id == bindparam("account"),
        rows.c.lane == bindparam("lane"),
        rows.c.state == "waiting",
        rows.c.attempts == 0,
        rows.c.due_at == bindparam("due"),
    )
    .values(due_at=bindparam("now"))
)
"""What waited behind a row in doubt goes now."""
_THEIRS = boxes.c.account_id.in_(bindparam("accounts", expanding=True))
_WAKE = Statement(update(boxes).where(_THEIRS).values(next_due_at=bindparam("now")))
_KEPT = Statement(
    select(messages.c.id).where(
        messages.c.account_id == bindparam("account"), messages.c.external_id == bindparam("external")
    )
)
