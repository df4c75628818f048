"""How fast messages may go out: two ways of counting, driven by the time they are given."""

from collections import deque
from datetime import datetime, timedelta


class Bucket:
    """So many at once, then so many a second: what a private chat takes."""

    def __init__(self, burst: int, per_second: float) -> None:
        self._burst = float(burst)
        self._per_second = per_second
        self._tokens = float(burst)
        self._since: datetime | None = None

    def take(self, now: datetime) -> None:
        """Count one message."""
        self._refill(now)
        self._tokens -= 1.0

    def free_at(self, now: datetime) -> datetime:
        """When the next message may go; now, or later."""
        self._refill(now)
        missing = 1.0 - self._tokens
        return now if missing <= 0.0 else now + timedelta(seconds=missing / self._per_second)

    def is_full(self, now: datetime) -> bool:
        """Whether nothing is remembered any more, so that it may be forgotten."""
        self._refill(now)
        return self._tokens >= self._burst

    def _refill(self, now: datetime) -> None:
        """A clock that was set back gives nothing and takes nothing."""
        since = self._since if self._since is not None else now
        passed = max(0.0, (now - since).total_seconds())
        self._tokens = min(self._burst, self._tokens + passed * self._per_second)
        self._since = now


class Window:
    """At most so many in any span of that length: what a group and a whole line take."""

    def __init__(self, at_most: int, span: timedelta) -> None:
        self._at_most = at_most
        self._span = span
        self._taken: deque[datetime] = deque()

    def take(self, now: datetime) -> None:
        """Count one message."""
        self._taken.append(now)

    def free(self, now: datetime) -> int:
        """How many may go now."""
        self._forget(now)
        return max(0, self._at_most - len(self._taken))

    def free_at(self, now: datetime) -> datetime:
        """When the next message may go; now, or later."""
        if self.free(now):
            return now
        return self._taken[-self._at_most] + self._span

    def is_full(self, now: datetime) -> bool:
        """Whether nothing is remembered any more, so that it may be forgotten."""
        self._forget(now)
        return not self._taken

    def _forget(self, now: datetime) -> None:
        """Drop what lies outside the span, on either side: a clock that was set back must not stop us for a day."""
        while self._taken and not now - self._span < self._taken[0] <= now:
            self._taken.popleft()
