"""What becomes of an outbox row: the table of outcomes by class, as pure functions.

| outcome   | reply                 | escalation                | push               | broadcast            |
|-----------|-----------------------|---------------------------|--------------------|----------------------|
| rate      | waits `retry_after`   | the same                  | the same           | the same             |
| again     | after 1, 2, 4 .. 60 s | the same                  | the same           | the same             |
| ambiguous | until it expires      | until a person acts       | once more          | unknown, never again |
| crash     | until it expires      | until a person acts       | at most 5 attempts | unknown, never again |
| refused   | dead letter           | plain text first          | dead letter        | dead letter          |

What is in doubt goes again at once or after a second, then after as long again as it has been under way (up to twice
that after a crash, by lot): so few copies reach anybody, a row that kills its sender does so ever more rarely, and
those that were in flight beside it get through without it.  The last attempt is made just before it expires; then its
conversation is told, and by it whoever owns the text: the staff member who answered, or, for what the program says
by itself, a line in her next hours.

A channel that speaks of a message later (WhatsApp) is given `patience` first: what is in doubt waits so long for its
word, and only then the table holds.  A word that came while the row was in flight stands in its `code`.

| failed by a word      | what becomes of it                                                                   |
|-----------------------|--------------------------------------------------------------------------------------|
| rate, again, token    | it did not arrive, so it waits and goes again, a broadcast too                       |
| window                | failed, and its conversation is told; so it is when the channel refuses it at once   |

Only what the desk is told never expires: in doubt it is given up, and told, after 30 days.  Edits and deletions
change nothing when repeated, so doubt only repeats them.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import blake2b

from bot.core.effects import Purpose
from bot.core.messages import UNFETCHED, Act, Lane, Parcel, Receipt, SendFailure, Sent, Trouble
from storage.pending import Pending

CRASHES = 5
"""After so many attempts a push found in flight is given up: nobody asked for it, and its page waits for her."""
LASTING = timedelta(days=30)
"""How long something in doubt that never expires goes on: longer than any outage."""
SOON, MINUTE, HOUR = timedelta(seconds=2), timedelta(minutes=1), timedelta(hours=1)
LAST_MOMENT = timedelta(seconds=5)
"""So long before it expires a row is tried for the last time."""
FETCHED_WITHIN = timedelta(minutes=15)
"""After so long whoever waits for a file hears that it does not come."""
SUSPECT = timedelta(minutes=10)
"""A row that still kills its sender after so long no longer holds back what comes after it."""


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


HEARD, ARRIVED = "heard", "arrived"
"""Codes of a row of which the channel said that it has it, or that it is on her phone."""
AWAITED, LAST_HOPE = "awaited", "no word"
"""Codes of a row in doubt whose word is waited for; the second never goes again, whatever is heard."""
NO_PATIENCE = timedelta()
SENT = Verdict("sent")
UNKNOWN = Verdict("unknown", why="unknown")
CANCELLED = Verdict("cancelled")
PUT_BACK = Verdict("waiting", is_uncounted=True)


def judge(row: Pending, parcel: Parcel, receipt: Receipt, now: datetime, patience: timedelta = NO_PATIENCE) -> Verdict:
    """What the receipt of a parcel means for its row; an edit without a message to edit went as a parcel to send."""
    if isinstance(receipt, Sent):
        return replace(SENT, why="unknown") if row.code == "cancelled" and _is_answer(row) else SENT
    if receipt.trouble is Trouble.AMBIGUOUS and parcel.act is Act.SEND:
        if row.code in {HEARD, ARRIVED}:
            return SENT
        if patience:
            return _if_still_wanted(row, _await(row, now, patience))
    return _if_still_wanted(row, _judge_failure(row, parcel, receipt, now))


def judge_word(row: Pending, failure: SendFailure, now: datetime, since: datetime) -> Verdict:
    """What it means that the channel says later: this did not arrive, as of then."""
    if failure.trouble in {Trouble.RATE, Trouble.AGAIN, Trouble.TOKEN}:
        pause = max(timedelta(seconds=failure.retry_after), timedelta(seconds=min(2**row.attempts, 60)))
        return _if_still_wanted(row, _retry(row, now, pause, failure.code[:40]))
    why = {Trouble.UNREACHABLE: "unreachable", Trouble.WINDOW: "window"}.get(failure.trouble, "refused")
    if why == "unreachable" and row.heard_at is not None and row.heard_at > since:
        why = "outlived"
    return Verdict("failed", why=why, code=failure.code[:40])


def judge_crashed(row: Pending, now: datetime, patience: timedelta = NO_PATIENCE) -> Verdict:
    """What to do with a row whose sender died while it was in flight."""
    is_send = row.act is Act.SEND
    if row.code in {HEARD, ARRIVED}:
        return SENT
    if row.is_broadcast and is_send and patience:
        return _if_still_wanted(row, _await(row, now, patience))
    if (row.is_broadcast and is_send) or (_is_push(row) and row.attempts >= CRASHES) or _is_given_up(row, now):
        return replace(UNKNOWN, code="crash")
    is_again = row.is_maybe_duplicate or row.code == "crash"
    pause = _as_long_again(row, now) * (1 + _lot(row)) if is_again else timedelta()
    pause = max(pause, patience) if is_send else pause
    return _if_still_wanted(row, _retry(row, now, pause, "crash", is_doubtful=is_send))


def judge_hindered(row: Pending, now: datetime) -> Verdict | None:
    """Whether a waiting row must never go any more; None when it may."""
    if row.broadcast_state == "cancelled":
        return CANCELLED
    if row.is_barred(now):
        return Verdict("cancelled", why="expired" if row.ref else "", code="barred")
    if row.is_expired(now):
        return expired(row)
    return replace(UNKNOWN, code=LAST_HOPE) if row.code == LAST_HOPE and row.due_at <= now else None


def _await(row: Pending, now: datetime, patience: timedelta) -> Verdict:
    """Wait for the channel's word, at least as long as the class of the row would wait."""
    verdict = _doubt(row, now, AWAITED)
    if verdict.state == "unknown":
        return _retry(row, now, patience, LAST_HOPE, is_doubtful=True)
    pause = max(verdict.due_at - now, patience) if verdict.due_at else patience
    return _retry(row, now, pause, AWAITED, is_doubtful=True)


def expired(row: Pending) -> Verdict:
    """Too late for it; the owner of an answer that may have arrived must not take it for unread."""
    is_doubtful = row.is_maybe_duplicate and row.purpose == Purpose.ANSWER
    return Verdict("expired", why="unknown" if is_doubtful else "expired")


def is_suspect(row: Pending, now: datetime) -> bool:
    """Whether others of its lane may pass it: it kills its sender perhaps itself, or its file does not come."""
    return row.code == UNFETCHED or (row.code in {"crash", "raised"} and now - row.made_at > SUSPECT)


def _judge_failure(row: Pending, parcel: Parcel, failure: SendFailure, now: datetime) -> Verdict:
    code = failure.code[:40] or None
    match failure.trouble:
        case Trouble.RATE | Trouble.TOKEN | Trouble.MOVED:
            verdict = Verdict("waiting", code=code, is_uncounted=failure.trouble is not Trouble.MOVED)
        case Trouble.UNREACHABLE:
            verdict = Verdict("failed", why="unreachable", code=code)
        case Trouble.WINDOW:
            verdict = Verdict("failed", why="window", code=code)
        case Trouble.REFUSED | Trouble.TEMPLATE:
            verdict = _refuse(row, parcel, now, code)
        case Trouble.AMBIGUOUS if parcel.act is Act.SEND:
            verdict = _doubt(row, now, code)
        case Trouble.GONE if parcel.act is Act.DELETE:
            verdict = SENT
        case Trouble.GONE if parcel.outgoing is not None and parcel.outgoing.file:
            verdict = Verdict("failed", why="gone", code=code)
        case _:
            verdict = _again(row, now, code)
    return verdict


def _again(row: Pending, now: datetime, code: str | None) -> Verdict:
    if code == UNFETCHED and now - row.made_at > FETCHED_WITHIN:
        return Verdict("failed", why="gone", code=code)
    return _retry(row, now, timedelta(seconds=min(2 ** max(0, row.attempts - 1), 60)), code)


def _doubt(row: Pending, now: datetime, code: str | None) -> Verdict:
    is_again = row.is_maybe_duplicate
    if row.is_broadcast or (is_again and _is_push(row)) or _is_given_up(row, now):
        return replace(UNKNOWN, code=code)
    pause = _as_long_again(row, now) if is_again else timedelta(seconds=1)
    return _retry(row, now, pause, code, is_doubtful=True)


def _retry(row: Pending, now: datetime, pause: timedelta, code: str | None, *, is_doubtful: bool = False) -> Verdict:
    """Once more after the pause, or just before the row expires if that is sooner."""
    due_at = now + pause
    if row.expires_at is not None and row.expires_at <= due_at:
        due_at = row.expires_at - LAST_MOMENT
        if due_at <= now:
            return replace(expired(row._replace(is_maybe_duplicate=row.is_maybe_duplicate or is_doubtful)), code=code)
    return Verdict("waiting", code=code, due_at=due_at, is_doubtful=is_doubtful)


def _as_long_again(row: Pending, now: datetime) -> timedelta:
    """As long as it has been under way, unless it only waited for others; an alarm rings every minute at least."""
    longest = MINUTE if row.is_escalation and row.expires_at is None else HOUR
    tried = timedelta(seconds=2 ** min(row.attempts, 12))
    return min(max(now - row.made_at, SOON), tried, longest)


def _lot(row: Pending) -> float:
    """Between 0 and 1, another for each row and attempt: those that died together do not go together again."""
    return blake2b(f"{row.id}{row.attempts}".encode(), digest_size=1).digest()[0] / 256


def _is_push(row: Pending) -> bool:
    return row.lane == Lane.SCHEDULE.rank and row.act is Act.SEND


def _is_given_up(row: Pending, now: datetime) -> bool:
    return row.expires_at is None and not row.is_escalation and now - row.made_at > LASTING


def _refuse(row: Pending, parcel: Parcel, now: datetime, code: str | None) -> Verdict:
    if row.is_escalation and parcel.outgoing is not None and parcel.outgoing.rows:
        return Verdict("waiting", code=code, due_at=now, is_plain=True)
    return Verdict("failed", why="refused", code=code)


def _if_still_wanted(row: Pending, verdict: Verdict) -> Verdict:
    """A row that was cancelled while it was in flight does not go again."""
    if row.code != "cancelled" or verdict.state != "waiting":
        return verdict
    is_doubtful = row.is_maybe_duplicate or verdict.is_doubtful
    return replace(CANCELLED, why="unknown" if is_doubtful else "withdrawn") if _is_answer(row) else CANCELLED


def _is_answer(row: Pending) -> bool:
    """Whether a member of staff believes that it is on its way."""
    return row.purpose == Purpose.ANSWER and bool(row.ref)
