"""Telegram's own memory: chats, files, button presses, and all that the bot sent."""

from dataclasses import dataclass, field
from datetime import datetime
from random import Random
from typing import TYPE_CHECKING, Any

from tests.fakes.bot_api.feed import Feed
from tests.fakes.bot_api.limits import Refusal, bad_request
from tests.fakes.bot_api.shapes import StoredFile
from tests.fakes.bot_api.time import Bell, ServerClock

if TYPE_CHECKING:
    from tests.fakes.bot_api.people import Chat

Json = dict[str, Any]


@dataclass(frozen=True)
class Sent:
    """One message that Telegram accepted from the bot, whatever became of it afterwards."""

    chat_id: int
    message_id: int
    method: str
    text: str
    at: datetime
    protect_content: bool


@dataclass
class Query:
    """One press of a button, with the answers the bot gave to it."""

    update_id: int | None
    person_id: int
    at: datetime
    body: Json
    toasts: list[str] = field(default_factory=list)
    is_answered: bool = False


@dataclass
class Cloud:
    """Everything that survives between two requests of the bot."""

    clock: ServerClock
    bell: Bell
    feed: Feed
    chance: Random
    bot: Json
    chats: dict[int, "Chat"] = field(default_factory=dict)
    files: dict[str, StoredFile] = field(default_factory=dict)
    queries: dict[str, Query] = field(default_factory=dict)
    sent: list[Sent] = field(default_factory=list)
    _last_message_id: int = 100
    _last_file: int = 0

    @property
    def seconds(self) -> int:
        """The current instant as Telegram writes dates."""
        return int(self.clock.now().timestamp())

    def new_message_id(self) -> int:
        """The next id of the bot's private chats and plain groups, which share one sequence."""
        self._last_message_id += 1
        return self._last_message_id

    def new_query_id(self) -> str:
        """A fresh callback query id."""
        return str(self.chance.getrandbits(62))

    def keep_file(self, kind: str, content: bytes, size: int | None = None) -> StoredFile:
        """Store a file; `size` may claim more bytes than there are."""
        self._last_file += 1
        kept = StoredFile(kind, self._last_file, content, len(content) if size is None else size)
        self.files[kept.ids["file_id"]] = kept
        return kept

    def find_chat(self, chat_id: object) -> "Chat | Refusal":
        """A chat the bot may talk in, or Telegram's refusal."""
        chat = self.chats.get(chat_id) if isinstance(chat_id, int) else None
        if chat is None or not chat.is_known:
            return bad_request("chat not found")
        return chat.refusal or chat
