"""What becomes of an outbox row: the table of outcomes by class, as pure functions.

| outcome                | reply, lesson                  | escalation                   | broadcast          |
|------------------------|--------------------------------|------------------------------|--------------------|
| rate                   | waits `retry_after`            | the same                     | the same           |
| again                  | after 1, 2, 4 .. 60 s          | the same, for ever           | the same           |
| ambiguous              | once more, marked              | again until a person acts    | unknown, never again |
| crash while sending    | once more for each crash       | the same                     | unknown, never again |
| refused                | dead letter                    | plain text first             | dead letter        |

Edits and deletions change nothing when repeated, so doubt only repeats them.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.core.messages import Act, Parcel, Receipt, SendFailure, Sent, Trouble
from storage.pending import Pending

CRASHES = 5
"""After so many attempts a row found in flight is given up: perhaps it is what kills the process."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """The row's next state; `why` is what its conversation is told (SendsFailed.why), empty for nothing.

    `is_uncounted` takes the attempt back; `is_doubtful` marks a possible duplicate; `is_plain` takes the buttons off.
    """

    state: str
    why: str = ""
    code: str | None = None
    due_at: datetime | None = None
    is_uncounted: bool = False
    is_doubtful: bool = False
    is_plain: bool = False


SENT = Verdict("sent")
EXPIRED = Verdict("expired", why="expired")
CANCELLED = Verdict("cancelled")
PUT_BACK = Verdict("waiting", is_uncounted=True)


def judge(row: Pending, parcel: Parcel, receipt: Receipt, now: datetime) -> Verdict:
    """What the receipt of a parcel means for its row; an edit without a message to edit went as a parcel to send."""
    if isinstance(receipt, Sent):
        return SENT
    return _if_still_wanted(row, _judge_failure(row, parcel, receipt, now))


def judge_crashed(row: Pending, now: datetime) -> Verdict:
    """What to do with a row whose sender died while it was in flight."""
    if row.is_broadcast and row.act is Act.SEND:
        return Verdict("unknown", why="unknown", code="crash")
    if row.attempts >= CRASHES and not row.is_escalation:
        return Verdict("unknown", why="unknown", code="crash")
    again = Verdict("waiting", code="crash", due_at=now, is_doubtful=row.act is Act.SEND)
    return _if_still_wanted(row, again)


def judge_hindered(row: Pending, now: datetime) -> Verdict | None:
    """Whether a waiting row must never go any more; None when it may."""
    if row.broadcast_state == "cancelled":
        return CANCELLED
    if row.is_barred(now):
        return Verdict("cancelled", why="expired" if row.ref else "", code="barred")
    return EXPIRED if row.is_expired(now) else None


def _judge_failure(row: Pending, parcel: Parcel, failure: SendFailure, now: datetime) -> Verdict:
    code = failure.code[:40] or None
    match failure.trouble:
        case Trouble.RATE | Trouble.TOKEN | Trouble.MOVED:
            verdict = Verdict("waiting", code=code, is_uncounted=failure.trouble is not Trouble.MOVED)
        case Trouble.UNREACHABLE:
            verdict = Verdict("failed", why="unreachable", code=code)
        case Trouble.REFUSED:
            verdict = _refuse(row, parcel, now, code)
        case Trouble.AMBIGUOUS if parcel.act is Act.SEND:
            verdict = _doubt(row, now, code)
        case Trouble.GONE if parcel.act is Act.DELETE:
            verdict = SENT
        case _:
            verdict = _again(row, now, code)
    return verdict


def _again(row: Pending, now: datetime, code: str | None, *, is_doubtful: bool = False) -> Verdict:
    due_at = now + timedelta(seconds=min(2 ** max(0, row.attempts - 1), 60))
    if row.expires_at is not None and row.expires_at <= due_at:
        return EXPIRED
    return Verdict("waiting", code=code, due_at=due_at, is_doubtful=is_doubtful)


def _doubt(row: Pending, now: datetime, code: str | None) -> Verdict:
    if row.is_broadcast or (row.is_maybe_duplicate and not row.is_escalation):
        return Verdict("unknown", why="unknown", code=code)
    return _again(row, now, code, is_doubtful=True)


def _refuse(row: Pending, parcel: Parcel, now: datetime, code: str | None) -> Verdict:
    if row.is_escalation and parcel.outgoing is not None and parcel.outgoing.rows:
        return Verdict("waiting", code=code, due_at=now, is_plain=True)
    return Verdict("failed", why="refused", code=code)


def _if_still_wanted(row: Pending, verdict: Verdict) -> Verdict:
    """A row that was cancelled while it was in flight does not go again."""
    is_withdrawn = row.code == "cancelled" and verdict.state == "waiting"
    return CANCELLED if is_withdrawn else verdict
