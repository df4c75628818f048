"""What bare sqlite3 can do: the rows of a played script written again with `execute`, 128 updates a commit."""

import asyncio
import contextlib
import sqlite3
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from benchmarks.updates import Sqlite, copy_house

BATCH = 128
Row = dict[str, Any]


class Limit:
    """The same rows, bytes, pragmas and marks as Hamroh's, without anything that thinks."""

    def __init__(self, folder: Path, mothers: int) -> None:
        self._folder = folder
        self._sqlite = Sqlite(folder, mothers)
        with tempfile.TemporaryDirectory(dir=folder) as played:
            copy_house(folder, Path(played))
            asyncio.run(self._sqlite.play(Path(played)))
            self._rows = {name: _rows(Path(played), query) for name, query in _NEW.items()}
        self._inserts = {name: _insert(name, rows[0]) for name, rows in self._rows.items() if rows}

    def round(self) -> dict[str, float]:
        """Updates a second."""
        with tempfile.TemporaryDirectory(dir=self._folder) as folder:
            copy_house(self._folder, Path(folder))
            with contextlib.closing(_open(Path(folder))) as connection:
                return {"": self._write(connection)}

    def _write(self, connection: sqlite3.Connection) -> float:
        updates = len(self._rows["inbox"])
        began = time.perf_counter()
        for n in range(0, updates, BATCH):
            part = slice(n, n + BATCH)
            share = slice(n * len(self._rows["outbox"]) // updates, (n + BATCH) * len(self._rows["outbox"]) // updates)
            rows = {name: rows[share if name == "outbox" else part] for name, rows in self._rows.items()}
            _turns(connection, rows, self._inserts)
            _sends(connection, self._rows["outbox"][share])
        return updates / (time.perf_counter() - began)


_NEW = {
    "inbox": "SELECT * FROM inbox WHERE line = 'bench:1' AND CAST(external_id AS INTEGER) >= 100000000 AND"
    " CAST(external_id AS INTEGER) < 900000000",
    "outbox": "SELECT * FROM outbox WHERE seq > (SELECT max(seq) FROM before.outbox)",
    "messages": "SELECT * FROM messages WHERE NOT is_ours AND id NOT IN (SELECT id FROM before.messages)",
    "timers": "SELECT * FROM timers",
}


def _open(folder: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(folder / "hamroh.db", isolation_level=None)
    connection.row_factory = sqlite3.Row
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "secure_delete=ON"):
        connection.execute(f"PRAGMA {pragma}")
    return connection


def _rows(folder: Path, query: str) -> list[Row]:
    with contextlib.closing(_open(folder)) as connection:
        connection.execute("ATTACH ? AS before", (str(folder.parent / "hamroh.db"),))
        return [dict(row) for row in connection.execute(query)]


@contextlib.contextmanager
def _commit(connection: sqlite3.Connection) -> Iterator[None]:
    connection.execute("BEGIN IMMEDIATE")
    yield
    connection.execute("COMMIT")


def _turns(connection: sqlite3.Connection, rows: dict[str, Sequence[Row]], inserts: dict[str, str]) -> None:
    """What turns write."""
    with _commit(connection):
        for row in rows["inbox"]:
            connection.execute(inserts["inbox"], row)
            connection.execute(_MOVE, {**_STATE, "id": row["conversation_id"]})
        for row in rows["outbox"]:
            connection.execute(inserts["outbox"], {**row, "state": "waiting", "attempts": 0, "purge_at": None})
            box = {"account": row["account_id"], "due": row["due_at"], "address": b"0" * 38}
            connection.execute(_OPEN, box)
        for table in ("messages", "timers"):
            for row in rows[table]:
                connection.execute(inserts[table], row)


def _sends(connection: sqlite3.Connection, rows: Sequence[Row]) -> None:
    """What claiming and marking write."""
    with _commit(connection):
        for row in rows:
            connection.execute("UPDATE mailboxes SET lease_until = 1 WHERE account_id = ?", (row["account_id"],))
            connection.execute("UPDATE outbox SET state = 'sending', attempts = 1 WHERE id = ?", (row["id"],))
    with _commit(connection):
        for n, row in enumerate(rows):
            connection.execute("UPDATE outbox SET state = 'sent', purge_at = 1 WHERE id = ?", (row["id"],))
            ours = (row["id"], row["account_id"], row["conversation_id"], f"{row['seq']}-{n}", row["due_at"])
            connection.execute("INSERT INTO messages VALUES (?, ?, ?, ?, 1, NULL, '', ?)", ours)
            connection.execute("DELETE FROM mailboxes WHERE account_id = ?", (row["account_id"],))


_STATE = {"state": "Lesson:reading", "sealed": b"0" * 420}
_MOVE = "UPDATE conversations SET state = :state, data = :sealed, version = version + 1, changed_at = 1 WHERE id = :id"
_OPEN = (
    "INSERT INTO mailboxes VALUES (:account, 'bench:1', :address, :due, NULL)"
    " ON CONFLICT (account_id) DO UPDATE SET next_due_at = excluded.next_due_at"
)


def _insert(table: str, row: Row) -> str:
    """Made once a table; only of the timers some were there before."""
    verb = "INSERT OR REPLACE" if table == "timers" else "INSERT"
    places = ", ".join(f":{name}" for name in row)
    return f"{verb} INTO {table} ({', '.join(row)}) VALUES ({places})"
