"""The composition root: the only place that knows every room; settings in, a running Hamroh out."""

import asyncio
import contextlib
import signal
from collections import Counter
from collections.abc import Awaitable, Iterator, Sequence
from datetime import timedelta
from functools import partial
from pathlib import Path

import structlog

from bot import faults
from bot.batch import Batch, Written
from bot.broadcasts import Broadcasts
from bot.channels.simulator import SimulatorChannel
from bot.channels.telegram import TelegramChannel
from bot.channels.whatsapp import LARGEST_CALL, WhatsAppChannel
from bot.concern.screen import Screen, load_screen
from bot.core.channel import Channel, Content
from bot.core.effects import Purpose
from bot.core.errors import ConfigurationError
from bot.core.messages import SendFailure, Trouble
from bot.core.ports import Clock, Ids
from bot.curriculum.load import load
from bot.desk import BOT_NAME, WHATSAPP_NUMBER, Desk
from bot.doors import Hook, Server, inner, outer
from bot.flows.arrival import standing_changed
from bot.flows.book import Book
from bot.flows.policy import Policy
from bot.guidance.load import load_guidance
from bot.intake import Intake
from bot.logs import set_up_logs
from bot.loops import Loop, Pause, until_stored
from bot.operator_files import read_confidentiality, read_feasts, read_help_lines, read_referrals, read_templates
from bot.post_office import PostOffice
from bot.privacy import Privacy
from bot.scheduler import Scheduler
from bot.settings import Settings
from bot.system import RandomIds, SystemClock, calm_collector
from bot.texts import load_texts
from bot.turns import Turns
from storage import backup
from storage.database import open_database
from storage.keys import KeyPlaces
from storage.migrate import migrate
from storage.store import Store
from storage.wakeups import Listener

log = structlog.get_logger()

Messenger = TelegramChannel | WhatsAppChannel
FACTS = {"telegram": BOT_NAME, "whatsapp": WHATSAPP_NUMBER}
"""What is remembered of a messenger, because links need it."""


def make_policy(settings: Settings) -> Policy:
    """What the operator decided, from the settings and the files they name."""
    return Policy(
        zone=settings.timezone,
        help_lines=read_help_lines(settings.help_file),
        confidentiality=read_confidentiality(settings.confidentiality_file),
        referrals=read_referrals(settings.referrals_file),
        feasts=read_feasts(settings.feasts_file),
        is_unready_allowed=settings.allow_unready or not settings.has_channel,
        reply_window=settings.reply_window,
        answer_expires=timedelta(minutes=settings.answer_waits_minutes),
        case_text_stays=timedelta(minutes=settings.case_text_minutes),
        alarm_group=timedelta(minutes=settings.alarm_group_minutes),
        alarm_private=timedelta(minutes=settings.alarm_private_minutes),
        alarm_coordinators=timedelta(minutes=settings.alarm_coordinators_minutes),
        alarm_again=timedelta(minutes=settings.alarm_again_minutes),
        concern_first=timedelta(hours=settings.concern_first_hours),
        concern_last=timedelta(hours=settings.concern_last_hours),
        silent_after=timedelta(days=settings.silent_days),
        reopened_within=timedelta(days=settings.reopened_days),
        silent_reach=_silent_reach(settings),
        is_cover_approved=read_templates(settings.whatsapp_templates_file).of(Purpose.COVER) is not None,
    )


def _silent_reach(settings: Settings) -> int:
    """How many who are silent on WhatsApp a broadcast may reach in a day; nobody without a template for it."""
    templates = read_templates(settings.whatsapp_templates_file)
    return templates.daily_reach if templates.of(Purpose.BROADCAST) else 0


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


def open_channels(settings: Settings, clock: Clock) -> list[Channel]:
    """The configured messengers, or the simulator."""
    found = [open_telegram(settings, clock), open_whatsapp(settings, clock)]
    return [channel for channel in found if channel is not None] or [SimulatorChannel(clock)]


def open_telegram(settings: Settings, clock: Clock) -> TelegramChannel | None:
    """Our bot on Telegram, if there is one."""
    if settings.telegram_token is None:
        return None
    webhook = None
    if settings.webhook_url and settings.webhook_secret:
        webhook = (settings.webhook_url, settings.webhook_secret.get_secret_value())
    return TelegramChannel(settings.telegram_token.get_secret_value(), settings.telegram_api_url, clock, webhook)


def open_whatsapp(settings: Settings, clock: Clock) -> WhatsAppChannel | None:
    """Our number on WhatsApp, if there is one."""
    token, phone_id = settings.whatsapp_token, settings.whatsapp_phone_id
    secret, word = settings.whatsapp_app_secret, settings.whatsapp_verify_token
    if token is None or phone_id is None or secret is None or word is None:
        return None
    secrets = (secret.get_secret_value(), word.get_secret_value())
    templates = read_templates(settings.whatsapp_templates_file)
    return WhatsAppChannel(token.get_secret_value(), phone_id, secrets, settings.whatsapp_api_url, clock, templates)


class App:
    """A whole Hamroh in one process: its lines, its services, and their loops.

    `channel` and `delivery` are those of the first line; `others` are the channels beside it.
    """

    def __init__(
        self,
        store: Store,
        book: Book,
        channel: Channel,
        clock: Clock,
        ids: Ids,
        screen: Screen | None = None,
        others: Sequence[Channel] = (),
    ) -> None:
        batch = Batch(store, book, screen or load_screen(), clock, ids)
        self.store = store
        self.channel = channel
        self.desk = Desk(store, batch, clock)
        self.turns = Turns(batch)
        self.intake = Intake(store, self.turns)
        self.scheduler = Scheduler(store, self.turns, clock)
        self.offices = [PostOffice(store, one, self.intake, clock, ids) for one in (channel, *others)]
        self.delivery = self.offices[0].delivery
        self.broadcasts = Broadcasts(store)
        self.privacy = Privacy(store, clock)
        self._timers = Loop("scheduler", self.scheduler.sweep, 1.0)
        self._loops = [
            self._timers,
            Loop("intake", self.intake.sweep, 1.0),
            *(Loop("hearing", office.listen, 2.0) for office in self.offices),
            Loop("broadcasts", self.broadcasts.sweep, 1.0),
            Loop("privacy", self.privacy.sweep, 600.0),
        ]
        if store.database.is_postgres:
            listener = Listener(store.database)
            self._loops.append(Loop("listen", lambda: self._listen(listener), 1.0))
        for office in self.offices:
            if isinstance(office.channel, TelegramChannel):
                office.channel.fetch_by(self._fetch)
        self.turns.senders = {office.line: office.delivery for office in self.offices}
        self.turns.on_commit.append(self._committed)
        for office in self.offices:
            office.delivery.on_posted.append(self._posted)

    def _committed(self, written: Written) -> None:
        for office in self.offices:
            if office.line in written.lines:
                office.sender.wake.set()
        if written.has_timers:
            self._timers.wake.set()

    def _posted(self, inbox_ids: list[str]) -> None:
        self.turns.play_posted(inbox_ids)

    async def _fetch(self, file: str) -> Content | SendFailure:
        """A file that lies with one of our WhatsApp numbers."""
        for office in self.offices:
            if isinstance(office.channel, WhatsAppChannel) and file.startswith(f"{office.line}/"):
                return await office.channel.fetch(file)
        return SendFailure(Trouble.REFUSED, "file of a line that is no more")

    async def is_ready(self) -> bool:
        """Whether people are heard and answered on every line, and what they write can be written down."""
        return all(office.is_well for office in self.offices) and await self.intake.is_taking()

    def figures(self) -> dict[str, int]:
        """What an operator watches: counts of rows by state, and of sends by outcome since the start."""
        sends = sum((office.delivery.counts for office in self.offices), Counter[str]())
        return self.store.counts() | {f"sends_{outcome}": count for outcome, count in sends.items()}

    async def settle(self) -> None:
        """Do all that is to be done at this instant, then return: for rehearsals under a clock moved by hand."""
        turns = (self.turns.rest, self.intake.sweep, self.scheduler.sweep)
        sweeps = (*turns, self.broadcasts.sweep, *(office.delivery.sweep for office in self.offices))
        while sum([await sweep() for sweep in sweeps]):
            pass

    async def run(self) -> None:
        """Work until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self.turns.run())
            for loop in self._loops:
                group.create_task(loop.run())
            for office in self.offices:
                group.create_task(office.run())

    async def _listen(self, listener: Listener) -> int:
        """Hear what other processes on the same PostgreSQL have put into the outbox; the poll is the safety net."""
        if await asyncio.to_thread(listener.wait, 1.0):
            for office in self.offices:
                office.sender.wake.set()
        return 1  # at once again: waiting was the work


async def serve(settings: Settings) -> None:
    """Run until SIGTERM or SIGINT; raises ConfigurationError when it cannot even start."""
    set_up_logs()
    clock, ids = SystemClock(), RandomIds()
    channels = open_channels(settings, clock)
    store = open_store(settings, clock, ids)
    app = App(store, make_book(settings), channels[0], clock, ids, others=channels[1:])
    _announce(settings)
    calm_collector()

    doors = [
        Server(outer(app.is_ready, _hooks(channels)), settings.webhook_listen, "HAMROH_WEBHOOK_LISTEN"),
        Server(inner(app.figures), settings.listen, "HAMROH_LISTEN"),
    ]
    works = [app.run(), *(door.serve() for door in doors)]
    works += [_introduce(office, store, is_alone=not app.offices[1:]) for office in app.offices]
    try:
        await until_stopped(works)
    finally:
        for channel in channels:
            await channel.close()
        store.close()


def _hooks(channels: Sequence[Channel]) -> list[Hook]:
    """The doors of the messengers' webhooks."""
    return [_hook(channel) for channel in channels if isinstance(channel, Messenger)]


def _hook(channel: Messenger) -> Hook:
    """A messenger's door, as wide as the messenger's own calls may be."""
    if isinstance(channel, WhatsAppChannel):
        return Hook(channel.line.channel, channel.take_in, channel.challenge, LARGEST_CALL)
    return Hook(channel.line.channel, channel.take_in)


async def _introduce(office: PostOffice, store: Store, *, is_alone: bool) -> None:
    """Learn what invitation links need to know; a token refused from the first ends the process, an outage does not."""
    channel, name = office.channel, ""
    if isinstance(channel, Messenger):
        name = await office.ask_name(channel.check, FACTS[channel.line.channel], is_alone=is_alone)
    if name:
        await until_stored(partial(store.remember, FACTS[channel.line.channel], name))
    if name and isinstance(channel, TelegramChannel):
        await look_at_groups(channel, store)
    await asyncio.Event().wait()


async def look_at_groups(channel: TelegramChannel, store: Store, pause: Pause = asyncio.sleep) -> None:
    """Rights that were taken from the bot while it was down are told to coordinators, and given back are used."""
    groups = await until_stored(partial(store.groups_on, str(channel.line)), pause)
    for conversation_id, address in groups.items():
        if standing := await channel.standing_in(address.id):
            await until_stored(partial(store.post, standing_changed(standing), conversation_id), pause)


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
def open_desk(settings: Settings, clock: Clock | None = None) -> Iterator[Desk]:
    """The desk over the configured database, closed at the end; by the machine's clock unless another is given."""
    clock, ids = clock or SystemClock(), RandomIds()
    store = open_store(settings, clock, ids)
    try:
        yield Desk(store, Batch(store, make_book(settings), load_screen(), clock, ids), clock)
    finally:
        store.close()


def learn_names(settings: Settings, desk: Desk) -> list[str]:
    """Ask once what links need to know; the messengers that cannot be reached now, so that there is no link to them."""
    return asyncio.run(_ask_names(settings, desk))


async def _ask_names(settings: Settings, desk: Desk) -> list[str]:
    unreached: list[str] = []
    for channel in open_channels(settings, SystemClock()):
        if isinstance(channel, Messenger) and not desk.recall(FACTS[channel.line.channel]):
            name = await channel.check()
            if name:
                desk.learn(FACTS[channel.line.channel], name)
            else:
                unreached.append(channel.line.channel)
        await channel.close()
    return unreached


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
