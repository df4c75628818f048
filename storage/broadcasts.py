"""One text to many: started and steered by a coordinator, expanded into one event for each mother."""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, and_, bindparam, func, insert, or_, select, update

from bot.core.conversation import LATE, BroadcastFigures
from bot.core.effects import SettleRecipient, StartBroadcast, SteerBroadcast
from bot.core.errors import SealBroken
from bot.core.events import BroadcastArrived, BroadcastCancelled, BroadcastMoved
from bot.core.ports import Ids
from storage import inbox, mailboxes
from storage.inbox import Post
from storage.outbox import KEPT
from storage.schema import broadcasts, outbox, participants, recipients
from storage.sealing import Sealer
from storage.staff import join, split
from storage.unit import Turn, Unit
from storage.upsert import AnyRow, upserting

PLACE = "broadcasts.body"


def start(turn: Turn, effect: StartBroadcast) -> None:
    """Record it; nothing goes before `starts_at`."""
    turn.connection.execute(
        insert(broadcasts).values(
            id=effect.broadcast_id,
            by_id=turn.owner_id,
            conversation_id=turn.conversation_id,
            cohorts=join(frozenset(effect.cohort_ids)),
            body=turn.seal(turn.row.subject, PLACE, effect.broadcast_id, {"tg": effect.tg, "ru": effect.ru}),
            state="waiting",
            starts_at=effect.starts_at,
            expires_at=effect.expires_at,
            made_at=turn.now,
        )
    )


def steer(turn: Turn, effect: SteerBroadcast) -> None:
    """Pause, continue or cancel what has not ended; whom it reached already, and its author, hear of it.

    What everybody has the line of can be cancelled as long as it can be opened (S4).
    """
    b = broadcasts.c
    which = b.conversation_id == turn.conversation_id if effect.broadcast_id is None else b.id == effect.broadcast_id
    is_under_way = b.state.in_(["waiting", "running", "paused"])
    may_end = or_(is_under_way, _may_open(turn.now)) if effect.state == "cancelled" else is_under_way
    steered = update(broadcasts).where(which, may_end).values(state=effect.state)
    for id_, author in sorted(map(tuple, turn.connection.execute(steered.returning(b.id, b.conversation_id)))):
        if effect.state == "cancelled":
            _cancel(turn, id_)
        if author != turn.conversation_id:
            name = f"{turn.source}/steered/{id_}"
            turn.unit.posts.append(Post(turn.unit.ids.id(), name, author, BroadcastMoved(id_)))


def _may_open(now: datetime) -> ColumnElement[bool]:
    """Whether all have it, and some perhaps its line alone, which still opens."""
    return and_(broadcasts.c.state == "done", broadcasts.c.expires_at > now)


def _cancel(turn: Turn, broadcast_id: str) -> None:
    _stop(turn.connection, broadcast_id, turn.now)
    for to in _waiting(turn.connection, broadcast_id):
        name = f"{turn.source}/cancelled/{broadcast_id}/{to}"
        turn.unit.posts.append(Post(turn.unit.ids.id(), name, to, BroadcastCancelled(broadcast_id)))


def _waiting(connection: Connection, broadcast_id: str) -> list[str]:
    query = (
        select(participants.c.conversation_id)
        .join(recipients, recipients.c.participant_id == participants.c.id)
        .where(recipients.c.broadcast_id == broadcast_id, recipients.c.state == "waiting")
    )
    return list(connection.execute(query.order_by(participants.c.conversation_id)).scalars())


def _stop(connection: Connection, broadcast_id: str, now: datetime) -> None:
    """Nothing that waits in the outbox goes any more, from this commit on; a row in flight is not tried again.

    Only rows that wait in mailboxes that nobody holds are touched: the others belong to the sender, who sees the
    broadcast's state.
    """
    o, r = outbox.c, recipients.c
    mine = (o.broadcast_id == broadcast_id, o.state == "waiting")
    free = mailboxes.lock(connection, connection.scalars(select(o.account_id).where(*mine)).all())
    waiting = update(outbox).where(*mine, o.account_id.in_(free)).returning(o.conversation_id)
    values = {"state": "cancelled", "body": None, "purge_at": now + KEPT}
    chats = list(connection.execute(waiting.values(**values)).scalars())
    theirs = select(participants.c.id).where(participants.c.conversation_id.in_(chats))
    connection.execute(
        update(recipients)
        .where(r.broadcast_id == broadcast_id, r.state == "waiting", r.participant_id.in_(theirs))
        .values(state="cancelled")
    )


def settle(turn: Turn, effect: SettleRecipient) -> None:
    """What became of it for this mother; written last, as delivery does: after the mailboxes."""
    turn.unit.settled[effect.broadcast_id, turn.owner_id] = (effect.state, effect.reason or None)


def write_settled(unit: Unit) -> None:
    """Write what became of broadcasts, in the order of the locks."""
    r = recipients.c
    hers = and_(r.broadcast_id == bindparam("broadcast"), r.participant_id == bindparam("her"))
    rows = [
        {"broadcast": broadcast_id, "her": her, "now_state": state, "why": why}
        for (broadcast_id, her), (state, why) in sorted(unit.settled.items())
    ]
    if rows:
        settled = update(recipients).where(hers).values(state=bindparam("now_state"), reason=bindparam("why"))
        unit.connection.execute(settled, rows)


# ---- for the broadcast service


def running(connection: Connection, now: datetime) -> list[str]:
    """Those that have begun and not ended, oldest first."""
    b = broadcasts.c
    query = select(b.id).where(b.state.in_(["waiting", "running"]), b.starts_at <= now)
    return list(connection.execute(query.order_by(b.starts_at, b.id)).scalars())


def expand(connection: Connection, sealer: Sealer, ids: Ids, broadcast_id: str, now: datetime, limit: int) -> list[str]:
    """Post it to up to `limit` mothers who have not got it yet; the ids of the posts.

    It runs on, and can be cancelled, until nobody waits for it any more.

    The row of the broadcast is locked, so that two processes never expand it at once.
    """
    query = select(broadcasts).where(broadcasts.c.id == broadcast_id, broadcasts.c.state.in_(["waiting", "running"]))
    row = connection.execute(query.with_for_update()).one_or_none()
    if row is None or row.starts_at > now:
        return []
    arrived = _event(sealer, row) if row.expires_at > now else None
    mothers = _missing(connection, row, limit) if arrived else []
    if not mothers or arrived is None:
        return [] if arrived and _waiting(connection, row.id) else _end(connection, sealer, ids, row, now)
    r = [{"broadcast_id": row.id, "participant_id": id_, "state": "waiting"} for id_, _ in mothers]
    connection.execute(upserting(connection, recipients).on_conflict_do_nothing(), r)
    connection.execute(update(broadcasts).where(broadcasts.c.id == row.id).values(state="running"))
    posts = [Post(ids.id(), f"{row.id}/{id_}", to, arrived) for id_, to in mothers]
    return inbox.post(connection, sealer, posts, now)


def _event(sealer: Sealer, row: AnyRow) -> BroadcastArrived | None:
    """What to tell each mother; None when the text is gone."""
    try:
        body = sealer.open_json(f"staff:{row.by_id}", PLACE, row.id, row.body)
    except SealBroken:
        return None
    return BroadcastArrived(row.id, body["tg"], body["ru"], row.expires_at)


def _missing(connection: Connection, row: AnyRow, limit: int) -> list[tuple[str, str]]:
    p, r = participants.c, recipients.c
    got = select(r.participant_id).where(r.broadcast_id == row.id)
    theirs = and_(p.cohort_id.in_(split(row.cohorts)), p.joined_at <= row.starts_at)
    query = select(p.id, p.conversation_id).where(theirs, p.id.not_in(got))
    return [(id_, to) for id_, to in connection.execute(query.order_by(p.id).limit(limit))]


def _end(connection: Connection, sealer: Sealer, ids: Ids, row: AnyRow, now: datetime) -> list[str]:
    """Nobody waits for it any more, or it is too late: its coordinator hears so, and its text leaves who waited."""
    r = recipients.c
    over = BroadcastCancelled(row.id, is_over=True)
    posts = [Post(ids.id(), f"{row.id}/over/{to}", to, over) for to in _waiting(connection, row.id)]
    late = update(recipients).where(r.broadcast_id == row.id, r.state == "waiting")
    connection.execute(late.values(state="left_out", reason=LATE))
    connection.execute(update(broadcasts).where(broadcasts.c.id == row.id).values(state="done"))
    moved = Post(ids.id(), f"{row.id}/done", row.conversation_id, BroadcastMoved(row.id))
    return inbox.post(connection, sealer, [moved, *posts], now)


# ---- when she acts


def going(connection: Connection, broadcast_ids: Iterable[str], now: datetime) -> frozenset[str]:
    """Those of them that are neither withdrawn nor paused nor over."""
    wanted = sorted(broadcast_ids)
    if not wanted:
        return frozenset()
    b = broadcasts.c
    query = select(b.id).where(b.id.in_(wanted), b.state.in_(["running", "done"]), b.expires_at > now)
    return frozenset(connection.scalars(query))


# ---- figures


def latest(connection: Connection, staff_ids: Iterable[str], now: datetime) -> dict[str, BroadcastFigures]:
    """The latest broadcast of each of these coordinators, with counts."""
    wanted = sorted(staff_ids)
    if not wanted:
        return {}
    b, r = broadcasts.c, recipients.c
    query = (
        select(b.id, b.by_id, b.state, _may_open(now).label("may_open"))
        .where(b.by_id.in_(wanted))
        .order_by(b.made_at, b.id)
    )
    newest = {row.by_id: row for row in connection.execute(query)}
    counts: dict[str, Counter[str]] = {row.id: Counter() for row in newest.values()}
    left_out: dict[str, Counter[str]] = {id_: Counter() for id_ in counts}
    counted = select(r.broadcast_id, r.state, r.reason, func.count()).where(r.broadcast_id.in_(sorted(counts)))
    for id_, state, reason, count in connection.execute(counted.group_by(r.broadcast_id, r.state, r.reason)):
        is_left_out = state == "left_out" and reason != LATE
        counts[id_][LATE if state == "left_out" and not is_left_out else state] += count
        if is_left_out:
            left_out[id_][reason or ""] += count
    return {
        by: BroadcastFigures(row.id, row.state, counts[row.id], left_out[row.id], may_open=row.may_open)
        for by, row in newest.items()
    }
