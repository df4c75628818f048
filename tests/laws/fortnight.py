"""Two weeks of a whole programme by a clock moved by hand: mothers, a team with lives of its own, and bad weather."""

import asyncio
import contextlib
import heapq
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from random import Random
from typing import Any

from sqlalchemy import func, select

from bot.app import App, open_store
from bot.concern.screen import Screen, load_screen
from bot.core.errors import StorageUnavailable
from storage.database import Database
from storage.schema import cases, mailboxes, timers
from storage.store import Store
from storage.work import Work
from tests.book import book_of
from tests.house import House, settings_in
from tests.laws.line import MeteredChannel
from tests.world import FrozenClock, SeededIds

Act = Callable[[], Awaitable[None]]
MINUTE = timedelta(minutes=1)


@dataclass
class Tally:
    """What happened, for the figures."""

    minutes: int = 0
    crashes: list[datetime] = field(default_factory=list)
    failed_batches: int = 0
    absences: list[tuple[datetime, datetime]] = field(default_factory=list)

    def absent(self, begin: datetime, end: datetime) -> timedelta:
        """How much of that time there was no process or no database."""
        overlaps = (min(end, until) - max(begin, since) for since, until in self.absences)
        return sum((overlap for overlap in overlaps if overlap > timedelta()), timedelta())


class Machine:
    """One Hamroh over one database: it works, it breaks, and it is built anew."""

    def __init__(self, folder: Path, clock: FrozenClock, channel: MeteredChannel, random: Random) -> None:
        self.clock, self.channel, self.random = clock, channel, random
        self.tally = Tally()
        self.is_calm = True
        self._settings = settings_in(folder)
        self._ids, self._screen = SeededIds(), load_screen()
        self._tasks: list[asyncio.Task[None]] = []
        self._has_failed = False
        self.house: House

    @property
    def database(self) -> Database:
        return self.house.app.store.database

    async def starts(self) -> None:
        """A new process on the same database."""
        store = _FailingStore.over(open_store(self._settings, self.clock, self._ids), self._fails)
        screen: Screen = self._screen
        app = App(store, book_of(self._settings), self.channel, self.clock, self._ids, screen)
        self.channel.opened.clear()
        self._tasks = [
            asyncio.create_task(app.turns.run()),
            asyncio.create_task(self.channel.receive(app.intake.accept)),
        ]
        await self.channel.opened.wait()
        self.house = House(app, self.channel, self.clock, app.desk)

    async def dies(self) -> None:
        """Everything that was not committed is gone."""
        app = self.house.app
        for task in (doomed := [*self._tasks, *app.delivery._senders]):
            task.cancel()
        await asyncio.gather(*doomed, return_exceptions=True)
        for thread in (app.turns._thread, app.delivery._thread):
            await asyncio.to_thread(thread.shutdown)
        app.store.close()

    async def crashes(self) -> None:
        """It dies, and somebody starts it again some seconds later."""
        began = self.clock.now()
        self.tally.crashes.append(began)
        await self.dies()
        self.clock.advance(seconds=self.random.uniform(3, 40))
        self.tally.absences.append((began, self.clock.now()))
        self.channel.recovers()
        await self.starts()
        await self.channel.brings_again()

    async def settles(self) -> None:
        """All that is due now is done; perhaps it dies in the middle of it."""
        work = asyncio.create_task(self._settle())
        death = asyncio.create_task(self.channel.died.wait())
        await asyncio.wait((work, death), return_when=asyncio.FIRST_COMPLETED)
        is_dead = self.channel.died.is_set()
        for task in (work, death):
            task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.gather(work, death)
        if is_dead:
            await self.crashes()
            await self.settles()

    async def _settle(self) -> None:
        with contextlib.suppress(StorageUnavailable):
            await self.house.app.settle()

    def _fails(self) -> None:
        """Now and then a transaction cannot be made, never twice in a row."""
        if self.is_calm or self._has_failed or self.random.random() > 0.01:
            self._has_failed = False
            return
        self._has_failed = True
        self.tally.failed_batches += 1
        raise self.random.choice((StorageUnavailable("the storm"), RuntimeError("an invented mistake")))

    def next_due(self) -> datetime | None:
        """When something is to be done next."""
        with self.database.reading() as connection:
            found = [
                connection.scalar(select(func.min(column)))
                for column in (timers.c.due_at, mailboxes.c.next_due_at)
            ]  # fmt: skip
        return min((at for at in found if at), default=None)


class _FailingStore(Store):
    """A store whose transactions of turns may fail before they begin."""

    fails: Callable[[], None]

    @classmethod
    def over(cls, store: Store, fails: Callable[[], None]) -> "_FailingStore":
        store.__class__ = cls
        assert isinstance(store, cls)
        store.fails = fails
        return store

    @contextlib.contextmanager
    def work(self, *offers: Any) -> Iterator[Work]:
        self.fails()
        with super().work(*offers) as work:
            yield work


class Calendar:
    """Time passes from one thing that is due to the next: what people do, what the machine does."""

    def __init__(self, machine: Machine) -> None:
        self.machine = machine
        self._agenda: list[tuple[datetime, int, Act]] = []
        self._order = count()
        self._away_until: datetime | None = None

    @property
    def now(self) -> datetime:
        return self.machine.clock.now()

    def plan(self, minutes: float, act: Act) -> None:
        """Somebody will do something so many minutes from now."""
        heapq.heappush(self._agenda, (self.now + timedelta(minutes=minutes), next(self._order), act))

    async def goes_away(self, minutes: float) -> None:
        """For so long the database cannot be reached: nothing is taken in, nothing is done."""
        self.machine.channel.is_away = True
        self._away_until = self.now + timedelta(minutes=minutes)
        self.machine.tally.absences.append((self.now, self._away_until))

    @property
    def is_away(self) -> bool:
        return self._away_until is not None

    async def passes(self, end: datetime) -> None:
        """Until then."""
        while (due := self._next(end)) is not None:
            await self._comes_to(due)
        self.machine.clock.set(max(end, self.now))

    def _next(self, end: datetime) -> datetime | None:
        found = [self._agenda[0][0]] if self._agenda else []
        if self._away_until is not None:
            found.append(self._away_until)
        elif (due := self.machine.next_due()) is not None:
            found.append(due)
        first = min(found, default=end)
        return first if first < end else None

    async def _comes_to(self, due: datetime) -> None:
        stood = self.now
        self.machine.clock.set(max(due, stood))
        if self._away_until is not None and self.now >= self._away_until:
            self._away_until = None
            await self.machine.channel.comes_back(self.now)
        acts = [heapq.heappop(self._agenda)[2]] if self._agenda and self._agenda[0][0] <= self.now else []
        for act in acts:
            await act()
        if self._away_until is None:
            if self.machine.channel.unconfirmed:
                await self.machine.channel.brings_again()
            await self.machine.settles()
            if not acts and self.now == stood:  # a line that rests leaves what is due where it is
                self.machine.clock.advance(seconds=1)


@dataclass(frozen=True)
class Watched:
    """A case as the law of alarms sees it."""

    id: str
    number: str
    level: str
    opened_at: datetime
    owner_id: str | None
    taken_at: datetime | None
    acted_at: datetime | None
    rings_at: datetime | None


def open_cases(database: Database) -> list[Watched]:
    """All open cases, each with the time of its alarm."""
    c, t = cases.c, timers.c
    alarm = (t.conversation_id == c.conversation_id) & (t.key == "alarm:" + c.id)
    query = select(c.id, c.number, c.level, c.opened_at, c.owner_id, c.taken_at, c.acted_at, t.due_at)
    with database.reading() as connection:
        return [Watched(*row) for row in connection.execute(query.outerjoin(timers, alarm).where(c.state != "closed"))]


@contextlib.asynccontextmanager
async def open_machine(folder: Path, seed: int, clock: FrozenClock) -> AsyncIterator[Machine]:
    """A Hamroh that runs, and is closed at the end."""
    random = Random(seed)
    machine = Machine(folder, clock, MeteredChannel(clock, Random(seed + 1)), random)
    await machine.starts()
    try:
        yield machine
    finally:
        await machine.dies()
