"""The demo's own time and chance: a clock that is moved by hand, and ids that come out the same in every run."""

from datetime import UTC, datetime
from hashlib import blake2b
from threading import Lock

START = datetime(2026, 3, 2, 5, 0, tzinfo=UTC)
"""A Monday, 10:00 in Dushanbe."""


class VirtualClock:
    """Stands still until it is moved; never goes back."""

    def __init__(self, now: datetime = START) -> None:
        self._now = now

    def now(self) -> datetime:
        """The stage's instant."""
        return self._now

    def move_to(self, then: datetime) -> None:
        """Move on; an instant that is past already changes nothing."""
        self._now = max(self._now, then)


class SeededIds:
    """Ids that follow from a seed and a count for each kind; `counts` can be kept and put back."""

    def __init__(self, seed: int, counts: dict[str, int] | None = None) -> None:
        self.seed = seed
        self.counts = dict(counts or {})
        self._lock = Lock()

    def id(self) -> str:
        """A row id that sorts by the time it was made."""
        return f"{self._next('id')[0]:026d}"

    def number(self) -> str:
        """Four digits, the first not zero."""
        return str(1000 + self._next("number")[1] % 9000)

    def token(self) -> str:
        """A link's code: it looks like a real one, but follows from the seed."""
        count, value = self._next("token")
        return f"demo-{count}-{value:020d}"

    def spoken(self) -> str:
        """Eight digits."""
        return f"{self._next('spoken')[1] % 10**8:08d}"

    def skip(self, number: int) -> None:
        """Pass over ids that a run may have used before it was cut off."""
        self.counts = {kind: count + number for kind, count in self.counts.items()}

    def _next(self, kind: str) -> tuple[int, int]:
        with self._lock:
            count = self.counts[kind] = self.counts.get(kind, 0) + 1
        digest = blake2b(f"{self.seed}/{kind}/{count}".encode(), digest_size=8).digest()
        return count, int.from_bytes(digest)
