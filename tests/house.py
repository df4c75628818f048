"""A whole Hamroh in one test: the simulator's phones, a clock moved by hand, ids that count, SQLite in a folder."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Sequence
from datetime import date, timedelta
from pathlib import Path

from bot.app import App, open_store
from bot.channels.simulator import Phone, SimulatorChannel
from bot.concern.screen import Screen
from bot.core.channel import Channel
from bot.core.people import Role
from bot.desk import Desk
from bot.settings import Settings
from tests.book import book_of
from tests.laid import lay
from tests.world import FrozenClock, SeededIds


class House:
    """The app over the simulator, with short ways to do what people do."""

    def __init__(self, app: App, channel: SimulatorChannel, clock: FrozenClock, desk: Desk) -> None:
        self.app = app
        self.channel = channel
        self.clock = clock
        self.desk = desk

    def phone(self, name: str, *, is_group: bool = False) -> Phone:
        """The phone of an invented person."""
        return self.channel.phone(name, name, is_group=is_group)

    async def says(self, phone: Phone, text: str, **how: object) -> list[str]:
        """Somebody writes; what her phone newly shows."""
        shown = len(phone.transcript) + 1
        await self.channel.says(phone, text, **how)  # type: ignore[arg-type]
        await self.app.settle()
        return [bubble.text for bubble in phone.transcript[shown:] if bubble.is_ours]

    async def presses(self, phone: Phone, label: str, **how: object) -> list[str]:
        """Somebody presses a button; what her phone newly shows."""
        shown = len(phone.transcript)
        await self.channel.presses(phone, label, **how)  # type: ignore[arg-type]
        await self.app.settle()
        return [bubble.text for bubble in phone.transcript[shown:] if bubble.is_ours]

    async def passes(self, **time: float) -> None:
        """Time passes, from one due timer to the next."""
        end = self.clock.now() + timedelta(**time)
        while (due := await self.app.scheduler.next_due()) is not None and due <= end:
            self.clock.set(max(due, self.clock.now()))
            await self.app.settle()
        self.clock.set(end)
        await self.app.settle()

    def invite(self, role: Role, cohort: str | None = "Bahor", uses: int = 1) -> str:
        """A fresh code."""
        return self.desk.invite(role, cohort, uses, 7).code


def settings_in(folder: Path) -> Settings:
    """The settings of a house in this folder."""
    return Settings(
        _env_file=None,  # type: ignore[call-arg]
        database_url=f"sqlite:///{folder / 'house.db'}",
        keys_dir=folder / "keys",
        keys_url=f"sqlite:///{folder / 'keys.db'}",
    )


@contextlib.asynccontextmanager
async def open_house(
    folder: Path,
    clock: FrozenClock,
    channel: SimulatorChannel | None = None,
    screen: Screen | None = None,
    others: Sequence[Channel] = (),
) -> AsyncIterator[House]:
    """A house with its doors open, closed at the end; `others` are further messengers of the same phones."""
    settings = settings_in(folder)
    ids = SeededIds()
    lay(settings.database)
    store = open_store(settings, clock, ids)
    channel = channel or SimulatorChannel(clock)
    app = App(store, book_of(settings), channel, clock, ids, screen, others)
    tasks = [asyncio.create_task(app.turns.run()), asyncio.create_task(channel.receive(app.intake.accept))]
    await channel.opened.wait()
    try:
        yield House(app, channel, clock, app.desk)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        store.close()


TODAY = date(2026, 3, 2)
