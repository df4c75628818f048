"""The record of who did what to which case: a chain, so that a row changed, moved or missing shows (S14).

Each row's `mac` is keyed over the row and the mac before it.  Two facts hold the ends: `audit_head` is the newest row,
`audit_base` the last row that was deleted because of its age.  Somebody who has the index key and may write to the
database can make a new chain; therefore the head should also be noted where the server cannot write.
"""

import hmac
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime

import orjson
from sqlalchemy import Connection, delete, func, insert, select, text

from bot.core.cases import CaseStep
from bot.core.effects import Audit
from storage.instants import EPOCH
from storage.schema import audit, facts
from storage.sealing import Sealer
from storage.upsert import upserting

HEAD, BASE = "audit_head", "audit_base"
_PORTION = 5_000
Link = tuple[int, bytes]
"""The seq and mac of a row; before the first one seq is 0 and the mac is empty."""
_BEFORE_ALL: Link = (0, b"")


def write(connection: Connection, sealer: Sealer, rows: Sequence[Audit], now: datetime) -> None:
    """Append rows; the chain is locked until the commit, so call this last."""
    if not rows:
        return
    _lock(connection)
    key, link = sealer.chain_key(), _end(connection, sealer, HEAD)
    linked = []
    for row in rows:
        values = (now, row.action, row.actor_id, row.case_id or None)
        link = (link[0] + 1, _mac(key, link, *values))
        linked.append(dict(zip(("at", "action", "actor_id", "case_id"), values, strict=True), seq=link[0], mac=link[1]))
    connection.execute(insert(audit), linked)
    _set_end(connection, sealer, HEAD, link)


def steps_of(connection: Connection, case_ids: Iterable[str]) -> dict[str, tuple[CaseStep, ...]]:
    """What was done with these cases, in order, by case."""
    found: defaultdict[str, list[CaseStep]] = defaultdict(list)
    query = select(audit).where(audit.c.case_id.in_(sorted(case_ids))).order_by(audit.c.seq)
    for row in connection.execute(query):
        found[row.case_id].append(CaseStep(row.at, row.action, row.actor_id))
    return {case_id: tuple(steps) for case_id, steps in found.items()}


def verify(connection: Connection, sealer: Sealer) -> str | None:
    """The seq of the first row that is missing, changed or out of place, as text; None when the chain is whole."""
    key = sealer.chain_key()
    link, head = _end(connection, sealer, BASE), _end(connection, sealer, HEAD)
    query = select(audit).order_by(audit.c.seq).execution_options(yield_per=_PORTION)
    with connection.execute(query) as rows:
        for row in rows:
            expected = _mac(key, link, row.at, row.action, row.actor_id, row.case_id)
            if row.seq != link[0] + 1 or not hmac.compare_digest(expected, row.mac):
                return str(link[0] + 1)
            link = (row.seq, row.mac)
    return None if link == head else str(min(link[0], head[0]) + 1)


def purge(connection: Connection, sealer: Sealer, before: datetime, limit: int) -> int:
    """Delete the oldest rows, at most `limit`, as far as they are older than `before`; the chain stays verifiable."""
    last = (
        select(audit.c.seq, audit.c.mac)
        .where(audit.c.at < before, audit.c.seq <= select(func.min(audit.c.seq) + limit - 1).scalar_subquery())
        .order_by(audit.c.seq.desc())
        .limit(1)
    )
    _lock(connection)
    found = connection.execute(last).one_or_none()
    if found is None:
        return 0
    _set_end(connection, sealer, BASE, (found.seq, found.mac))
    return connection.execute(delete(audit).where(audit.c.seq <= found.seq)).rowcount


def _mac(key: bytes, before: Link, at: datetime, action: str, actor_id: str, case_id: str | None) -> bytes:
    fields = [before[0] + 1, before[1].hex(), str(at - EPOCH), action, actor_id, case_id]
    return hmac.digest(key, b"row" + orjson.dumps(fields), "sha256")


def _lock(connection: Connection) -> None:
    """One writer at a time; SQLite has no more than one."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(7211)"))


def _end(connection: Connection, sealer: Sealer, name: str) -> Link:
    """An end of the chain; one that is missing or not ours counts as before all, and verifying shows it."""
    value = connection.execute(select(facts.c.value).where(facts.c.name == name)).scalar()
    if value is None:
        return _BEFORE_ALL
    seq, mac, seal = value.split("|")
    return (int(seq), bytes.fromhex(mac)) if hmac.compare_digest(seal, _seal(sealer, name, seq, mac)) else _BEFORE_ALL


def _set_end(connection: Connection, sealer: Sealer, name: str, link: Link) -> None:
    seq, mac = str(link[0]), link[1].hex()
    value = f"{seq}|{mac}|{_seal(sealer, name, seq, mac)}"
    row = upserting(connection, facts).values(name=name, value=value)
    connection.execute(row.on_conflict_do_update(index_elements=[facts.c.name], set_={"value": value}))


def _seal(sealer: Sealer, name: str, seq: str, mac: str) -> str:
    return hmac.digest(sealer.chain_key(), f"{name}|{seq}|{mac}".encode(), "sha256").hex()
