"""Before the first round: mothers join by their flows, and one of them plays the script that all will play."""

import asyncio
import time
from collections.abc import Sequence
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import Any

from sqlalchemy import insert, select

from benchmarks.house import make_book, open_house, open_store
from benchmarks.script import FIRST_ID, STEPS, Reply, Step, page_of, pages, save, update
from bot.core.people import Role
from bot.flows.book import Book
from bot.system import SystemClock
from storage.migrate import migrate
from storage.schema import cohort_modules, cohorts
from storage.store import Store

JOINING = (
    "language:tg",
    "consent.next",
    "consent.yes",
    "consent.yes",
    "adult.yes",
    "phone.no",
    "name.skip",
    "hours.skip",
)
REHEARSER = FIRST_ID - 1
PATIENCE = 10.0
_NUMBERS = count(900_000_000)

Does = tuple[str, str]
"""`writes` and words, or `presses` and the choice of a button on the screen."""


def prepare(folder: Path, mothers: int, url: str = "") -> None:
    """Leave in the folder a database with mothers who have joined, its keys, and the rehearsed script."""
    migrate(url or f"sqlite:///{folder / 'hamroh.db'}", SystemClock())
    store = open_store(folder, url)
    try:
        asyncio.run(_prepare(store, folder, mothers))
        store.database.checkpoint()
        store.sealer.keyring.store.checkpoint()
    finally:
        store.close()


async def _prepare(store: Store, folder: Path, mothers: int) -> None:
    ends_at = store.clock.now() + timedelta(days=7)
    code, _ = store.make_invitation(Role.MOTHER, "Bahor", mothers + 1, ends_at)
    _open_first_module(store)
    book = make_book()
    acts: list[Does] = [("writes", f"/start {code}"), *(("presses", choice) for choice in JOINING)]
    joining = await _rehearse(store, book, acts)
    save(folder / "script.json", await _rehearse(store, book, STEPS))
    expected = mothers * sum(len(step.replies) for step in joining)
    async with open_house(store, book, pages(joining, mothers, int(time.time()), 1)) as house:
        await asyncio.wait_for(house.sent(expected), 120)


def _open_first_module(store: Store) -> None:
    """The session was held."""
    with store.database.transaction() as connection:
        cohort_id = connection.execute(select(cohorts.c.id)).scalar_one()
        opened = {"cohort_id": cohort_id, "module": "m1", "opened_at": store.clock.now()}
        connection.execute(insert(cohort_modules), opened)


async def _rehearse(store: Store, book: Book, acts: Sequence[Does]) -> list[Step]:
    """Play acts one at a time; each with the data of the button it pressed, and what was said to it."""
    steps: list[Step] = []
    screen: dict[str, str] = {}
    for kind, value in acts:
        data = screen[value] if kind == "presses" else value
        one = update(Step(kind, data, []), Reply("…", []), REHEARSER, int(time.time()), next(_NUMBERS))
        said = await _play(store, book, page_of([one]))
        replies = [Reply(body["text"], _rows(body)) for body in said]
        screen = {data.partition("|")[2]: data for reply in replies for row in reply.rows for _, data in row}
        steps.append(Step(kind, data, replies))
    return steps


async def _play(store: Store, book: Book, page: bytes) -> list[dict[str, Any]]:
    """Everything that is sent in answer to one page of updates."""
    async with open_house(store, book, [page]) as house:
        house.client.bodies = []
        await asyncio.wait_for(house.telegram.is_exhausted.wait(), PATIENCE)
        while house.store.counts().get("outbox_waiting", 0) + house.store.counts().get("outbox_sending", 0):  # noqa: ASYNC110 - the database is what is waited for
            await asyncio.sleep(0.005)
        return house.client.bodies


def _rows(body: dict[str, Any]) -> list[list[tuple[str, str]]]:
    keyboard = body.get("reply_markup", {}).get("inline_keyboard", [])
    return [[(button["text"], button["callback_data"]) for button in row] for row in keyboard]
