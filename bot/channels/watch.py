"""The messenger's clock beside ours: when she acted, told by our clock, even where that goes wrong (S1)."""

from datetime import datetime, timedelta

import structlog

from bot.core.ports import Clock

log = structlog.get_logger()

LONGEST = timedelta(seconds=70)
"""A little longer than a messenger keeps us waiting; an answer that took longer came over a sleep or a jump."""
TOLERATED = timedelta(minutes=2)
"""Answers are dated to the second and travel for a while; what differs less is no fault of a clock."""
RIGHT = timedelta(minutes=1)
"""A clock that was wrong is right again when it differs by less."""


class Watch:
    """Our clock, and how far it goes before the messenger's by the latest answer; None where nothing is known."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.is_ahead_by: timedelta | None = None
        self.is_wrong = False

    def now(self) -> datetime:
        """The current instant by our clock."""
        return self._clock.now()

    def compare(self, told_at: datetime, asked_at: datetime) -> None:
        """Learn from the date of an answer to what we asked then; where our clock jumped between, nothing is known."""
        now = self.now()
        is_sound = timedelta() <= now - asked_at <= LONGEST
        self.is_ahead_by = now - told_at if is_sound else None
        if self.is_ahead_by is not None:
            self._judge(abs(self.is_ahead_by))

    def ours(self, at: datetime) -> datetime:
        """The messenger's instant on our clock, by which we tell how long ago it was."""
        return at + self.is_ahead_by if self.is_ahead_by is not None and abs(self.is_ahead_by) > TOLERATED else at

    def _judge(self, differs_by: timedelta) -> None:
        """Say in the log, once each time, that our clock goes wrong, and that it goes right again."""
        is_wrong = differs_by > (RIGHT if self.is_wrong else TOLERATED)
        if is_wrong and not self.is_wrong:
            minutes = round(differs_by / timedelta(minutes=1), 1)
            log.error("clock_wrong", minutes=minutes, advice="run `timedatectl set-ntp on`; see hamroh doctor")
        elif self.is_wrong and not is_wrong:
            log.info("clock_right")
        self.is_wrong = is_wrong
