"""Rows of the aiogram adapter: read, written and merged within a transaction, and found again by erasing."""

import json
import secrets
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, delete, insert, or_, select, text, update

from bot.core.errors import SealBroken
from storage.fsm_keys import Columns, number
from storage.fsm_schema import fsm
from storage.key_schema import data_keys
from storage.sealing import Sealer
from storage.upsert import AnyRow

_PORTION = 500
_ALONE = text("SELECT pg_advisory_xact_lock(7213, :number)")


def pack(data: Mapping[str, Any]) -> bytes | None:
    """As JSON, like aiogram's own storages that last; none for an empty dictionary.  Raises TypeError."""
    try:
        packed = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    except (TypeError, ValueError, RecursionError) as error:
        raise TypeError(f"data must be what JSON knows: {error}") from None
    return packed.encode("utf-8", "surrogatepass") if data else None


class Record:
    """What is kept for one key, within one transaction; state and data come and go apart."""

    def __init__(self, connection: Connection, sealer: Sealer, columns: Columns) -> None:
        self._connection = connection
        self._sealer = sealer
        self._columns = columns
        self._where = and_(*(fsm.c[name] == value for name, value in columns.items()))

    def state(self) -> str | None:
        """The state; None when there is none."""
        plain = self._open(self._find(), "state")
        return None if plain is None else plain.decode("utf-8", "surrogatepass")

    def data(self) -> dict[str, Any]:
        """The data; empty when there is none."""
        return _unpack(self._open(self._find(), "data"))

    def set_state(self, state: str | None, now: datetime) -> None:
        """Replace the state."""
        self._write(self._hold(), "state", None if state is None else state.encode("utf-8", "surrogatepass"), now)

    def set_data(self, packed: bytes | None, now: datetime) -> None:
        """Replace the data."""
        self._write(self._hold(), "data", packed, now)

    def update_data(self, packed: bytes | None, now: datetime) -> dict[str, Any]:
        """Add to the data, nobody else writing meanwhile; the whole of it, as it is kept from now on."""
        row = self._hold()
        plain = pack(_unpack(self._open(row, "data")) | _unpack(packed))
        self._write(row, "data", plain, now)
        return _unpack(plain)

    def _find(self) -> AnyRow | None:
        return self._connection.execute(select(fsm).where(self._where)).one_or_none()

    def _hold(self) -> AnyRow | None:
        """The row, or its absence, is ours until the end of the transaction; SQLite has one writer anyway."""
        if self._connection.dialect.name == "postgresql":
            self._connection.execute(_ALONE, {"number": number(self._columns, 31)})
        return self._connection.execute(select(fsm).where(self._where).with_for_update()).one_or_none()

    def _open(self, row: AnyRow | None, field: str) -> bytes | None:
        """A row whose key was destroyed is as good as erased; any other that does not open is a reason to stop."""
        sealed: bytes | None = None if row is None else getattr(row, field)
        if row is None or sealed is None:
            return None
        try:
            return self._sealer.open(_subject(row.id), f"fsm.{field}", row.id, sealed)
        except SealBroken:
            if _has_key(self._sealer, _subject(row.id)):
                raise
            return None

    def _write(self, row: AnyRow | None, field: str, plain: bytes | None, now: datetime) -> None:
        """A row in which nothing is left goes."""
        other = "data" if field == "state" else "state"
        if plain is None and (row is None or getattr(row, other) is None):
            self._connection.execute(delete(fsm).where(self._where))
            return
        id_ = secrets.token_hex(13) if row is None else row.id
        sealed = None if plain is None else self._sealer.seal(_subject(id_), f"fsm.{field}", id_, plain)
        values = {field: sealed, "changed_at": now}
        if row is None:
            self._connection.execute(insert(fsm).values(id=id_, **self._columns, **values))
        else:
            self._connection.execute(update(fsm).where(fsm.c.id == id_).values(**values))


def _subject(id_: str) -> str:
    return f"fsm:{id_}"


def _has_key(sealer: Sealer, subject: str) -> bool:
    with sealer.keyring.store.reading() as connection:
        return connection.scalar(select(data_keys.c.subject).where(data_keys.c.subject == subject)) is not None


def _unpack(plain: bytes | None) -> dict[str, Any]:
    data: dict[str, Any] = {} if plain is None else json.loads(plain.decode("utf-8", "surrogatepass"))
    return data


# ---- erasing


def erase(connection: Connection, chats: Collection[bytes], persons: Collection[bytes]) -> list[str]:
    """Delete what is kept for these chats (hashes of accounts) and persons; the subjects whose keys must go too."""
    hers = or_(fsm.c.chat_id.in_(chats), fsm.c.user_id.in_(persons))
    return [_subject(id_) for id_ in connection.scalars(delete(fsm).where(hers).returning(fsm.c.id))]


def drop_keyless(connection: Connection, living: Collection[str]) -> None:
    """Delete the rows whose keys are not among the living ones: they were erased since this copy was made."""
    gone = [id_ for id_ in connection.scalars(select(fsm.c.id)) if _subject(id_) not in living]
    for start in range(0, len(gone), _PORTION):
        connection.execute(delete(fsm).where(fsm.c.id.in_(gone[start : start + _PORTION])))
