"""python-telegram-bot's ConversationHandler: in memory, or kept by PicklePersistence."""

import asyncio
import gc
import tempfile
import time
import warnings
from collections.abc import Callable, Coroutine, Sequence
from pathlib import Path
from typing import Any

from telegram import InlineKeyboardButton, InlineKeyboardMarkup, LinkPreviewOptions, Update
from telegram.ext import (
    Application,
    BaseHandler,
    CallbackQueryHandler,
    ConversationHandler,
    MessageHandler,
    PicklePersistence,
    filters,
)
from telegram.request import BaseRequest, RequestData

from benchmarks.network import Telegram
from benchmarks.script import Step, load, pages

ME = (
    b'{"ok":true,"result":{"id":1,"is_bot":true,"first_name":"Hamroh","username":"invented_bot",'
    b'"can_join_groups":true,"can_read_all_group_messages":false,"supports_inline_queries":false}}'
)
Callback = Callable[[Update, Any], Coroutine[Any, Any, int]]


class NullRequest(BaseRequest):
    """In the place of HTTP: the parameters are still turned into what would be written."""

    def __init__(self, telegram: Telegram) -> None:
        self.telegram = telegram

    @property
    def read_timeout(self) -> float:
        """As long as it takes."""
        return 5.0

    async def initialize(self) -> None:
        """Nothing to open."""

    async def shutdown(self) -> None:
        """Nothing to close."""

    async def do_request(
        self, url: str, method: str, request_data: RequestData | None = None, *_: object, **__: object
    ) -> tuple[int, bytes]:
        """The answer to a call."""
        del method
        if request_data is not None:
            request_data.json_parameters  # noqa: B018 - what HTTPXRequest would send
        name = url.rpartition("/")[2]
        return 200, ME if name == "getMe" else self.telegram.answer(name) or b'{"ok":true,"result":[]}'


def _answering(step: Step, following: int) -> Callback:
    """A handler as an author would write it: acknowledge the press, say the replies, go to the next state."""
    replies = [
        (reply.text, InlineKeyboardMarkup([[InlineKeyboardButton(*b) for b in row] for row in reply.rows]))
        for reply in step.replies
    ]
    preview = LinkPreviewOptions(is_disabled=True)

    async def answer(update: Update, context: Any) -> int:  # noqa: ANN401 - PTB's context
        if update.callback_query:
            await update.callback_query.answer()
        for text, markup in replies:
            await context.bot.send_message(
                update.effective_chat.id,
                text,
                protect_content=True,
                link_preview_options=preview,
                reply_markup=markup if markup.inline_keyboard else None,
            )
        context.user_data["step"] = following
        return following

    return answer


def _handler(step: Step, answer: Callback) -> BaseHandler[Any, Any, Any]:
    if step.kind == "presses":
        return CallbackQueryHandler(answer, pattern=f"^{step.value.replace('|', '[|]')}$")
    return MessageHandler(filters.TEXT, answer)


def conversation(steps: Sequence[Step], *, is_persistent: bool) -> ConversationHandler[Any]:
    """The script as a table of states; at its end the conversation begins anew."""
    following = [*range(1, len(steps)), ConversationHandler.END]
    handlers = [_handler(step, _answering(step, then)) for step, then in zip(steps, following, strict=True)]
    states = {number: [handler] for number, handler in enumerate(handlers) if number}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return ConversationHandler(
            [handlers[0]],
            states,
            [],
            per_chat=True,
            per_user=True,
            name="script" if is_persistent else None,
            persistent=is_persistent,
            allow_reentry=False,
        )


class Memory:
    """Everything in memory: a crash forgets where everybody was."""

    flushes = False

    def __init__(self, folder: Path, mothers: int) -> None:
        self._folder = folder
        self._mothers = mothers
        self._steps = load(folder / "script.json")

    def persistence(self, folder: Path) -> PicklePersistence[Any, Any, Any] | None:
        """Where conversations are kept."""
        del folder
        return None

    def round(self) -> dict[str, float]:
        """Updates a second."""
        with tempfile.TemporaryDirectory(dir=self._folder) as folder:
            return {"": asyncio.run(self._play(Path(folder)))}

    async def _play(self, folder: Path) -> float:
        script = pages(self._steps, self._mothers, int(time.time()))
        telegram = Telegram(script)
        persistence = self.persistence(folder)
        builder = Application.builder().token("1:null").request(NullRequest(telegram))
        builder = builder.get_updates_request(NullRequest(telegram)).updater(None).job_queue(None)
        if persistence is not None:
            builder = builder.persistence(persistence)
        app = builder.build()
        app.add_handler(conversation(self._steps, is_persistent=persistence is not None))
        await app.initialize()
        await app.start()
        gc.collect()
        began = time.perf_counter()
        offset = 0
        while updates := await app.bot.get_updates(offset=offset, limit=100):
            for update in updates:
                await app.process_update(update)
                if self.flushes and persistence is not None:
                    await app.update_persistence()
                    await persistence.flush()
            offset = updates[-1].update_id + 1
        if persistence is not None:
            await app.update_persistence()
            await persistence.flush()
        took = time.perf_counter() - began
        await app.stop()
        await app.shutdown()
        messages = self._mothers * sum(len(step.replies) for step in self._steps)
        if telegram.sends != messages:
            raise RuntimeError(f"{telegram.sends} messages instead of {messages}")
        return self._mothers * len(self._steps) / took


class Pickle(Memory):
    """PicklePersistence, on disk after every update, as one must who confirms an update only when it is kept."""

    flushes = True

    def persistence(self, folder: Path) -> PicklePersistence[Any, Any, Any]:
        """Written when it is told to: once an update, where otherwise each of its two changes writes the whole file."""
        return PicklePersistence(folder / "bot.pickle", on_flush=True)


class PickleDefault(Memory):
    """PicklePersistence with its default: written every 60 seconds, so a crash loses the last minute."""

    def persistence(self, folder: Path) -> PicklePersistence[Any, Any, Any]:
        """Written now and then."""
        return PicklePersistence(folder / "bot.pickle")
