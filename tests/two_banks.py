"""A whole Hamroh on both messengers: staff on Telegram, mothers on either, each on a server of our own."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from pathlib import Path

from bot.app import App, open_channels, open_store
from bot.channels.telegram import TelegramChannel
from bot.channels.whatsapp import WhatsAppChannel
from bot.core.people import Role
from tests.book import book_of
from tests.fakes.bot_api.people import Person
from tests.fakes.cloud_api.limits import Rates
from tests.fakes.cloud_api.people import CloudPerson
from tests.fakes.telegram import FakeTelegram
from tests.fakes.whatsapp import APP_SECRET, VERIFY_TOKEN, FakeWhatsApp
from tests.laid import lay
from tests.town import JOINING, Town, settings_of
from tests.world import FrozenClock, SeededIds


class TwoBanks(Town):
    """The town with a second bank, where people have WhatsApp."""

    def __init__(self, app: App, tg: FakeTelegram, wa: FakeWhatsApp, clock: FrozenClock) -> None:
        super().__init__(app, tg, clock)
        self.wa = wa

    async def writes(self, person: CloudPerson, text: str) -> list[str]:
        """She writes; what her phone newly shows."""
        return await self.acts(person, lambda: person.says(text))

    async def chooses(self, person: CloudPerson, choice: str) -> list[str]:
        """She presses a button or a row of a list; what her phone newly shows."""
        return await self.acts(person, lambda: person.presses(choice))

    async def acts(self, person: CloudPerson, act: Callable[[], object]) -> list[str]:
        """She does anything; what her phone newly shows."""
        before = len(person.bubbles)
        act()
        await self.settle()
        return person.texts[before:]

    async def settle(self) -> None:
        """Everything, the words of WhatsApp about what was sent included."""
        await super().settle()
        while self.wa.hook.waiting:
            await super().settle()

    async def _taken_in(self) -> None:
        await super()._taken_in()
        async with asyncio.timeout(60):
            while self.wa.hook.waiting:  # noqa: ASYNC110 - the server says nothing of what was confirmed
                await asyncio.sleep(0.002)

    async def her(
        self, number: int = 900, language: str = "tg", *, phone: str = "phone.no", hours: str = "hours:9"
    ) -> CloudPerson:
        """A mother on WhatsApp, who sent her code as the link wrote it and chose everything else."""
        person = self.wa.person(number)
        await self.writes(person, self.invite(Role.MOTHER))
        for choice in (f"language:{language}", *JOINING, phone, "name.skip", hours):
            await self.chooses(person, choice)
        return person

    async def asked_whether_now(self, words: str, answer: str) -> tuple[CloudPerson, Person]:
        """She wrote of a concern and is here; her facilitator's answer waits behind the question of every contact."""
        facilitator = await self.facilitator(await self.coordinator())
        her = await self.her()
        await self.writes(her, words)
        await self.presses(facilitator, "case.take")
        await self.writes(her, "салом")
        await self.presses(facilitator, "case.reply")
        await self.says(facilitator, answer)
        await self.presses(facilitator, "answer.send")
        return her, facilitator


@contextlib.asynccontextmanager
async def open_banks(
    folder: Path, clock: FrozenClock, *, rates: Rates | None = None, **more: object
) -> AsyncIterator[TwoBanks]:
    """Both banks with their doors open; at the end every request to either messenger was valid."""
    async with FakeTelegram(clock=clock) as tg, FakeWhatsApp(clock=clock, rates=rates) as wa:
        given = {
            "whatsapp_token": wa.token, "whatsapp_phone_id": wa.phone_id, "whatsapp_app_secret": APP_SECRET,
            "whatsapp_verify_token": VERIFY_TOKEN, "whatsapp_api_url": wa.root,
        }  # fmt: skip
        settings, ids = settings_of(folder, tg, **{**given, **more}), SeededIds()
        lay(settings.database)
        store = open_store(settings, clock, ids)
        telegram, whatsapp = open_channels(settings, clock)
        assert isinstance(telegram, TelegramChannel)
        assert isinstance(whatsapp, WhatsAppChannel)
        app = App(store, book_of(settings), telegram, clock, ids, others=[whatsapp])
        works = [app.turns.run(), *(channel.receive(app.intake.accept) for channel in (telegram, whatsapp))]
        tasks = [asyncio.create_task(work) for work in works]
        await tg.waits_for_calls("getUpdates")
        wa.hook.point_to(whatsapp.take_in)
        try:
            yield TwoBanks(app, tg, wa, clock)
        finally:
            await wa.hook.close()
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await telegram.close()
            await whatsapp.close()
            store.close()
        assert tg.violations == []
        assert wa.violations == []
