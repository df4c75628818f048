"""Telegram's flood limits, as Bot Support describes them; the real server does not publish exact ones."""

import math
from collections import defaultdict, deque
from dataclasses import dataclass
from datetime import datetime, timedelta

METERED = frozenset({"sendMessage", "sendVoice", "sendPhoto", "sendVideo", "sendVideoNote", "sendDocument"})
METERED_IN_GROUPS = METERED | {"editMessageText", "editMessageReplyMarkup"}


@dataclass(frozen=True)
class Rates:
    """How much may be sent: per chat and second after a burst, over all chats, per group and minute."""

    chat_per_second: float = 1.0
    chat_burst: int = 5
    all_per_second: int = 30
    group_per_minute: int = 20


class Meter:
    """Counts what was sent and says how many seconds too early the next message would be."""

    def __init__(self, rates: Rates) -> None:
        self._rates = rates
        self._buckets: dict[int, tuple[float, datetime]] = {}
        self._group: defaultdict[int, deque[datetime]] = defaultdict(deque)
        self._all: deque[datetime] = deque()

    def retry_after(self, method: str, chat_id: int, now: datetime) -> int | None:
        """Count one call; the seconds to wait (at least 1) when it is refused, else None."""
        is_group = chat_id < 0
        if method not in (METERED_IN_GROUPS if is_group else METERED):
            return None
        rates = self._rates
        waits = [_wait(self._all, timedelta(seconds=1), rates.all_per_second, now), self._chat_wait(chat_id, now)]
        if is_group:
            waits.append(_wait(self._group[chat_id], timedelta(minutes=1), rates.group_per_minute, now))
        if (wait := max(waits)) > 0:
            return max(1, math.ceil(wait))
        self._count(chat_id, now)
        return None

    def _chat_wait(self, chat_id: int, now: datetime) -> float:
        return max(0.0, (1.0 - self._tokens(chat_id, now)) / self._rates.chat_per_second)

    def _tokens(self, chat_id: int, now: datetime) -> float:
        full = float(self._rates.chat_burst)
        tokens, since = self._buckets.get(chat_id, (full, now))
        return min(full, tokens + (now - since).total_seconds() * self._rates.chat_per_second)

    def _count(self, chat_id: int, now: datetime) -> None:
        self._buckets[chat_id] = (self._tokens(chat_id, now) - 1.0, now)
        self._all.append(now)
        self._group[chat_id].append(now)


def _wait(sent: deque[datetime], window: timedelta, at_most: int, now: datetime) -> float:
    while sent and sent[0] <= now - window:
        sent.popleft()
    return (sent[0] + window - now).total_seconds() if len(sent) >= at_most else 0.0
