"""A whole Hamroh on our own Bot API server: real requests, a clock moved by hand, counted ids, SQLite in a folder."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Mapping
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import func, select

from bot.app import App, open_store
from bot.channels.telegram import TelegramChannel
from bot.core.people import Role
from bot.settings import Settings
from storage.schema import mailboxes
from tests.book import book_of
from tests.fakes.bot_api.chats import Seen
from tests.fakes.bot_api.groups import Group
from tests.fakes.bot_api.http import HttpAnswer, HttpRequest, HttpServer
from tests.fakes.bot_api.people import Chat, Person
from tests.fakes.telegram import FakeTelegram
from tests.laid import lay
from tests.world import FrozenClock, SeededIds

JOINING = ("consent.next", "consent.yes", "consent.yes", "adult.yes")
"""The buttons between her language and her first choices."""
SOON = timedelta(seconds=90)
"""What a chat's pace holds back at most; `does` lets that time pass, so that a burst arrives whole."""


class Town:
    """The app over Telegram, with short ways to do what people do; every act is waited for to its end."""

    def __init__(self, app: App, tg: FakeTelegram, clock: FrozenClock) -> None:
        self.app = app
        self.tg = tg
        self.clock = clock

    # ---- people

    def person(self, number: int, language: str = "tg") -> Person:
        """An invented person who never met the bot."""
        return self.tg.person(number, f"Invented {number}", language, is_known=False)

    async def starts(self, person: Person, code: str = "") -> list[str]:
        """She presses Start, perhaps by a link."""
        return await self._after(person, lambda: person.starts(code))

    async def says(self, chat: Chat, text: str, *, by: Person | None = None, reply_to: int | None = None) -> list[str]:
        """Somebody writes; what the bot newly says in that chat."""
        return await self._after(chat, lambda: chat.says(text, by=by, reply_to=reply_to))

    async def sends(self, chat: Chat, kind: str, **how: object) -> list[str]:
        """Somebody sends what is not text."""
        return await self._after(chat, lambda: chat.sends(kind, **how))  # type: ignore[arg-type]

    async def presses(self, chat: Chat, choice: str, *, by: Person | None = None) -> list[str]:
        """Somebody presses the newest button with this label or choice; what the bot newly says in that chat."""
        seen, data = find_button(chat, choice)
        return await self._after(chat, lambda: chat.presses(seen, data, by=by))

    async def _after(self, chat: Chat, act: object) -> list[str]:
        before = len(self.tg.sent)
        act()  # type: ignore[operator]
        await self.settle()
        return [sent.text for sent in self.tg.sent[before:] if sent.chat_id == chat.id]

    # ---- time

    async def settle(self) -> None:
        """All that happened is taken in, and all that is due within a moment is sent."""
        await self._taken_in()
        await self.app.settle()
        while (due := self._next_send()) is not None and due <= self.clock.now() + SOON:
            self.clock.set(max(due, self.clock.now() + timedelta(seconds=1)))
            await self.app.settle()
        await self._taken_in()

    async def _taken_in(self) -> None:
        async with asyncio.timeout(10):
            while self.tg.feed.live():  # noqa: ASYNC110 - the server says nothing of a confirmed update
                await asyncio.sleep(0.002)

    def _next_send(self) -> datetime | None:
        with self.app.store.database.reading() as connection:
            found: datetime | None = connection.scalar(select(func.min(mailboxes.c.next_due_at)))
        return found

    async def passes(self, **time: float) -> None:
        """Time passes, from one due thing to the next."""
        end = self.clock.now() + timedelta(**time)
        while (due := await self._next_due()) is not None and due <= end:
            self.clock.set(max(due, self.clock.now()))
            await self.settle()
        self.clock.set(max(end, self.clock.now()))
        await self.settle()

    async def _next_due(self) -> datetime | None:
        found = [at for at in (await self.app.scheduler.next_due(), self._next_send()) if at is not None]
        return min(found, default=None)

    # ---- the operator

    def invite(self, role: Role, cohort: str | None = "Bahor", uses: int = 1) -> str:
        """A fresh code for a link."""
        return self.app.desk.invite(role, cohort, uses, 7).code

    # ---- the people of a whole desk

    async def coordinator(self, number: int = 100, language: str = "ru", alias: str = "Гранат") -> Person:
        """The first coordinator, made on the server's command line (S14)."""
        return await self._enlisted(number, self.invite(Role.COORDINATOR, None), language, alias)

    async def facilitator(
        self, colleague: Person, number: int = 200, language: str = "tg", alias: str = "Чинор", cohort: str = "Bahor"
    ) -> Person:
        """A facilitator whom a colleague has confirmed, on duty at every hour."""
        person = await self._enlisted(number, self.invite(Role.FACILITATOR, cohort), language, alias)
        await self.presses(colleague, "staff.accept")
        await self.says(person, "/menu")
        await self.presses(person, "menu.duty")
        await self.says(person, "пн-вс 0-24" if language == "ru" else "дш-яш 0-24")
        await self.presses(person, "duty.save")
        return person

    async def _enlisted(self, number: int, code: str, language: str, alias: str) -> Person:
        person = self.person(number, language)
        await self.starts(person, code)
        await self.presses(person, f"enlist.language:{language}")
        await self.says(person, alias)
        await self.presses(person, "enlist.agree")
        return person

    async def bound_group(self, coordinator: Person, *members: Person, number: int = -100_777) -> Group:
        """The facilitators' group, with the bot as its administrator."""
        group = self.tg.group(number, "Invented group", bot_status="left")
        group.adds_bot(coordinator, is_administrator=True)
        await self.settle()
        await self.says(group, f"/bind {self.invite(Role.GROUP, None)}", by=coordinator)
        for member in members:
            group.joins(member)
        await self.settle()
        return group

    async def mother(
        self, number: int = 300, language: str = "tg", *, phone: str = "phone.no", hours: str = "hours:9"
    ) -> Person:
        """A mother who came by a link and chose everything by buttons."""
        person = self.person(number, language)
        await self.starts(person, self.invite(Role.MOTHER))
        for choice in (f"language:{language}", *JOINING, phone, "name.skip", hours):
            await self.presses(person, choice)
        return person

    async def opens_module(self, facilitator: Person) -> None:
        """The session was held: the next module opens."""
        await self.says(facilitator, "/menu")
        for choice in ("menu.session", "held.cohort", "held.yes"):
            await self.presses(facilitator, choice)

    async def meets_everybody(self, facilitator: Person) -> None:
        """The facilitator confirms every mother whom she has met in person (S16)."""
        await self.says(facilitator, "/menu")
        await self.presses(facilitator, "menu.people")
        while unmet := [button for button in facilitator.last().buttons if button.label.endswith("·")]:
            await self.presses(facilitator, unmet[0].label)
            await self.presses(facilitator, "meet.confirm")
            await self.says(facilitator, "/menu")
            await self.presses(facilitator, "menu.people")

    # ---- what is on a screen

    def screen(self, chat: Chat) -> str:
        """Everything that anybody who holds the phone can read now."""
        return "\n".join(seen.text for seen in chat.sees())


def find_button(chat: Chat, choice: str) -> tuple[Seen, str]:
    """The newest message with this button, and the button's data; `choice` is a label, a choice, or how it begins."""
    for seen in reversed(chat.sees()):
        for button in seen.buttons:
            if button.data and (button.label == choice or button.data.partition("|")[2].startswith(choice)):
                return seen, button.data
    shown = [button.data for seen in chat.sees() for button in seen.buttons]
    raise LookupError(f"no button {choice!r} on this screen; it shows {shown}")


def settings_of(folder: Path, tg: FakeTelegram, **more: object) -> Settings:
    """The settings of a real bot in a folder of its own; mothers may join although nothing is ready."""
    given: Mapping[str, object] = {
        "telegram_token": tg.token,
        "telegram_api_url": tg.root,
        "database_url": f"sqlite:///{folder / 'town.db'}",
        "keys_dir": folder / "keys",
        "keys_url": f"sqlite:///{folder / 'keys.db'}",
        "allow_unready": True,
        "allow_unreviewed": True,
    }
    return Settings(_env_file=None, **{**given, **more})  # type: ignore[arg-type]


@contextlib.asynccontextmanager
async def _door(channel: Callable[[], TelegramChannel]) -> AsyncIterator[str]:
    """The webhook's door on a free port of this machine; gives its address."""

    async def respond(request: HttpRequest) -> HttpAnswer:
        if request.target != "/telegram":
            return HttpAnswer(404)
        status, headers = await channel().take_in(request.body, request.headers)
        return HttpAnswer(status, b"", headers)

    server = HttpServer(respond)
    try:
        yield f"http://127.0.0.1:{await server.start()}/"
    finally:
        await server.close()


SECRET = "invented-webhook_SECRET-1"


@contextlib.asynccontextmanager
async def open_town(
    folder: Path, clock: FrozenClock, *, is_hooked: bool = False, **more: object
) -> AsyncIterator[Town]:
    """A town with its doors open; at its end every request it made was valid and every message protected.

    Updates are asked for; when `is_hooked` they are posted to the door that the world reaches.
    """
    async with FakeTelegram(clock=clock) as tg, contextlib.AsyncExitStack() as stack:
        settings, ids = settings_of(folder, tg, **more), SeededIds()
        lay(settings.database)
        store = open_store(settings, clock, ids)
        root = await stack.enter_async_context(_door(lambda: channel)) if is_hooked else ""
        channel = TelegramChannel(tg.token, tg.root, clock, (root, SECRET) if is_hooked else None)
        app = App(store, book_of(settings), channel, clock, ids)
        tasks = [asyncio.create_task(app.turns.run()), asyncio.create_task(channel.receive(app.intake.accept))]
        await tg.waits_for_calls("setWebhook" if is_hooked else "getUpdates")
        try:
            yield Town(app, tg, clock)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await tg.webhook.close()
            await channel.close()
            store.close()
        assert tg.violations == []
        assert tg.unprotected() == []
