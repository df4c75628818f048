"""Hours and windows: when somebody may be written to or is on duty."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

Window = tuple[datetime, datetime]
"""A stretch of time: its begin, and the instant after its end."""

EVERY_DAY = frozenset(range(7))


@dataclass(frozen=True, slots=True)
class Hours:
    """A stretch of the day in local time on some weekdays (Monday is 0); may pass midnight."""

    begin: time
    end: time
    days: frozenset[int] = EVERY_DAY

    def windows(self, around: datetime, zone: ZoneInfo) -> Iterable[Window]:
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
