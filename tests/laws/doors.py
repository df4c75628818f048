"""The two doors that people write at, with the same short ways: the simulator's phones, and a Bot API of our own."""

import contextlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, Protocol

from bot.app import App
from bot.core.messages import Kind
from bot.core.people import Role
from bot.texts import load_texts
from tests.house import House, open_house
from tests.laws.desk import Desk, join, open_desk, press
from tests.town import Town, open_town
from tests.world import FrozenClock

KINDS = ("simulator", "bot api")
WORDS = {"tg": "шавҳарам маро мезанад", "ru": "муж меня бьёт"}


class Door(Protocol):
    """Where people write; whatever they do gives what the bot newly says in that chat."""

    app: App
    coordinator: Any
    owner: Any
    group: Any

    def stranger(self, language: str) -> Any: ...
    async def mother(self, language: str) -> Any: ...
    async def starts(self, chat: Any, code: str) -> list[str]: ...
    async def writes(self, chat: Any, text: str) -> list[str]: ...
    async def sends_voice(self, chat: Any, *, is_forwarded: bool = False) -> list[str]: ...
    async def presses(self, chat: Any, choice: str, by: Any = None) -> list[str]: ...
    async def passes(self, minutes: int) -> None: ...
    def seen(self, chat: Any) -> str: ...
    def ever(self, chat: Any) -> list[str]: ...
    def voices(self, chat: Any) -> int: ...
    def cards(self) -> int: ...
    def fetched(self) -> int: ...


class Phones:
    """The simulator's."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.house: House = desk.house
        self.app = self.house.app
        self.coordinator, self.owner, self.group = desk.coordinator, desk.facilitator, desk.group
        self.met = 0

    def _name(self) -> str:
        self.met += 1
        return f"invented-{self.met}"

    def stranger(self, language: str) -> Any:
        """A phone that never wrote."""
        return self.house.phone(f"{self._name()}-{language}")

    async def mother(self, language: str) -> Any:
        """A mother who joined, on a phone of her own."""
        return await join(self.house, self._name(), language, phone="phone.yes")

    async def starts(self, chat: Any, code: str) -> list[str]:
        """She opens a link."""
        return await self.house.says(chat, f"/start {code}")

    async def writes(self, chat: Any, text: str) -> list[str]:
        """Somebody writes."""
        return await self.house.says(chat, text)

    async def sends_voice(self, chat: Any, *, is_forwarded: bool = False) -> list[str]:
        """Her own voice, or somebody's that she passes on."""
        return await self.house.says(chat, "", kind=Kind.VOICE, seconds=9, is_forwarded=is_forwarded)

    async def presses(self, chat: Any, choice: str, by: Any = None) -> list[str]:
        """Somebody presses a button."""
        return await press(self.house, chat, choice, sender=by.id if by else "")

    async def passes(self, minutes: int) -> None:
        """Time passes."""
        await self.house.passes(minutes=minutes)

    def seen(self, chat: Any) -> str:
        """What stands on the screen now."""
        return "\n".join(bubble.text for bubble in chat.bubbles)

    def ever(self, chat: Any) -> list[str]:
        """Everything that the bot ever said there."""
        return [bubble.text for bubble in chat.transcript if bubble.is_ours]

    def voices(self, chat: Any) -> int:
        """How many voices the bot ever brought there."""
        return sum(bubble.is_ours and bubble.kind is Kind.VOICE for bubble in chat.transcript)

    def cards(self) -> int:
        """How many cards ever came to the group."""
        return self.desk.cards()

    def fetched(self) -> int:
        """How many files were asked for; phones in memory have none to give."""
        return 0


class BotApi:
    """Telegram's, over real requests."""

    def __init__(self, town: Town, coordinator: Any, owner: Any, group: Any) -> None:
        self.town, self.app = town, town.app
        self.coordinator, self.owner, self.group = coordinator, owner, group
        self.met = 300

    def _number(self) -> int:
        self.met += 1
        return self.met

    def stranger(self, language: str) -> Any:
        """An account that never wrote."""
        return self.town.person(self._number(), language)

    async def mother(self, language: str) -> Any:
        """A mother who joined, on a phone of her own."""
        return await self.town.mother(self._number(), language, phone="phone.yes")

    async def starts(self, chat: Any, code: str) -> list[str]:
        """She opens a link."""
        return await self.town.starts(chat, code)

    async def writes(self, chat: Any, text: str) -> list[str]:
        """Somebody writes."""
        return await self.town.says(chat, text)

    async def sends_voice(self, chat: Any, *, is_forwarded: bool = False) -> list[str]:
        """Her own voice, or somebody's that she passes on."""
        return await self.town.sends(chat, "voice", origin_kind="user" if is_forwarded else "")

    async def presses(self, chat: Any, choice: str, by: Any = None) -> list[str]:
        """Somebody presses a button."""
        return await self.town.presses(chat, choice, by=by)

    async def passes(self, minutes: int) -> None:
        """Time passes."""
        await self.town.passes(minutes=minutes)

    def seen(self, chat: Any) -> str:
        """What stands on the screen now."""
        return self.town.screen(chat)

    def ever(self, chat: Any) -> list[str]:
        """Everything that the bot ever said there."""
        return [sent.text for sent in self.town.tg.sent if sent.chat_id == chat.id]

    def voices(self, chat: Any) -> int:
        """How many voices the bot ever brought there."""
        return sum(sent.chat_id == chat.id and sent.method == "sendVoice" for sent in self.town.tg.sent)

    def cards(self) -> int:
        """How many cards ever came to the group."""
        return sum("case.take" in repr(kept.markups) for kept in self.group.kept.values())

    def fetched(self) -> int:
        """How many files were asked for."""
        return len(self.town.tg.calls("getFile"))


def say(language: str, key: str, **values: object) -> str:
    """A text as it stands in the catalogue of that language."""
    return load_texts().say(language, key, **values)


def invite(door: Door, role: Role) -> str:
    """A fresh code."""
    return door.app.desk.invite(role, "Bahor", 1, 7).code


@contextlib.asynccontextmanager
async def open_door(kind: str, folder: Path) -> AsyncIterator[Door]:
    """A door with a whole desk behind it."""
    if kind == "simulator":
        async with open_house(folder, FrozenClock()) as house:
            yield Phones(await open_desk(house))
        return
    async with open_town(folder, FrozenClock()) as town:
        coordinator = await town.coordinator()
        owner = await town.facilitator(coordinator)
        yield BotApi(town, coordinator, owner, await town.bound_group(coordinator, owner))
