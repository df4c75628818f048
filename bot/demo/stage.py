"""The stage: the same engine, outbox and storage as in production; only messenger, clock and ids are the demo's."""

import asyncio
import threading
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import TypeVar

from bot.app import App, make_book, open_store
from bot.channels.simulated import SimulatedWhatsApp
from bot.channels.simulator import Phone, SimulatorChannel
from bot.concern.screen import Screen, load_screen
from bot.core.addresses import Address
from bot.core.errors import ConfigurationError
from bot.core.people import Role
from bot.demo import notes as notebook
from bot.demo.acts import issue, perform
from bot.demo.notes import Notes, Person
from bot.demo.refusals import Refused
from bot.demo.steps import TIME, Seen, Step, Verb, parse_span
from bot.demo.watch import WatchedBook
from bot.demo.world import SeededIds, VirtualClock
from bot.flows.book import Book
from bot.settings import Settings
from storage import showing
from storage.sender_lock import SenderLock, sender_lock
from storage.showing import Place

Listener = Callable[[], None]
"""Told whenever there may be something new to see."""
T = TypeVar("T")
CAST = {
    "mother": Role.MOTHER,
    "facilitator": Role.FACILITATOR,
    "coordinator": Role.COORDINATOR,
    "group": Role.GROUP,
}
"""Who is on the stage from the beginning."""
MOST_MOMENTS = 5000
"""The most moments played in one passing of time."""
AFTER_A_FALL = 10_000
MOMENT = timedelta(milliseconds=1)
"""What an act takes: of two acts, one comes first, although the clock stands still."""
LOCKED_SECONDS = 7.0
"""A little longer than a turn waits for the database."""


class Stage:
    """A Hamroh that is rehearsed: phones, an engine over a demo database, time that is moved by hand."""

    def __init__(
        self, settings: Settings, seed: int = 7, book: Book | None = None, screen: Screen | None = None
    ) -> None:
        self.settings = settings
        self.book = WatchedBook(book or make_book(settings))
        self.screen = screen or load_screen()
        self.notes = Notes(seed=seed)
        self.listeners: list[Listener] = []
        self.version = 0
        self.is_locked = False
        self.is_playing = False
        self._acting = asyncio.Lock()
        self._standing = asyncio.Lock()
        self._tasks: list[asyncio.Task[None]] = []
        self._lock: SenderLock | None = None
        self._rig()

    @classmethod
    def apart(cls, folder: Path, book: Book | None = None, screen: Screen | None = None, seed: int = 7) -> "Stage":
        """A stage of its own in a folder; lessons and screening may be shared, they never change."""
        where = {
            "database_url": f"sqlite:///{folder / 'stage.db'}",
            "keys_dir": folder / "keys",
            "keys_url": f"sqlite:///{folder / 'keys.db'}",
            "telegram_token": None,
        }
        return cls(Settings(_env_file=None).model_copy(update=where), seed, book, screen)

    def _rig(self) -> None:
        """Clock, ids and messenger as the notes say."""
        self.clock = VirtualClock(self.notes.now)
        self.ids = SeededIds(self.notes.seed, self.notes.ids)
        self.channel = SimulatorChannel(self.clock)
        self.channel.phones = self.notes.phones
        self.channel.count = self.notes.updates
        self.channel.witness = lambda fault: self.book.note_fault(self.clock.now(), fault)

    # ---- opening and closing

    async def open(self) -> str:
        """Raise the curtain: go on where the notes end, or begin afresh; says which.

        Raises ConfigurationError for a database that is not a demo's, or that another process uses.
        """
        kept = await asyncio.to_thread(notebook.read, self._path)
        if kept is not None:
            self.notes = kept
            if not kept.is_whole:
                self._rig()
                self.ids.skip(AFTER_A_FALL)
                self.notes.ids = self.ids.counts
            self._rig()
        await self._start()
        if kept is not None and self.app.store.recall("stage") == kept.id:
            await self._changed()
            return "the stage is as it was left"
        await self._begin(self.notes.seed)
        return "a new stage"

    async def close(self) -> None:
        """Let the curtain fall; the next opening goes on from here."""
        await self.channel.lets_go()
        self.notes.is_whole = True
        await self._keep()
        async with self._standing:
            await self._stop()

    async def reset(self, seed: int | None = None) -> None:
        """Back to the beginning: the demo database is emptied, the phones are new."""
        async with self._acting:
            await self._begin(self.notes.seed if seed is None else seed)

    async def _begin(self, seed: int) -> None:
        async with self._standing:
            await self._stop()
            self.notes = Notes(seed=seed)
            self.book.log.clear()
            self.is_locked = False
            self._rig()
            await self._start()
            await asyncio.to_thread(showing.empty, self.app.store)
            self.notes.id = self.ids.id()
            await asyncio.to_thread(self.app.store.remember, "stage", self.notes.id)
            for name, role in CAST.items():
                self.invite(name, role)
        await self._changed()

    async def _start(self) -> None:
        store = await asyncio.to_thread(open_store, self.settings, self.clock, self.ids)
        self._lock = sender_lock(store.database, str(self.channel.line))
        if not self._lock.try_hold():
            store.close()
            raise ConfigurationError("another Hamroh already uses this database: stop it first")
        beside = [SimulatedWhatsApp(self.channel, self.clock)]
        self.app = App(store, self.book, self.channel, self.clock, self.ids, self.screen, others=beside)
        self.app.turns.on_commit.append(self.book.committed)
        self.channel.opened.clear()
        works = (self.app.turns.run(), self.channel.receive(self.app.intake.accept))
        self._tasks = [asyncio.create_task(work) for work in works]
        await self.channel.opened.wait()

    async def _stop(self) -> None:
        """Drop everything that is in memory, as a fall does; what was accepted is in the database."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks.clear()
        if self._lock is not None:
            self._lock.release()
            self.app.store.close()
            self._lock = None

    async def restart(self, away: timedelta = timedelta()) -> None:
        """Fall in mid-work and get up again, perhaps much later, from what the database holds."""
        async with self._standing:
            await self._stop()
            self.clock.move_to(self.clock.now() + away)
            self.book.rolled_back()
            await self._start()

    async def looked(self, look: Callable[[], T]) -> T:
        """What a look at the stage and its database finds; it waits while the program falls and gets up."""
        async with self._standing:
            return await asyncio.to_thread(look)

    # ---- people

    def invite(self, name: str, role: Role, cohort: str = "Баҳор") -> Phone:
        """Put somebody's phone on the stage."""
        self.notes.people.setdefault(name, Person(name, role, cohort))
        return self.channel.phone(name, is_group=role is Role.GROUP)

    async def show_invitation(self, name: str) -> None:
        """Make an invitation and keep its code until it is opened; raises CommandRefused."""
        person = self.notes.people.get(name)
        if person is None or person.role is Role.GROUP:
            raise Refused("invite")
        async with self._acting:
            person.code = await issue(self, person)
            await self._changed()

    def next_name(self, role: Role) -> str:
        """A name for one more of a role: `mother 2`."""
        taken = self.notes.people
        names = [str(role), *(f"{role} {number}" for number in range(2, len(taken) + 3))]
        return next(name for name in names if name not in taken)

    # ---- acts

    async def one_by_one(self, steps: Sequence[Step]) -> None:
        """Let several people act in this order at one moment, without keeping it as steps; raises CommandRefused."""
        async with self._acting:
            for step in steps:
                self.clock.move_to(self.clock.now() + MOMENT)
                await perform(self, step)
            await self.settle()

    async def together(self, steps: Sequence[Step]) -> int:
        """Let several people act at the same moment, without keeping it as steps; how many could."""
        async with self._acting:
            done = await asyncio.gather(*(perform(self, step) for step in steps), return_exceptions=True)
            await self.settle()
        return sum(isinstance(one, Step) for one in done)

    async def act(self, step: Step) -> Seen:
        """Let something happen, and all that follows from it at this instant; raises CommandRefused."""
        async with self._acting:
            before = {name: (len(p.transcript), {b.id for b in p.bubbles}) for name, p in self.channel.phones.items()}
            if self.notes.is_whole:
                self.notes.is_whole = False
                await self._keep()
            if step.actor == TIME:
                await self._pass(parse_span(step.value))
                done = step
            else:
                self.clock.move_to(self.clock.now() + MOMENT)
                done = await self._perform(step)
                await self.settle()
            self.notes.steps.append(done)
            await self._changed()
            return self._seen(before)

    async def _perform(self, step: Step) -> Step:
        """Carry a step out; when a lock was asked for, the database is away until its patience is over."""
        if not self.is_locked or step.verb not in {Verb.WRITES, Verb.PRESSES, Verb.SENDS}:
            return await perform(self, step)
        release = threading.Event()
        holder = asyncio.create_task(asyncio.to_thread(showing.hold, self.app.store, release, LOCKED_SECONDS))
        try:
            await asyncio.sleep(0.05)
            acting = asyncio.create_task(perform(self, step))
            await asyncio.sleep(0.05)
            self.tell()  # what she sent can be seen waiting
            return await acting
        finally:
            release.set()
            await holder
            self.is_locked = False
            self.book.rolled_back()

    async def settle(self) -> None:
        """Everything that can happen at this instant."""
        await self.app.settle()
        while await self.channel.brings_again():
            await self.app.settle()

    async def _pass(self, span: timedelta | None) -> None:
        """Time passes, from one moment at which something happens to the next."""
        if self.channel.is_holding:
            await self.channel.lets_go()
            await self.settle()
        end = self.clock.now() + span if span is not None else None
        for _ in range(MOST_MOMENTS):
            moment = await self.next_moment()
            if moment is None or (end is not None and moment > end):
                break
            self.clock.move_to(moment)
            await self.settle()
            if end is None:
                return
        if end is None:
            raise Refused("wait")
        self.clock.move_to(end)
        await self.settle()
        while await self.app.privacy.sweep():
            pass

    async def next_moment(self) -> datetime | None:
        """When something happens by itself next."""
        return await asyncio.to_thread(self._next_moment)

    async def has_next(self) -> bool:
        """Whether anything happens by itself later; asked between two acts."""
        async with self._acting:
            return await self.next_moment() is not None

    def _next_moment(self) -> datetime | None:
        with self.app.store.database.reading() as connection:
            return showing.next_moment(connection, self.clock.now())

    def place(self, name: str) -> Place | None:
        """Where somebody's conversation is; synchronous."""
        phone = self.channel.phones.get(name)
        line = self.channel.line_of(phone) if phone is not None else str(self.channel.line)
        blind = self.app.store.sealer.blind(Address(line, name).key)
        with self.app.store.database.reading() as connection:
            return next(iter(showing.places(connection, [blind])), None)

    def _seen(self, before: dict[str, tuple[int, set[str]]]) -> Seen:
        seen = Seen()
        for name, phone in self.channel.phones.items():
            length, bubbles = before.get(name, (0, set()))
            came = [show(bubble.text, bubble.rows) for bubble in phone.transcript[length:] if bubble.is_ours]
            gone = len(bubbles - {bubble.id for bubble in phone.bubbles})
            seen.came |= {name: came} if came else {}
            seen.gone |= {name: gone} if gone else {}
        return seen

    # ---- remembering

    async def _changed(self) -> None:
        self.version += 1
        await self._keep()
        self.tell()

    def tell(self) -> None:
        """There may be something new to see."""
        for listener in self.listeners:
            listener()

    async def _keep(self) -> None:
        self.notes.now, self.notes.ids = self.clock.now(), dict(self.ids.counts)
        self.notes.updates, self.notes.phones = self.channel.count, self.channel.phones
        await asyncio.to_thread(notebook.write, self._path, self.notes)

    @property
    def _path(self) -> Path:
        return notebook.path_beside(self.settings.database)


def show(text: str, rows: tuple[tuple[object, ...], ...]) -> str:
    """A message as a script shows it: its text, and each row of buttons as a line of [labels]."""
    return "\n".join([text, *(" ".join(f"[{getattr(button, 'label', '')}]" for button in row) for row in rows)])
