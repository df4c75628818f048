"""A whole Hamroh over the null network: the parts of the app, its door and its sender, and nothing else changed."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.network import Client, Telegram
from bot.app import make_policy
from bot.batch import Batch
from bot.channels.telegram.api import Api
from bot.channels.telegram.hooks import Hooks
from bot.channels.telegram.polling import Poller
from bot.channels.telegram.sending import Sender
from bot.channels.telegram.updates import Reader
from bot.channels.watch import Watch
from bot.concern.screen import load_screen
from bot.core.addresses import Line
from bot.core.cases import NOTHING, Finding
from bot.core.channel import Accept
from bot.core.messages import Inbound, Parcel, Receipt
from bot.curriculum.load import load
from bot.delivery import Delivery
from bot.flows.book import Book
from bot.intake import Intake
from bot.loops import Loop
from bot.settings import Settings
from bot.system import RandomIds, SystemClock
from bot.texts import load_texts
from bot.turns import Turns
from storage.database import open_database
from storage.keys import open_keyring
from storage.store import Store

LINE = Line("bench", "1")
"""No messenger that limits its lines: the sender goes as fast as it can."""


class NoScreen:
    """Finds nothing; what screening costs is measured apart."""

    def screen(self, text: str, state: str | None = None) -> Finding:
        """Nothing, whatever it says."""
        del text, state
        return NOTHING


class NullChannel:
    """Our own reader, poller and sender, with the null network in the place of HTTP."""

    line = LINE

    def __init__(self, client: Client, clock: SystemClock) -> None:
        watch = Watch(clock)
        self._api = Api("1:null", "http://null", watch)
        self._api._wire._client = client  # type: ignore[assignment] # noqa: SLF001 - HTTP is what is replaced
        self._sender = Sender(self._api, str(LINE), clock)
        hooks = Hooks(self._answer_presses, lambda _: None)
        self._poller = Poller(self._api, Reader(LINE, watch), asyncio.sleep, hooks)
        self._answers: set[asyncio.Task[object]] = set()

    async def send(self, parcel: Parcel) -> Receipt:
        """Carry out one parcel."""
        return await self._sender.send(parcel)

    async def receive(self, accept: Accept) -> None:
        """Poll."""
        await self._poller.run(accept)

    def _answer_presses(self, taken: Sequence[Inbound]) -> None:
        for inbound in taken:
            if inbound.press_id:
                params = {"callback_query_id": inbound.press_id}
                answer = asyncio.create_task(self._api.call("answerCallbackQuery", params))
                self._answers.add(answer)
                answer.add_done_callback(self._answers.discard)


@dataclass(slots=True)
class House:
    """The open house."""

    store: Store
    telegram: Telegram
    client: Client
    turns: Turns
    delivery: Delivery

    async def idle(self) -> None:
        """Wait until everything is sent and marked, and the loops wait again."""
        while sum(self.store.counts().get(f"outbox_{state}", 0) for state in ("waiting", "sending")):  # noqa: ASYNC110 - the database is what is waited for
            await asyncio.sleep(0.005)
        await asyncio.sleep(0.02)

    async def sent(self, messages: int) -> None:
        """Wait until so many messages were sent and marked."""
        while self.delivery.counts["sent"] < messages:  # noqa: ASYNC110 - the database is what is waited for
            await asyncio.sleep(0.01)


def open_store(folder: Path, url: str = "") -> Store:
    """The store of a folder, or with the folder's keys and another database."""
    clock = SystemClock()
    keyring = open_keyring(folder / "keys", f"sqlite:///{folder / 'keys.db'}", None, clock)
    return Store(open_database(url or f"sqlite:///{folder / 'hamroh.db'}"), keyring, clock, RandomIds())


def make_book() -> Book:
    """The shipped lessons; mothers may join although nothing is ready."""
    return Book(load(), load_texts(), make_policy(Settings(_env_file=None, allow_unready=True)))


@contextlib.asynccontextmanager
async def open_house(
    store: Store, book: Book, pages: Sequence[bytes] = (), *, is_screened: bool = False, sends: bool = True
) -> AsyncIterator[House]:
    """The house with its loops running, until the end; without `sends` another process is the sender."""
    clock, ids = SystemClock(), RandomIds()
    telegram = Telegram(pages)
    client = Client(telegram)
    channel = NullChannel(client, clock)
    batch = Batch(store, book, load_screen() if is_screened else NoScreen(), clock, ids)  # type: ignore[arg-type]
    turns, delivery = Turns(batch), Delivery(store, channel, clock, ids)
    sender = Loop("delivery", delivery.sweep, 1.0, delivery.wake)
    if sends:
        await delivery.sweep()  # its first look at the line, which lies long behind when somebody writes
        delivery.is_open = True
        turns.senders[str(LINE)] = delivery
    turns.on_commit.append(lambda written: sender.wake.set() if written.lines else None)
    works = [turns.run(), channel.receive(Intake(store, turns).accept), *([sender.run()] if sends else [])]
    tasks = [asyncio.create_task(work) for work in works]
    try:
        yield House(store, telegram, client, turns, delivery)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for room in (turns, delivery):  # a transaction may still be at work in its thread
            room._thread.shutdown()  # noqa: SLF001 - the app lives as long as its process and never needs this
