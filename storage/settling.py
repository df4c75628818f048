"""Settling: writes verdicts on outbox rows and tells everybody who must know, in the same commit."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from operator import itemgetter
from typing import NamedTuple

from sqlalchemy import Connection, and_, bindparam, null, or_, update

from bot.core.conversation import LATE, SHOWN, Owner
from bot.core.effects import Purpose
from bot.core.event import Event
from bot.core.events import BroadcastMoved, DeskAlarmed, ReachChanged, SendsFailed
from bot.core.ports import Ids
from storage import inbox
from storage.driver import Statement
from storage.pending import Pending
from storage.schema import outbox, recipients
from storage.sealing import Sealer
from storage.verdicts import Verdict

KEPT = timedelta(days=7)
"""How long a row that is over is kept, and the body of one that was sent."""
PROGRESS = 5
"""A coordinator hears at most every so many seconds how her broadcast goes."""

_RECIPIENT = {"sent": "sent", "failed": "failed", "expired": "failed", "unknown": "unknown", "cancelled": "cancelled"}


class Change(NamedTuple):
    """A row and what becomes of it; `body` replaces the sealed body when given."""

    row: Pending
    verdict: Verdict
    body: bytes | None = None

    @property
    def is_final(self) -> bool:
        """Whether the row is over."""
        return self.verdict.state != "waiting"


@dataclass(slots=True)
class Settled:
    """How many rows came to which state, and the events that were posted."""

    counts: defaultdict[str, int] = field(default_factory=lambda: defaultdict(int))
    posted: list[str] = field(default_factory=list)

    def add(self, other: "Settled") -> None:
        """Count another settlement in."""
        for state, count in other.counts.items():
            self.counts[state] += count
        self.posted += other.posted


def settle(connection: Connection, sealer: Sealer, ids: Ids, changes: Sequence[Change], now: datetime) -> Settled:
    """Write the changes, the recipients of broadcasts, and the posts."""
    settled = Settled()
    if not changes:
        return settled
    _write(connection, changes, now)
    _write_recipients(connection, changes)
    for change in changes:
        settled.counts[change.verdict.state] += 1
    told = [*_failures(changes), *_reach(changes), *_progress(changes, now)]
    posts = [inbox.Post(ids.id(), name, to, event) for name, to, event in told]
    settled.posted = inbox.post(connection, sealer, posts, now) if posts else []
    return settled


def _write(connection: Connection, changes: Sequence[Change], now: datetime) -> None:
    """Rows sent keep their body a week; of all others that are over nothing is left to read."""
    c = outbox.c
    sent = [change.row.id for change in changes if change.verdict.state == "sent"]
    if sent:
        _SENT.run(connection, ids=sent, until=now + KEPT)
    over = [change for change in changes if change.is_final and change.verdict.state != "sent"]
    if over:
        end = update(outbox).where(c.id == bindparam("row"))
        end = end.values(state=bindparam("now_state"), code=bindparam("why"), body=null(), purge_at=now + KEPT)
        connection.execute(end, [_over(change) for change in over])
    again = [change for change in changes if not change.is_final]
    if again:
        connection.execute(_AGAIN, [_again(change) for change in again])
    plain = [{"row": change.row.id, "plain": change.body} for change in again if change.body is not None]
    if plain:
        connection.execute(update(outbox).where(c.id == bindparam("row")).values(body=bindparam("plain")), plain)


_SENT = Statement(
    update(outbox)
    .where(outbox.c.id.in_(bindparam("ids", expanding=True)))
    .values(state="sent", purge_at=bindparam("until"), code=null())
)
_AGAIN = (
    update(outbox)
    .where(outbox.c.id == bindparam("row"))
    .values(
        state="waiting",
        code=bindparam("why"),
        due_at=bindparam("due"),
        attempts=bindparam("tries"),
        is_maybe_duplicate=bindparam("doubtful"),
    )
)


def _over(change: Change) -> dict[str, object]:
    return {"row": change.row.id, "now_state": change.verdict.state, "why": change.verdict.code or change.row.code}


def _again(change: Change) -> dict[str, object]:
    row, verdict = change.row, change.verdict
    return {
        "row": row.id,
        "why": verdict.code,
        "due": verdict.due_at or row.due_at,
        "tries": max(0, row.attempts - verdict.is_uncounted),
        "doubtful": row.is_maybe_duplicate or verdict.is_doubtful,
    }


def _write_recipients(connection: Connection, changes: Sequence[Change]) -> None:
    rows = [
        {
            "broadcast": change.row.broadcast_id,
            "her": change.row.owner_id,
            "now_state": counted(change.row, _RECIPIENT[change.verdict.state]),
            "why": change.verdict.why[:20] or None,
        }
        for change in changes
        if change.is_final and change.row.broadcast_id is not None
    ]
    if rows:
        r = recipients.c
        hers = and_(r.broadcast_id == bindparam("broadcast"), r.participant_id == bindparam("her"))
        is_late = and_(r.state == "left_out", r.reason == LATE)  # it ended while this was on its way
        moved = update(recipients).where(hers, or_(r.state == "waiting", is_late))
        rows.sort(key=itemgetter("broadcast", "her"))  # as turns do
        connection.execute(moved.values(state=bindparam("now_state"), reason=bindparam("why")), rows)


def counted(row: Pending, state: str) -> str:
    """How a broadcast that came to this counts: one that she opened herself apart from one that was pushed."""
    return SHOWN if state == "sent" and row.tag == SHOWN else state


# ---- who must know

Told = tuple[str, str, Event]
"""The post's own id (the same one is recorded once), the conversation, the event."""


def _failures(changes: Sequence[Change]) -> list[Told]:
    """One event for each conversation, reason, case and answer; a broadcast is told to its coordinator alone.

    Of what was for an address that she has left only answers are told: it says nothing of her where she is now (S17).
    """
    groups: defaultdict[tuple[str, str, str, str], list[Pending]] = defaultdict(list)
    for change in changes:
        row, why = change.row, change.verdict.why
        if row.owner is Owner.PARTICIPANT and row.is_left:
            why = {"unreachable": "left"}.get(why, why) if row.purpose == Purpose.ANSWER else ""
        if why and row.purpose != Purpose.BROADCAST and row.broadcast_id is None:
            groups[row.conversation_id, why, row.case_id or "", row.ref or ""].append(row)
    return [
        (f"{rows[0].id}/{why}", chat, SendsFailed(why, tuple(sorted({row.purpose for row in rows})), case_id, ref))
        for (chat, why, case_id, ref), rows in groups.items()
    ]


def _reach(changes: Sequence[Change]) -> list[Told]:
    """The conversation learns that its account cannot be reached, if it is the one where she is answered."""
    told: dict[str, Told] = {}
    for change in changes:
        row = change.row
        if change.verdict.state == "failed" and change.verdict.why == "unreachable" and not row.is_left:
            told[row.conversation_id] = (f"{row.id}/reach", row.conversation_id, ReachChanged(is_reachable=False))
    return list(told.values())


def _progress(changes: Sequence[Change], now: datetime) -> list[Told]:
    span = int(now.timestamp()) // PROGRESS
    told: dict[str, Told] = {}
    for change in changes:
        row = change.row
        if not change.is_final or row.broadcast_id is None or row.coordinator_id is None:
            continue
        moved = BroadcastMoved(row.broadcast_id)
        told[row.broadcast_id] = (f"{row.broadcast_id}/moved/{span}", row.coordinator_id, moved)
        if change.verdict.state == "unknown":
            alarm = DeskAlarmed("broadcast_unknown")
            told[f"{row.broadcast_id}?"] = (f"{row.broadcast_id}/unknown", row.coordinator_id, alarm)
    return list(told.values())
