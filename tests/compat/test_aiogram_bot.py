"""A real aiogram bot with a form and a scene on our storage does what it does on aiogram's own."""

from collections.abc import AsyncGenerator
from datetime import UTC, datetime
from typing import Any

import pytest
from aiogram import Bot, Dispatcher, F, Router
from aiogram.client.session.base import BaseSession
from aiogram.filters import Command, StateFilter
from aiogram.fsm.context import FSMContext
from aiogram.fsm.scene import Scene, SceneRegistry, ScenesManager, on
from aiogram.fsm.state import State, StatesGroup
from aiogram.fsm.storage.memory import MemoryStorage, SimpleEventIsolation
from aiogram.fsm.strategy import FSMStrategy
from aiogram.types import Chat, Message, Update, User

from storage.fsm import open_isolation, open_storage

DAY = datetime(2026, 3, 2, tzinfo=UTC)


class Paper(BaseSession):
    """No network: what the bot says is written down."""

    def __init__(self) -> None:
        super().__init__()
        self.said: list[str] = []

    async def close(self) -> None:
        pass

    async def make_request(self, bot: Bot, method: Any, timeout: int | None = None) -> Any:  # noqa: ASYNC109 -- aiogram's name
        self.said.append(f"{method.chat_id}: {method.text}")
        return Message(message_id=1, date=DAY, chat=Chat(id=method.chat_id, type="private"), text=method.text)

    async def stream_content(self, *_: Any, **__: Any) -> AsyncGenerator[bytes, None]:
        yield b""


class Form(StatesGroup):
    name = State()
    crop = State()


def make_form() -> Router:
    router = Router()

    @router.message(Command("form"))
    async def ask(message: Message, state: FSMContext) -> None:
        await state.set_state(Form.name)
        await message.answer("name?")

    @router.message(StateFilter(Form.name))
    async def name(message: Message, state: FSMContext) -> None:
        await state.update_data(name=message.text)
        await state.set_state(Form.crop)
        await message.answer("crop?")

    @router.message(StateFilter(Form.crop))
    async def crop(message: Message, state: FSMContext) -> None:
        whole = await state.update_data(crop=message.text)
        await state.clear()
        await message.answer(f"{whole['name']} sows {whole['crop']}; left: {await state.get_data()}")

    return router


class Quiz(Scene, state="quiz"):
    """Each question is entered again; back goes through the history."""

    @on.message.enter()
    async def enter(self, message: Message, state: FSMContext, step: int = 0) -> None:
        await state.update_data(step=step)
        await message.answer(f"question {step}")

    @on.message(F.text == "back")
    async def back(self, message: Message, state: FSMContext) -> None:
        step = (await state.get_data())["step"]
        await (self.wizard.back(step=step - 1) if step else self.wizard.exit())

    @on.message.exit()
    async def leave(self, message: Message, state: FSMContext) -> None:
        await message.answer(f"answers {(await state.get_data()).get('answers')}")
        await state.set_data({})

    @on.message(F.text)
    async def answer(self, message: Message, state: FSMContext) -> None:
        data = await state.get_data()
        await state.update_data(answers={**data.get("answers", {}), str(data["step"]): message.text})
        await (self.wizard.retake(step=data["step"] + 1) if data["step"] < 2 else self.wizard.exit())


def make_dispatcher(storage: Any, isolation: Any) -> Dispatcher:
    dispatcher = Dispatcher(storage=storage, events_isolation=isolation, fsm_strategy=FSMStrategy.USER_IN_TOPIC)

    @dispatcher.message(Command("quiz"))
    async def begin(message: Message, scenes: ScenesManager) -> None:
        await scenes.enter(Quiz)

    SceneRegistry(dispatcher).add(Quiz)
    dispatcher.include_router(make_form())
    return dispatcher


STORY = [
    (4001, "/form"), (4002, "/quiz"), (4001, "Олма"), (4002, "гандум"), (4002, "ҷав"), (4002, "back"), (4001, "себ"),
    (4002, "зағир"), (4002, "нок"), (4001, "/quiz"), (4001, "back"), (4002, "/form"), (4002, "Ҳафиза 🍎"),
    (4002, "ангур"),
]  # fmt: skip


async def tell(make_storage: Any, make_isolation: Any, story: list[tuple[int, str]], restart_each: bool) -> list[str]:
    """What the bot said; between any two messages it may be another process."""
    paper = Paper()
    bot = Bot("1000000002:INVENTED-TOKEN", session=paper)
    storage, isolation = make_storage(), make_isolation()
    dispatcher = make_dispatcher(storage, isolation)
    for number, (chat, text) in enumerate(story, start=1):
        message = Message(
            message_id=number, date=DAY, text=text, chat=Chat(id=chat, type="private"),
            from_user=User(id=chat, is_bot=False, first_name="Invented"),
        )  # fmt: skip
        await dispatcher.feed_update(bot, Update(update_id=number, message=message))
        if restart_each:
            await storage.close()
            await isolation.close()
            storage, isolation = make_storage(), make_isolation()
            dispatcher = make_dispatcher(storage, isolation)
    await storage.close()
    await isolation.close()
    return paper.said


@pytest.mark.parametrize("restart_each", [False, True])
async def test_a_bot_says_the_same_as_on_aiograms_own_storage(url, keys, restart_each):
    own = await tell(MemoryStorage, SimpleEventIsolation, STORY, restart_each=False)
    ours = await tell(
        lambda: open_storage(url, keys), lambda: open_isolation(url, keys), STORY, restart_each=restart_each
    )
    assert ours == own
    assert "4001: Олма sows себ; left: {}" in ours
    assert any("answers {'0': 'гандум'" in line for line in ours)
