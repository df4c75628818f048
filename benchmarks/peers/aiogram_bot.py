"""aiogram's dispatcher: MemoryStorage, or a storage on sqlite3 that writes state and data in one commit an update."""

import asyncio
import gc
import json
import sqlite3
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import orjson
from aiogram import Bot, Dispatcher, F
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.filters import StateFilter
from aiogram.fsm.context import FSMContext
from aiogram.fsm.state import State
from aiogram.fsm.storage.base import BaseStorage, StorageKey
from aiogram.fsm.storage.memory import MemoryStorage
from aiogram.methods import TelegramMethod
from aiogram.types import CallbackQuery, InlineKeyboardButton, InlineKeyboardMarkup, LinkPreviewOptions, Message

from benchmarks.network import Telegram
from benchmarks.script import Step, load, pages


class NullSession(AiohttpSession):
    """In the place of HTTP: the form is still built, the answer is still checked and read, with its quickest JSON."""

    def __init__(self, telegram: Telegram) -> None:
        super().__init__(json_loads=orjson.loads, json_dumps=lambda value: orjson.dumps(value).decode())
        self.telegram = telegram

    async def make_request(self, bot: Bot, method: TelegramMethod[Any], timeout: int | None = None) -> Any:  # noqa: ANN401, ASYNC109
        """The answer to a call."""
        del timeout
        self.build_form_data(bot=bot, method=method)
        body = self.telegram.answer(method.__api_method__) or b'{"ok":true,"result":[]}'
        return self.check_response(bot=bot, method=method, status_code=200, content=body.decode()).result


class SqlStorage(BaseStorage):
    """State and data in one row; written when `commit` is called, once an update."""

    def __init__(self, path: Path) -> None:
        self._connection = sqlite3.connect(path, isolation_level=None)
        for pragma in ("journal_mode=WAL", "synchronous=FULL"):
            self._connection.execute(f"PRAGMA {pragma}")
        self._connection.execute("CREATE TABLE fsm (key TEXT PRIMARY KEY, state TEXT, data TEXT) WITHOUT ROWID")
        self._changed: dict[str, tuple[str | None, str]] = {}

    @staticmethod
    def _key(key: StorageKey) -> str:
        return f"{key.bot_id}:{key.chat_id}:{key.user_id}:{key.thread_id}:{key.destiny}"

    def _row(self, key: str) -> tuple[str | None, str]:
        if key not in self._changed:
            row = self._connection.execute("SELECT state, data FROM fsm WHERE key = ?", (key,)).fetchone()
            return row or (None, "{}")
        return self._changed[key]

    async def set_state(self, key: StorageKey, state: Any = None) -> None:  # noqa: ANN401 - as in aiogram
        """Remember a state."""
        name = state.state if isinstance(state, State) else state
        self._changed[self._key(key)] = (name, self._row(self._key(key))[1])

    async def get_state(self, key: StorageKey) -> str | None:
        """The state."""
        return self._row(self._key(key))[0]

    async def set_data(self, key: StorageKey, data: Mapping[str, Any]) -> None:
        """Remember data."""
        self._changed[self._key(key)] = (self._row(self._key(key))[0], json.dumps(data))

    async def get_data(self, key: StorageKey) -> dict[str, Any]:
        """The data."""
        found: dict[str, Any] = json.loads(self._row(self._key(key))[1])
        return found

    def commit(self) -> None:
        """Write what an update changed."""
        if not self._changed:
            return
        self._connection.execute("BEGIN IMMEDIATE")
        rows = [(key, *row) for key, row in self._changed.items()]
        self._connection.executemany("INSERT OR REPLACE INTO fsm VALUES (?, ?, ?)", rows)
        self._connection.execute("COMMIT")
        self._changed.clear()

    async def close(self) -> None:
        """Close the file."""
        self._connection.close()


def _register(dispatcher: Dispatcher, number: int, step: Step, following: State | None) -> None:
    """A handler as an author would write it, found by StateFilter."""
    replies = [
        (
            reply.text,
            InlineKeyboardMarkup(
                inline_keyboard=[
                    [InlineKeyboardButton(text=b[0], callback_data=b[1]) for b in row] for row in reply.rows
                ]
            )
            if reply.rows
            else None,
        )
        for reply in step.replies
    ]
    preview = LinkPreviewOptions(is_disabled=True)

    async def answer(chat_id: int, bot: Bot, state: FSMContext) -> None:
        for text, markup in replies:
            await bot.send_message(
                chat_id, text, protect_content=True, link_preview_options=preview, reply_markup=markup
            )
        await state.set_state(following)
        await state.update_data(step=number)

    async def press(query: CallbackQuery, bot: Bot, state: FSMContext) -> None:
        await query.answer()
        await answer(query.message.chat.id, bot, state)  # type: ignore[union-attr]

    async def write(message: Message, bot: Bot, state: FSMContext) -> None:
        await answer(message.chat.id, bot, state)

    here = StateFilter(_STATES[number] if number else None)
    if step.kind == "presses":
        dispatcher.callback_query.register(press, here, F.data == step.value)
    else:
        dispatcher.message.register(write, here, F.text)


_STATES = [State(f"s{n}", "Script") for n in range(64)]


class Memory:
    """Everything in memory: a crash forgets where everybody was."""

    def __init__(self, folder: Path, mothers: int) -> None:
        self._folder = folder
        self._mothers = mothers
        self._steps = load(folder / "script.json")

    def storage(self, folder: Path) -> BaseStorage:
        """Where states are kept."""
        del folder
        return MemoryStorage()

    def round(self) -> dict[str, float]:
        """Updates a second."""
        with tempfile.TemporaryDirectory(dir=self._folder) as folder:
            return {"": asyncio.run(self._play(Path(folder)))}

    async def _play(self, folder: Path) -> float:
        telegram = Telegram(pages(self._steps, self._mothers, int(time.time())))
        bot = Bot("1:null", session=NullSession(telegram))
        storage = self.storage(folder)
        dispatcher = Dispatcher(storage=storage)
        for number, step in enumerate(self._steps):
            _register(dispatcher, number, step, _STATES[number + 1] if number + 1 < len(self._steps) else None)
        gc.collect()
        began = time.perf_counter()
        offset = 0
        while updates := await bot.get_updates(offset=offset, limit=100):
            for update in updates:
                await dispatcher.feed_update(bot, update)
                if isinstance(storage, SqlStorage):
                    storage.commit()
            offset = updates[-1].update_id + 1
        took = time.perf_counter() - began
        await storage.close()
        messages = self._mothers * sum(len(step.replies) for step in self._steps)
        if telegram.sends != messages:
            raise RuntimeError(f"{telegram.sends} messages instead of {messages}")
        return self._mothers * len(self._steps) / took


class Sql(Memory):
    """sqlite3 in this thread, WAL and FULL."""

    def storage(self, folder: Path) -> BaseStorage:
        """Where states are kept."""
        return SqlStorage(folder / "fsm.db")
