"""The frozen world of the tests: a clock moved by hand and ids that count."""

from datetime import UTC, datetime, timedelta

MORNING = datetime(2026, 3, 2, 5, 0, tzinfo=UTC)
"""A Monday, 10:00 in Dushanbe."""


class FrozenClock:
    """Stands still until it is moved."""

    def __init__(self, now: datetime = MORNING) -> None:
        self._now = now

    def now(self) -> datetime:
        return self._now

    def set(self, now: datetime) -> None:
        self._now = now

    def advance(self, **time: float) -> None:
        self._now += timedelta(**time)


class SeededIds:
    """Ids that count: the same run gives the same ids, sortable like the real ones."""

    def __init__(self) -> None:
        self._count = 0

    def _next(self) -> int:
        self._count += 1
        return self._count

    def id(self) -> str:
        return f"{self._next():026d}"

    def number(self) -> str:
        return str(1000 + self._next() % 9000)

    def token(self) -> str:
        return f"invented-token-{self._next():012d}"

    def spoken(self) -> str:
        return f"{self._next():08d}"
