"""How fast a line and each of its chats may be written to: what the messengers allow, counted as rows go out."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.core.conversation import Owner
from bot.core.rates import Bucket, Window
from storage.parcels import Claimed


@dataclass(frozen=True, slots=True)
class Limits:
    """What a messenger allows: a line a second; a chat at once and then a second; a group a minute.

    `word` is how many seconds its later word about a message that is in doubt is waited for.
    """

    line: int
    chat_burst: int
    chat: float
    group: int
    word: float = 0.0


LIMITS = {
    "telegram": Limits(line=25, chat_burst=3, chat=1.0, group=20),
    "whatsapp": Limits(line=60, chat_burst=40, chat=1 / 6, group=1, word=60.0),
}
"""A little below what Telegram's support describes (30 a second over all chats), and what WhatsApp does: 80 a second in
both directions, one in six seconds to a person after 45 at once."""
UNLIMITED = Limits(line=1_000_000, chat_burst=1_000_000, chat=1_000_000.0, group=1_000_000)
"""The simulator's phones take everything."""


class Pace:
    """How fast one line and each of its chats may be written to."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._line = Window(limits.line, timedelta(seconds=1))
        self._chats: dict[str, Bucket | Window] = {}

    def free(self, now: datetime) -> int:
        """How many messages the line takes now."""
        return self._line.free(now)

    def take(self, now: datetime) -> None:
        """Count a message that is about to go."""
        self._line.take(now)

    def take_chat(self, claimed: Claimed, now: datetime) -> None:
        """Count a message to its chat."""
        self._chat(claimed).take(now)
        if len(self._chats) > 10_000:
            self._chats = {chat: pace for chat, pace in self._chats.items() if not pace.is_full(now)}

    def chat_free_at(self, claimed: Claimed, now: datetime) -> datetime | None:
        """When the chat may be written to next; None for at once."""
        free_at = self._chat(claimed).free_at(now)
        return free_at if free_at > now else None

    def _chat(self, claimed: Claimed) -> Bucket | Window:
        account_id, limits = claimed.row.account_id, self._limits
        if account_id not in self._chats:
            is_group = claimed.row.owner is Owner.GROUP
            group = Window(limits.group, timedelta(minutes=1))
            self._chats[account_id] = group if is_group else Bucket(limits.chat_burst, limits.chat)
        return self._chats[account_id]
