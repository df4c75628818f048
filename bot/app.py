"""The composition root: the only place that knows every room; settings in, a running Hamroh out."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass

import structlog
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from bot import faults
from bot.batch import Batch, Written
from bot.broadcasts import Broadcasts
from bot.channels.telegram import TelegramChannel
from bot.concern.screen import load_screen
from bot.core.channel import Channel
from bot.core.errors import ConfigurationError, HamrohError, StorageUnavailable
from bot.core.ports import Clock, Ids
from bot.curriculum.load import load
from bot.delivery import Delivery
from bot.flows.book import Book
from bot.flows.policy import Policy
from bot.intake import Intake
from bot.operator_files import read_confidentiality, read_help_lines
from bot.privacy import Privacy
from bot.scheduler import Scheduler
from bot.settings import Settings
from bot.texts import load_texts
from bot.turns import Turns
from storage.database import open_database
from storage.keys import open_keyring
from storage.migrate import migrate
from storage.store import Store

log = structlog.get_logger()

LARGEST_BODY = 1 << 20
"""Bytes of a webhook call that are read at most."""


def make_policy(settings: Settings) -> Policy:
    """What the operator decided, from the settings and the files they name."""
    return Policy(
        zone=settings.timezone,
        help_lines=read_help_lines(settings.help_file),
        confidentiality=read_confidentiality(settings.confidentiality_file),
        is_unready_allowed=settings.allow_unready or not settings.has_channel,
        reply_window=settings.reply_window,
    )


def make_book(settings: Settings) -> Book:
    """All flows over the configured lessons; refuses unreviewed ones with a real channel, unless allowed."""
    curriculum = load(settings.curriculum)
    unreviewed = curriculum.unreviewed()
    if unreviewed and settings.has_channel and not settings.allow_unreviewed:
        raise ConfigurationError(
            f"{len(unreviewed)} lessons await review by a native speaker; have them reviewed, or set "
            "HAMROH_ALLOW_UNREVIEWED=1 to send them as they are"
        )
    return Book(curriculum, load_texts(), make_policy(settings))


def open_store(settings: Settings, clock: Clock, ids: Ids) -> Store:
    """The database, migrated, with its keys; a real channel refuses a demo database and the other way round (S24)."""
    migrate(settings.database, clock)
    database = open_database(settings.database)
    keyring = open_keyring(settings.keys, settings.key_store, settings.index_key_file, clock)
    store = Store(database, keyring, clock, ids)
    store.claim_as(is_demo=not settings.has_channel)
    return store


@dataclass(slots=True)
class Loop:
    """A service's sweep, repeated: at once when woken, otherwise every so many seconds."""

    name: str
    sweep: Callable[[], Awaitable[int]]
    every: float
    wake: asyncio.Event

    async def run(self) -> None:
        """Sweep until cancelled; an outage or a mistake is logged by its kind and the next sweep follows."""
        while True:
            self.wake.clear()
            done = 0
            try:
                done = await self.sweep()
            except StorageUnavailable:
                log.warning("storage_unavailable", loop=self.name)
            except Exception as error:  # noqa: BLE001 - the one catch of this loop
                log.error("sweep_failed", loop=self.name, error=type(error).__name__)
            if done:
                continue
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self.wake.wait(), self.every)


class App:
    """A whole Hamroh in one process: one line, its services, and its doors to the web."""

    def __init__(self, settings: Settings, store: Store, book: Book, channel: Channel, clock: Clock, ids: Ids) -> None:
        self.settings = settings
        self.store = store
        self.channel = channel
        self.turns = Turns(Batch(store, book, load_screen(), clock, ids))
        self.intake = Intake(store, self.turns)
        self.scheduler = Scheduler(store, self.turns, clock)
        self.delivery = Delivery(store, channel, clock, ids)
        self.broadcasts = Broadcasts(store, clock)
        self.privacy = Privacy(store, clock)
        self.turns.on_commit.append(self._committed)
        self._sender = Loop("delivery", self.delivery.sweep, 1.0, asyncio.Event())
        self._timers = Loop("scheduler", self.scheduler.sweep, 1.0, asyncio.Event())
        self._loops = [
            self._sender,
            self._timers,
            Loop("intake", self.intake.sweep, 1.0, asyncio.Event()),
            Loop("broadcasts", self.broadcasts.sweep, 1.0, asyncio.Event()),
            Loop("privacy", self.privacy.sweep, 600.0, asyncio.Event()),
        ]

    def _committed(self, written: Written) -> None:
        if written.lines:
            self._sender.wake.set()
        if written.has_timers:
            self._timers.wake.set()

    async def run(self) -> None:
        """Serve until cancelled; the channel takes updates only while this process holds its line."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self.turns.run())
            for loop in self._loops:
                group.create_task(loop.run())
            group.create_task(self.channel.receive(self.intake.accept))


def doors(app: App) -> Starlette:
    """What the world may reach: the webhook, and whether we are well."""

    async def healthz(_: Request) -> Response:
        return PlainTextResponse("ok")

    async def readyz(_: Request) -> Response:
        is_ready = await asyncio.to_thread(app.store.is_available)
        return PlainTextResponse("ready" if is_ready else "database unavailable", 200 if is_ready else 503)

    routes = [Route("/healthz", healthz), Route("/readyz", readyz)]
    if isinstance(app.channel, TelegramChannel):
        routes.append(Route("/telegram", _telegram_door(app.channel), methods=["POST"]))
    return Starlette(routes=routes)


def _telegram_door(channel: TelegramChannel) -> Callable[[Request], Awaitable[Response]]:
    async def receive(request: Request) -> Response:
        body = bytearray()
        async for chunk in request.stream():
            body += chunk
            if len(body) > LARGEST_BODY:
                return Response(status_code=413)
        status, headers = await channel.take_in(bytes(body), request.headers)
        return Response(status_code=status, headers=headers)

    return receive
