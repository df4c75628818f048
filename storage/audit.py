"""The record of who read and did what: a chain in which a changed or missing row shows.

Each row's `mac` is keyed over the row and over the mac before it.  The number of the newest row is sealed into the
table `facts` as well, so that cutting off the end shows too.
"""

import hmac
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, insert, select, text

from bot.core.effects import Audit
from storage.schema import EPOCH, audit, facts
from storage.sealing import Sealer
from storage.upsert import upserting

_HEAD = "audit_head"
_START = b"\0" * 32


def write(connection: Connection, sealer: Sealer, rows: Sequence[Audit], now: datetime) -> None:
    """Append rows to the chain, in the caller's transaction."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(7211)"))  # one chain, one writer at a time
    key = sealer.chain_key()
    last = connection.execute(select(audit.c.seq, audit.c.mac).order_by(audit.c.seq.desc()).limit(1)).one_or_none()
    seq, mac = (last.seq, last.mac) if last else (0, _START)
    for row in rows:
        seq += 1
        values = {"seq": seq, "at": now, "action": row.action, "actor_id": row.actor_id, "case_id": row.case_id or None}
        mac = _mac(key, mac, seq, now, (row.action, row.actor_id, row.case_id))
        connection.execute(insert(audit).values(**values, mac=mac))
    head = _head(key, seq, mac)
    statement = upserting(connection, facts).values(name=_HEAD, value=head)
    connection.execute(statement.on_conflict_do_update(index_elements=[facts.c.name], set_={"value": head}))


def verify(connection: Connection, sealer: Sealer) -> str | None:
    """The number of the first row that was changed, or that is missing; None when the chain is whole."""
    key = sealer.chain_key()
    rows = connection.execute(select(audit).order_by(audit.c.seq)).all()
    mac, seq = _START, 0
    for row in rows:
        seq = row.seq
        words = (row.action, row.actor_id, row.case_id or "")
        if row is rows[0] and row.seq > 1:
            mac = row.mac  # older rows were purged after their three years
        else:
            mac = _mac(key, mac, row.seq, row.at, words)
        if not hmac.compare_digest(mac, row.mac):
            return str(row.seq)
    head = connection.execute(select(facts.c.value).where(facts.c.name == _HEAD)).scalar()
    if (head or rows) and head != _head(key, seq, mac):
        return str(seq + 1)
    return None


def _mac(key: bytes, before: bytes, seq: int, at: datetime, words: tuple[str, ...]) -> bytes:
    micro = round((at - EPOCH).total_seconds() * 1_000_000)
    return hmac.digest(key, before + "|".join([str(seq), str(micro), *words]).encode(), "sha256")


def _head(key: bytes, seq: int, mac: bytes) -> str:
    return f"{seq}:{hmac.digest(key, b'head' + mac, 'sha256').hex()}"
