"""One line at work: it sends and receives while this process holds it, and leaves it in order."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from functools import partial

import structlog

from bot.channels.telegram import TelegramChannel
from bot.channels.whatsapp import WhatsAppChannel
from bot.core.channel import Channel
from bot.core.errors import ConfigurationError, StorageUnavailable
from bot.core.ports import Clock, Ids
from bot.delivery import REFUSED, Delivery
from bot.intake import Intake
from bot.loops import Loop, Pause, until_stored
from storage.sender_lock import sender_lock
from storage.store import Store

log = structlog.get_logger()

PATIENCE = timedelta(minutes=1)
"""So long trouble must last before anybody is told: the poll of a process that just ended looks like another bot's."""
CLOCK = "clock_wrong"
"""The trouble that our own clock makes: messages come and go all the same, at wrong times."""
TEMPLATE, RECENTLY = "template_refused", timedelta(days=1)
"""The trouble of an approved line, and how long after its last refusal it counts as the same."""
LOOK, SOON = 5.0, 0.2
"""Seconds between two looks at whether the line is free, or still ours; and until the first one after it was lost."""


class PostOffice:
    """The delivery and the door of one line."""

    def __init__(self, store: Store, channel: Channel, intake: Intake, clock: Clock, ids: Ids) -> None:
        self.channel = channel
        self.delivery = Delivery(store, channel, clock, ids)
        self.sender = Loop("delivery", self.delivery.sweep, 1.0, self.delivery.wake)
        self._store = store
        self._intake = intake
        self._clock = clock
        self._trouble = ""
        self._alarm_at: datetime | None = None
        if isinstance(channel, WhatsAppChannel):
            channel.report_to(self.delivery.hear)

    @property
    def line(self) -> str:
        """Which line it is."""
        return str(self.channel.line)

    async def run(self, pause: Pause = asyncio.sleep) -> None:
        """Send and receive while this process holds the line; others on the same PostgreSQL wait for it.

        Whoever lost it asks again soon: the server may have been restarted, and people wait.
        """
        lock = sender_lock(self._store.database, self.line)
        try:
            while True:
                is_held = await asyncio.to_thread(lock.try_hold)
                if is_held:
                    await self._work_while(lock.try_hold, pause)
                elif not self._store.database.is_postgres:
                    raise ConfigurationError("another Hamroh already uses this database: stop it first")
                await pause(SOON if is_held else LOOK)
        finally:
            lock.release()

    async def ask_name(self, ask: Callable[[], Awaitable[str]], fact: str, *, is_alone: bool) -> str:
        """What the messenger calls us; `fact` is where it is kept.

        A line that is refused at its first start ends the process.  One that has worked is asked again each minute, and
        its people alone go without: on the other line everybody is heard and every alarm rings (S10).
        """
        while True:
            try:
                name = await ask()
            except ConfigurationError as error:
                if is_alone or not await until_stored(partial(self._store.recall, fact)):
                    raise
                self.delivery.refuse("check", str(error))
                await asyncio.sleep(REFUSED.total_seconds())
            else:
                self.delivery.is_refused = False
                return name

    async def listen(self) -> int:
        """Note until when the line was heard; coordinators are told, once each time, of trouble that lasts."""
        if not isinstance(self.channel, TelegramChannel | WhatsAppChannel):
            return 0
        if self.channel.heard_at is not None:
            await self._intake.hear(self.line, self.channel.heard_at)
        await self._alarm(self._current_trouble(self.channel))
        return 0

    def _current_trouble(self, channel: TelegramChannel | WhatsAppChannel) -> str:
        """The worst that coordinators should know of now; of the clock the line hears on which they are."""
        if channel.trouble or self.delivery.is_refused:
            return channel.trouble or "send_refused"
        refused_at = self.delivery.template_refused_at
        if refused_at is not None and self._clock.now() - refused_at < RECENTLY:
            return TEMPLATE
        return CLOCK if isinstance(channel, TelegramChannel) and channel.is_clock_wrong else ""

    async def _alarm(self, trouble: str) -> None:
        now = self._clock.now()
        if trouble != self._trouble:
            self._trouble, self._alarm_at = trouble, now + PATIENCE
        if trouble and self._alarm_at is not None and now >= self._alarm_at:
            await self._intake.alarm(self.line, trouble, now)
            self._alarm_at = None

    @property
    def is_well(self) -> bool:
        """Whether nothing that only an operator can end keeps messages from coming in or going out."""
        is_heard = not isinstance(self.channel, TelegramChannel | WhatsAppChannel) or not self.channel.trouble
        return is_heard and not self.delivery.is_refused

    async def _work_while(self, is_held: Callable[[], bool], pause: Pause) -> None:
        tasks = [
            asyncio.create_task(self.sender.run()),
            asyncio.create_task(self.channel.receive(self._intake.accept)),
        ]
        self.delivery.is_open = True
        try:
            while await asyncio.to_thread(is_held):  # a lost lock is only noticed by asking
                await pause(LOOK)
        finally:
            self.delivery.is_open = False
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
