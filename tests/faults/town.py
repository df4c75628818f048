"""A Hamroh inside the test, over the fake Bot API and by a clock moved by hand: with it a village is built quickly."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Iterable
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import select

from bot.app import App, make_book, open_store
from bot.channels.telegram import TelegramChannel
from bot.core.people import Role
from bot.settings import Settings
from storage.schema import mailboxes
from tests.fakes.bot_api.chats import Seen
from tests.fakes.bot_api.people import Chat, Person
from tests.fakes.telegram import FakeTelegram
from tests.world import FrozenClock, SeededIds

JOINING = ("consent.next", "consent.yes", "consent.yes", "adult.yes", "phone.no", "name.skip", "hours:9")
"""A mother's buttons after her language."""
SOON = timedelta(seconds=90)
"""What a chat's pace holds back at most."""


class Town:
    """The app over Telegram, with short ways to do what people do; every act is waited for to its end."""

    def __init__(self, app: App, tg: FakeTelegram, clock: FrozenClock) -> None:
        self.app = app
        self.tg = tg
        self.clock = clock

    def person(self, number: int, language: str = "tg") -> Person:
        """An invented person who never met the bot."""
        return self.tg.person(number, f"Invented {number}", language, is_known=False)

    def invite(self, role: Role, cohort: str | None = "Bahor", uses: int = 1) -> str:
        """A fresh code for a link."""
        return self.app.desk.invite(role, cohort, uses, 7).code

    async def does(self, *acts: Callable[[], object]) -> None:
        """One act after the other, each to its end."""
        for act in acts:
            act()
            await self.settle()

    async def presses(self, person: Person, *choices: str) -> None:
        """One button after the other."""
        for choice in choices:
            await self.does(lambda choice=choice: press(person, choice))

    async def all_do(self, people: Iterable[Person], act: Callable[[Person], object]) -> None:
        """Everybody does it at the same time."""
        for person in people:
            act(person)
        await self.settle()

    # ---- time

    async def settle(self) -> None:
        """All that happened is taken in, and all that is due within a moment is sent."""
        await self._taken_in()
        await self.app.settle()
        while (due := self._next_send()) is not None and due <= self.clock.now() + SOON:
            self.clock.set(max(due, self.clock.now() + timedelta(milliseconds=1)))
            await self.app.settle()
        await self._taken_in()

    async def _taken_in(self) -> None:
        async with asyncio.timeout(20):
            while self.tg.feed.live():  # noqa: ASYNC110 - confirming rings no bell
                await asyncio.sleep(0.002)

    def _next_send(self) -> datetime | None:
        m = mailboxes.c
        query = select(m.next_due_at, m.lease_until).where(m.next_due_at.is_not(None))
        with self.app.store.database.reading() as connection:
            found = [max(due, rests or due) for due, rests in connection.execute(query)]
        return min(found, default=None)


def press(chat: Chat, choice: str) -> None:
    """Press the newest button with this choice, or one that begins so."""
    chat.presses(*_find(chat, choice))


def _find(chat: Chat, choice: str) -> tuple[Seen, str]:
    for seen in reversed(chat.sees()):
        for button in seen.buttons:
            if button.data and button.data.partition("|")[2].startswith(choice):
                return seen, button.data
    raise LookupError(f"no button {choice!r} on this screen")


@contextlib.asynccontextmanager
async def open_town(folder: Path, clock: FrozenClock, **more: object) -> AsyncIterator[Town]:
    """A town with its doors open."""
    async with FakeTelegram(clock=clock) as tg:
        given = {
            "telegram_token": tg.token,
            "telegram_api_url": tg.root,
            "keys_dir": folder / "keys",
            "keys_url": f"sqlite:///{folder / 'keys.db'}",
            "allow_unready": True,
            "allow_unreviewed": True,
        }
        settings, ids = Settings(_env_file=None, **given, **more), SeededIds()  # type: ignore[arg-type]
        store = open_store(settings, clock, ids)
        channel = TelegramChannel(tg.token, tg.root, clock)
        app = App(store, make_book(settings), channel, clock, ids)
        tasks = [asyncio.create_task(app.turns.run()), asyncio.create_task(channel.receive(app.intake.accept))]
        try:
            yield Town(app, tg, clock)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await channel.close()
            store.close()
