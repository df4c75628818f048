"""Lines: until when each was heard, and whether it was away for longer than its messenger keeps what people write."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import Connection, select

from bot.core.events import DeskAlarmed
from bot.core.ports import Ids
from storage import inbox
from storage.inbox import Post
from storage.schema import lines
from storage.sealing import Sealer
from storage.upsert import upserting

KEPT = timedelta(hours=24)
"""So long Telegram keeps what nobody took in, and every messenger at least of which we do not know more."""
KEPT_BY = {"whatsapp": timedelta(days=7)}
_TOLD_APART = {"clock_wrong", "template_refused"}
"""Trouble with a sentence of its own; of any other, people need to know only that the line does not work."""


def hear(
    connection: Connection, sealer: Sealer, ids: Ids, line: str, coordinators: Iterable[str], heard_at: datetime
) -> list[str]:
    """Note that all a line's messenger had was taken in then; coordinators' conversations hear of a gap, once."""
    c = lines.c
    before = connection.scalar(select(c.seen_at).where(c.line == line).with_for_update())
    if before is not None and before >= heard_at:
        return []
    seen = upserting(connection, lines).values(line=line, seen_at=heard_at)
    connection.execute(seen.on_conflict_do_update(index_elements=[c.line], set_={"seen_at": heard_at}))
    if before is None or heard_at - before < KEPT_BY.get(line.partition(":")[0], KEPT):
        return []
    posts = _posts(ids, DeskAlarmed("gap"), f"{line}/gap/{before.isoformat()}", coordinators)
    return inbox.post(connection, sealer, posts, heard_at)


def alarm(
    connection: Connection,
    sealer: Sealer,
    ids: Ids,
    line: str,
    trouble: str,
    coordinators: Iterable[str],
    since: datetime,
) -> list[str]:
    """Coordinators' conversations hear, once for each time it began, that a line is in trouble."""
    what = trouble if trouble in _TOLD_APART else "line_stopped"
    posts = _posts(ids, DeskAlarmed(what), f"{line}/{trouble}/{since.isoformat()}", coordinators)
    return inbox.post(connection, sealer, posts, since)


def _posts(ids: Ids, alarm: DeskAlarmed, name: str, to: Iterable[str]) -> list[Post]:
    return [Post(ids.id(), f"{name}/{chat}", chat, alarm) for chat in to]
