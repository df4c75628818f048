"""The composition root: the only place that knows every room; settings in, a running Hamroh out."""

import asyncio
import contextlib
import signal
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import structlog

from bot import faults
from bot.batch import Batch, Written
from bot.broadcasts import Broadcasts
from bot.channels.simulator import SimulatorChannel
from bot.channels.telegram import TelegramChannel
from bot.concern.screen import Screen, load_screen
from bot.core.channel import Channel
from bot.core.errors import ConfigurationError, StorageUnavailable
from bot.core.ports import Clock, Ids
from bot.curriculum.load import load
from bot.delivery import Delivery
from bot.desk import Desk
from bot.doors import Server, inner, outer
from bot.flows.book import Book
from bot.flows.policy import Policy
from bot.guidance.load import load_guidance
from bot.intake import Intake
from bot.logs import set_up_logs
from bot.operator_files import read_confidentiality, read_help_lines, read_referrals
from bot.privacy import Privacy
from bot.scheduler import Scheduler
from bot.settings import Settings
from bot.system import RandomIds, SystemClock
from bot.texts import load_texts
from bot.turns import Turns
from storage import backup
from storage.database import open_database, sender_lock
from storage.keys import KeyPlaces
from storage.migrate import migrate
from storage.store import Store
from storage.wakeups import Listener

log = structlog.get_logger()


def make_policy(settings: Settings) -> Policy:
    """What the operator decided, from the settings and the files they name."""
    return Policy(
        zone=settings.timezone,
        help_lines=read_help_lines(settings.help_file),
        confidentiality=read_confidentiality(settings.confidentiality_file),
        referrals=read_referrals(settings.referrals_file),
        is_unready_allowed=settings.allow_unready or not settings.has_channel,
        reply_window=settings.reply_window,
    )


def make_book(settings: Settings) -> Book:
    """All flows over the configured lessons; refuses unreviewed ones with a real channel, unless allowed."""
    curriculum = load(settings.curriculum)
    unreviewed = curriculum.unreviewed()
    if unreviewed and settings.has_channel and not settings.allow_unreviewed:
        raise ConfigurationError(
            f"{len(unreviewed)} pages of lessons await review by a native speaker; have them reviewed, or set "
            "HAMROH_ALLOW_UNREVIEWED=1 to send them as they are"
        )
    return Book(curriculum, load_texts(), make_policy(settings), load_guidance())


def open_store(settings: Settings, clock: Clock, ids: Ids) -> Store:
    """The database, migrated, with its keys; a real channel refuses a demo database and the other way round (S24)."""
    faults.arm(settings.fault or "")
    migrate(settings.database, clock)
    database = open_database(settings.database)
    keyring = _keys(settings).open(clock)
    store = Store(database, keyring, clock, ids, zone=settings.timezone)
    store.claim_as(is_demo=not settings.has_channel)
    return store


def _keys(settings: Settings) -> KeyPlaces:
    return KeyPlaces(settings.keys, settings.key_store, settings.index_key_file)


def open_channel(settings: Settings, clock: Clock) -> Channel:
    """The configured messenger, or the simulator."""
    if settings.telegram_token is None:
        return SimulatorChannel(clock)
    webhook = None
    if settings.webhook_url and settings.webhook_secret:
        webhook = (settings.webhook_url, settings.webhook_secret.get_secret_value())
    return TelegramChannel(settings.telegram_token.get_secret_value(), settings.telegram_api_url, clock, webhook)


@dataclass(slots=True)
class Loop:
    """A service's sweep, repeated: at once when woken, otherwise every so many seconds."""

    name: str
    sweep: Callable[[], Awaitable[int]]
    every: float
    wake: asyncio.Event = field(default_factory=asyncio.Event)

    async def run(self) -> None:
        """Sweep until cancelled; an outage or a mistake is logged by its kind and the next sweep follows."""
        while True:
            self.wake.clear()
            if await self._once():
                continue
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self.wake.wait(), self.every)

    async def _once(self) -> int:
        try:
            return await self.sweep()
        except StorageUnavailable:
            log.warning("storage_unavailable", loop=self.name)
        except Exception as error:  # noqa: BLE001 - the one catch of this loop
            log.warning("sweep_failed", loop=self.name, error=type(error).__name__)
        return 0


class App:
    """A whole Hamroh in one process: one line, its services, and their loops."""

    def __init__(
        self, store: Store, book: Book, channel: Channel, clock: Clock, ids: Ids, screen: Screen | None = None
    ) -> None:
        batch = Batch(store, book, screen or load_screen(), clock, ids)
        self.store = store
        self.channel = channel
        self.desk = Desk(store, batch, clock)
        self.turns = Turns(batch)
        self.intake = Intake(store, self.turns)
        self.scheduler = Scheduler(store, self.turns, clock)
        self.delivery = Delivery(store, channel, clock, ids)
        self.broadcasts = Broadcasts(store)
        self.privacy = Privacy(store, clock)
        self._sender = Loop("delivery", self.delivery.sweep, 1.0)
        self._timers = Loop("scheduler", self.scheduler.sweep, 1.0)
        self._loops = [
            self._timers,
            Loop("intake", self.intake.sweep, 1.0),
            Loop("hearing", self._hear_line, 2.0),
            Loop("broadcasts", self.broadcasts.sweep, 1.0),
            Loop("privacy", self.privacy.sweep, 600.0),
        ]
        if store.database.is_postgres:
            listener = Listener(store.database)
            self._loops.append(Loop("listen", lambda: self._listen(listener), 1.0))
        self.turns.on_commit.append(self._committed)
        self.delivery.on_posted.append(self._posted)

    def _committed(self, written: Written) -> None:
        if written.lines:
            self._sender.wake.set()
        if written.has_timers:
            self._timers.wake.set()

    def _posted(self, inbox_ids: list[str]) -> None:
        self.turns.play_posted(inbox_ids)

    async def _hear_line(self) -> int:
        if isinstance(self.channel, TelegramChannel) and self.channel.heard_at is not None:
            await self.intake.hear(str(self.channel.line), self.channel.heard_at)
        return 0

    def figures(self) -> dict[str, int]:
        """What an operator watches: counts of rows by state, and of sends by outcome since the start."""
        return self.store.counts() | {f"sends_{outcome}": count for outcome, count in self.delivery.counts.items()}

    async def settle(self) -> None:
        """Do all that is to be done at this instant, then return: for rehearsals under a clock moved by hand."""
        turns = (self.turns.rest, self.intake.sweep, self.scheduler.sweep)
        sweeps = (*turns, self.broadcasts.sweep, self.delivery.sweep)
        while sum([await sweep() for sweep in sweeps]):
            pass

    async def run(self) -> None:
        """Work until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self.turns.run())
            for loop in self._loops:
                group.create_task(loop.run())
            group.create_task(self._serve_line())

    async def _listen(self, listener: Listener) -> int:
        """Hear what other processes on the same PostgreSQL have put into the outbox; the poll is the safety net."""
        if await asyncio.to_thread(listener.wait, 1.0):
            self._sender.wake.set()
        return 1  # at once again: waiting was the work

    async def _serve_line(self) -> None:
        """Send and receive while this process holds the line; others on the same PostgreSQL wait for it."""
        lock = sender_lock(self.store.database, str(self.channel.line))
        try:
            while True:
                if await asyncio.to_thread(lock.try_hold):
                    await self._serve_while(lock.try_hold)
                elif not self.store.database.is_postgres:
                    raise ConfigurationError("another Hamroh already uses this database: stop it first")
                await asyncio.sleep(5)
        finally:
            lock.release()

    async def _serve_while(self, is_held: Callable[[], bool]) -> None:
        tasks = [
            asyncio.create_task(self._sender.run()),
            asyncio.create_task(self.channel.receive(self.intake.accept)),
        ]
        try:
            while await asyncio.to_thread(is_held):  # noqa: ASYNC110 - a lost lock is only noticed by asking
                await asyncio.sleep(5)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await self._finish_sending()

    async def _finish_sending(self) -> None:
        """What cannot be marked now is settled as interrupted by whoever holds the line next."""
        try:
            await self.delivery.finish()
        except StorageUnavailable:
            log.warning("storage_unavailable", loop="finish")


async def serve(settings: Settings) -> None:
    """Run until SIGTERM or SIGINT; raises ConfigurationError when it cannot even start."""
    set_up_logs()
    clock, ids = SystemClock(), RandomIds()
    channel = open_channel(settings, clock)
    store = open_store(settings, clock, ids)
    app = App(store, make_book(settings), channel, clock, ids)
    _announce(settings)
    take_in = channel.take_in if isinstance(channel, TelegramChannel) else None

    async def is_ready() -> bool:
        return not app.delivery.is_stopped and await asyncio.to_thread(store.is_available)

    doors = [
        Server(outer(is_ready, take_in), settings.webhook_listen, "HAMROH_WEBHOOK_LISTEN"),
        Server(inner(app.figures), settings.listen, "HAMROH_LISTEN"),
    ]
    works = [app.run(), *(door.serve() for door in doors)]
    if isinstance(channel, TelegramChannel):
        works.append(_introduce(channel, store))
    try:
        await until_stopped(works)
    finally:
        await channel.close()
        store.close()


async def _introduce(channel: TelegramChannel, store: Store) -> None:
    """Learn the bot's name for invitation links; a refused token ends the process, an outage does not."""
    name = await channel.check()
    while name:
        try:
            await asyncio.to_thread(store.remember, "bot_name", name)
            break
        except StorageUnavailable:
            await asyncio.sleep(5)
    await asyncio.Event().wait()


async def until_stopped(works: Sequence[Awaitable[None]]) -> None:
    """Run all works together; the first that ends, or a signal, ends all; its error is raised."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(name, stop.set)
    tasks = [asyncio.ensure_future(work) for work in works]
    waiter = asyncio.create_task(stop.wait())
    await asyncio.wait([*tasks, waiter], return_when=asyncio.FIRST_COMPLETED)
    for task in [*tasks, waiter]:
        task.cancel()
    for result in await asyncio.gather(*tasks, return_exceptions=True):
        if isinstance(result, BaseExceptionGroup):
            raise result.exceptions[0]
        if isinstance(result, Exception):
            raise result


def _announce(settings: Settings) -> None:
    """Overrides are said at every start, so that nobody forgets them."""
    if settings.has_channel and settings.allow_unready:
        log.warning("HAMROH_ALLOW_UNREADY is set: mothers may join although not everything is ready (hamroh doctor)")
    if settings.has_channel and settings.allow_unreviewed:
        log.warning("HAMROH_ALLOW_UNREVIEWED is set: lessons go out that no native speaker has reviewed")
    if not settings.has_channel:
        log.info("no channel configured: the demo runs", address=f"http://{settings.listen}/")


# ---- for the command line


@contextlib.contextmanager
def open_desk(settings: Settings) -> Iterator[Desk]:
    """The desk over the configured database, closed at the end."""
    clock, ids = SystemClock(), RandomIds()
    store = open_store(settings, clock, ids)
    try:
        yield Desk(store, Batch(store, make_book(settings), load_screen(), clock, ids), clock)
    finally:
        store.close()


def learn_bot_name(settings: Settings, desk: Desk) -> bool:
    """Ask Telegram once how the bot is called; False when links cannot be made because it cannot be reached now."""
    if settings.telegram_token is None or desk.bot_name:
        return True
    name = asyncio.run(_ask_name(settings))
    if name:
        desk.call_bot(name)
    return bool(name)


async def _ask_name(settings: Settings) -> str:
    channel = open_channel(settings, SystemClock())
    try:
        return await channel.check() if isinstance(channel, TelegramChannel) else ""
    finally:
        await channel.close()


def migrate_database(settings: Settings) -> str:
    """Bring the database up to this version; says what was done."""
    faults.arm(settings.fault or "")
    return migrate(settings.database, SystemClock())


def back_up_all(settings: Settings, file: Path) -> str:
    """Write FILE and FILE.keys, while Hamroh may run; says what was written."""
    store = open_store(settings, SystemClock(), RandomIds())
    try:
        done = backup.back_up(store.database, store.sealer.keyring, file)
        return done if settings.has_channel else f"{done} (of the rehearsal: no messenger is configured here)"
    finally:
        store.close()


def restore_all(settings: Settings, file: Path) -> str:
    """Put a backup back; says what was done."""
    return backup.restore(settings.database, _keys(settings), SystemClock(), RandomIds(), file)


def rotate_master_key(settings: Settings) -> str:
    """Wrap every key with a new master key and destroy the old one; says what was done."""
    faults.arm(settings.fault or "")
    keyring = _keys(settings).open(SystemClock())
    try:
        return f"{keyring.rotate()} keys are wrapped with a new master key in {settings.keys}; the old one is destroyed"
    finally:
        keyring.close()
