"""A thousand timers that fall due among many that do not, and what the process needs for it."""

import asyncio
import json
import random
import sqlite3
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

from benchmarks.house import make_book, open_house, open_store
from bot.core.event import pack
from bot.core.events import NudgeDue
from bot.core.people import Shared
from bot.scheduler import Scheduler
from storage import conversations, profiles, timers
from storage.profiles import Profile
from storage.store import Store

DUE = 1000
ROUNDS = 5
"""So many groups at random, and so many of mothers who joined together, have keys; each is played once."""
GROUPS = "due.json"
UNREAD = (b"0" * 60, b"0" * 130, b"0" * 70)
"""Bytes of about the same size for all the others."""
ADDRESS = b"0" * 39
Row = dict[str, object]
Sealed = dict[int, tuple[bytes, bytes, bytes]]
_COPIED = ("conversations", "accounts", "participants", "timers")


def fill(folder: Path, mothers: int) -> None:
    """Let the prepared database hold so many joined mothers, each with a timer far off."""
    order = sorted(range(mothers), key=lambda n: _id("C", n))
    groups = _groups(order)
    chosen = [n for kind in groups.values() for group in kind for n in group]
    store = open_store(folder)
    try:
        sealed: Sealed = {}
        for n in range(0, len(chosen), DUE):
            store.sealer.ensure([f"participant:{_id('P', i)}" for i in chosen[n : n + DUE]])
            sealed |= {i: _seal(store, i) for i in chosen[n : n + DUE]}
        _copy(store, folder, order, sealed)
    finally:
        store.close()
    (folder / GROUPS).write_text(json.dumps(groups), encoding="utf-8")


def _groups(order: list[int]) -> dict[str, list[list[int]]]:
    """Who will be due: cohorts are neighbours by their ids, as those are who joined on one day."""
    chance = random.Random(7)
    places = set(chance.sample(range(len(order) // DUE), ROUNDS))
    cohorts = [order[place * DUE : (place + 1) * DUE] for place in sorted(places)]
    others = [n for place, n in enumerate(order) if place // DUE not in places]
    chosen = chance.sample(others, DUE * ROUNDS)
    return {"random": [chosen[n : n + DUE] for n in range(0, len(chosen), DUE)], "cohort": cohorts}


def _id(kind: str, n: int) -> str:
    return f"{kind}{n * 2654435761 % 2**32:010d}{n:015d}"


def _copy(store: Store, folder: Path, order: list[int], sealed: Sealed) -> None:
    """In the order of their ids, which is quicker by far."""
    store.database.dispose()
    connection = sqlite3.connect(folder / "hamroh.db", isolation_level=None)
    for pragma in ("synchronous=OFF", "foreign_keys=OFF", "journal_mode=OFF", "cache_size=-400000"):
        connection.execute(f"PRAGMA {pragma}")
    connection.execute("BEGIN")
    names = {table: [row[1] for row in connection.execute(f"PRAGMA table_info({table})")] for table in _COPIED}
    where = {"conversations": "owner = 'participant'"}
    first = {table: _first(connection, table, columns, where.get(table, "1")) for table, columns in names.items()}
    far = int((store.clock.now() + timedelta(days=365)).timestamp() * 1e6)
    for table in _COPIED:
        rows = _rows(table, first[table], order, sealed, far)
        places = ", ".join("?" * len(names[table]))
        ordered = ([row[name] for name in names[table]] for row in rows)
        connection.executemany(f"INSERT INTO {table} VALUES ({places})", ordered)  # noqa: S608
    connection.execute("COMMIT")
    connection.execute("PRAGMA journal_mode=WAL")
    connection.close()


def _first(connection: sqlite3.Connection, table: str, names: list[str], where: str) -> Row:
    row = connection.execute(f"SELECT * FROM {table} WHERE {where} LIMIT 1").fetchone()  # noqa: S608
    return dict(zip(names, row, strict=True))


def _rows(table: str, first: Row, order: list[int], sealed: Sealed, far: int) -> Iterator[Row]:
    for place, n in enumerate(order):
        her, chat, account = _id("P", n), _id("C", n), _id("A", n)
        data, profile, body = sealed.get(n, UNREAD)
        mine: dict[str, Row] = {
            "conversations": {"id": chat, "owner_id": her, "account_id": account, "data": data, "state": "Menu:open"},
            "accounts": {
                "id": account,
                "conversation_id": chat,
                "blind": place.to_bytes(16, "big"),
                "address": b"0" * 39,
            },
            "participants": {"id": her, "code_name": f"Bahor-{place:07d}", "conversation_id": chat, "profile": profile},
            "timers": {"conversation_id": chat, "key": "nudge", "due_at": far + place, "body": body},
        }
        yield {**first, **mine[table]}


def _seal(store: Store, n: int) -> tuple[bytes, bytes, bytes]:
    """Data, profile and timer of one who will be due."""
    her, chat = _id("P", n), _id("C", n)
    subject, told = f"participant:{her}", profiles.to_json(Profile(phone_shared=Shared.NO))
    return (
        store.sealer.seal_json(subject, conversations.PLACE, chat, {"joined_by": "X"}),
        store.sealer.seal_json(subject, profiles.PLACE, her, told),
        store.sealer.seal_json(subject, timers.PLACE, f"{chat}|nudge", pack(NudgeDue(1))),
    )


class Due:
    """Claim and play a thousand due timers of mothers at random."""

    kind = "random"

    def __init__(self, folder: Path, mothers: int) -> None:
        del mothers
        self._folder = folder
        self._groups: list[list[int]] = json.loads((folder / GROUPS).read_text(encoding="utf-8"))[self.kind]
        self._book = make_book()

    def round(self) -> dict[str, float]:
        """Seconds."""
        return {"": asyncio.run(self._play(self._groups.pop()))}

    async def _play(self, group: list[int]) -> float:
        store = open_store(self._folder)
        soon = int(store.clock.now().timestamp() * 1e6) - 1
        with store.database.transaction() as connection:
            connection.exec_driver_sql(
                "UPDATE timers SET due_at = ? WHERE conversation_id = ?", [(soon, _id("C", n)) for n in group]
            )
        store.database.checkpoint()
        try:
            async with open_house(store, self._book, (), sends=False) as house:
                scheduler = Scheduler(store, house.turns, store.clock)
                began = time.perf_counter()
                played = await scheduler.sweep()
                took = time.perf_counter() - began
        finally:
            store.close()
        if played != len(group):
            raise RuntimeError(f"{played} timers were played instead of {len(group)}")
        return took


class Cohort(Due):
    """The same of mothers who joined together."""

    kind = "cohort"


class Rss(Due):
    """What the process holds after it opened the house and played a thousand timers: those of a group that `due` left.

    Each mother has one again by then, her next reminder.
    """

    _is_played = False

    def round(self) -> dict[str, float]:
        """Megabytes."""
        if not self._is_played:
            asyncio.run(self._play(self._groups[-1]))
            self._is_played = True
        for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
            if line.startswith("VmRSS"):
                return {"": int(line.split()[1]) / 1000}
        raise RuntimeError("this system does not tell how much memory a process holds")
