"""Hours, windows and dates: when she may be written to and how a date is said."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.core.messages import Language

EVERY_DAY = frozenset(range(7))
_MONTHS: dict[Language, tuple[str, ...]] = {
    "tg": (
        "январи", "феврали", "марти", "апрели", "майи", "июни",
        "июли", "августи", "сентябри", "октябри", "ноябри", "декабри",
    ),
    "ru": (
        "января", "февраля", "марта", "апреля", "мая", "июня",
        "июля", "августа", "сентября", "октября", "ноября", "декабря",
    ),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Hours:
    """A stretch of the day in local time on some weekdays (Monday is 0); may pass midnight."""

    begin: time
    end: time
    days: frozenset[int] = EVERY_DAY

    def windows(self, around: datetime, zone: ZoneInfo) -> Iterable[tuple[datetime, datetime]]:
        """The windows from the day before `around` to eight days after it, in order, as aware instants."""
        first = around.astimezone(zone).date() - timedelta(days=1)
        for offset in range(10):
            day = first + timedelta(days=offset)
            if day.weekday() not in self.days:
                continue
            begin = datetime.combine(day, self.begin, zone)
            last = day if self.begin < self.end else day + timedelta(days=1)
            yield begin, datetime.combine(last, self.end, zone)

    def contains(self, instant: datetime, zone: ZoneInfo) -> bool:
        """Whether the instant lies in a window."""
        return any(begin <= instant < end for begin, end in self.windows(instant, zone))

    def next(self, instant: datetime, zone: ZoneInfo) -> datetime:
        """The instant itself when it lies in a window, else the beginning of the next window."""
        for begin, end in self.windows(instant, zone):
            if instant < end:
                return max(instant, begin.astimezone(instant.tzinfo))
        raise ValueError("hours without a weekday have no next window")


def say_date(instant: datetime, zone: ZoneInfo, language: Language) -> str:
    """The date as people write it: `22 ноябри соли 2026`, `22 ноября 2026 года` (language.md §5.3)."""
    local = instant.astimezone(zone)
    month = _MONTHS[language][local.month - 1]
    if language == "tg":
        return f"{local.day} {month} соли {local.year}"
    return f"{local.day} {month} {local.year} года"


def say_time(instant: datetime, zone: ZoneInfo) -> str:
    """The time of day as `18:05`."""
    return instant.astimezone(zone).strftime("%H:%M")
