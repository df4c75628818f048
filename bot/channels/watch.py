"""The messenger's clock beside ours: when she acted, told by our clock, even where that goes wrong (S1)."""

from datetime import datetime, timedelta

from bot.core.ports import Clock

LONGEST = timedelta(seconds=70)
"""A little longer than a messenger keeps us waiting; an answer that took longer came over a sleep or a jump."""
TOLERATED = timedelta(minutes=2)
"""Answers are dated to the second and travel for a while; what differs less is no fault of a clock."""


class Watch:
    """Our clock, and how far it goes before the messenger's by the latest answer; not at all until there was one."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.is_ahead_by = timedelta()

    def now(self) -> datetime:
        """The current instant by our clock."""
        return self._clock.now()

    def compare(self, told_at: datetime, asked_at: datetime) -> None:
        """Learn from the date of an answer to what we asked then; where our clock jumped between, nothing is known."""
        now = self.now()
        is_sound = timedelta() <= now - asked_at <= LONGEST
        self.is_ahead_by = now - told_at if is_sound else timedelta()

    def ours(self, at: datetime) -> datetime:
        """The messenger's instant on our clock, by which we tell how long ago it was."""
        return at + self.is_ahead_by if abs(self.is_ahead_by) > TOLERATED else at
