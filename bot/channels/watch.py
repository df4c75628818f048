"""The messenger's clock beside ours: when she acted, told by our clock, even where that goes wrong (S1)."""

from datetime import datetime, timedelta

import structlog

from bot.core.ports import Clock

log = structlog.get_logger()

LONGEST = timedelta(seconds=70)
"""A little longer than a messenger keeps us waiting; an answer that took longer came over a sleep or a jump."""
TOLD_IN = timedelta(seconds=1)
"""The steps in which the date of an answer is told."""
TOLERATED = timedelta(minutes=2)
"""A clock that differs by more is wrong: her hours and the alarms go by it."""
RIGHT = timedelta(minutes=1)
"""A clock that was wrong is right again when it differs by less."""


class Watch:
    """Our clock, and how far it goes before the messenger's; None where nothing is known.

    An answer was dated between our question and its coming, so each one bounds the difference: narrowly where it came
    at once, widely where it waited for news.  What all answers allow since the clocks last jumped is what we know,
    and of that we take the least, so that a slow network never moves her acts.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._bounds: tuple[timedelta, timedelta] | None = None
        self.is_wrong = False

    def now(self) -> datetime:
        """The current instant by our clock."""
        return self._clock.now()

    @property
    def is_ahead_by(self) -> timedelta | None:
        """How far our clock surely goes before the messenger's, negative when it is behind."""
        if self._bounds is None:
            return None
        lowest, highest = self._bounds
        return max(lowest, min(highest, timedelta()))

    def compare(self, told_at: datetime, asked_at: datetime) -> None:
        """Learn from the date of an answer to what we asked then; where our clock jumped between, nothing is known."""
        now = self.now()
        if not timedelta() <= now - asked_at <= LONGEST:
            self._bounds = None
            return
        lowest, highest = asked_at - told_at - TOLD_IN, now - told_at
        self._judge(abs(highest))
        if self._bounds is not None and self._bounds[0] <= highest and lowest <= self._bounds[1]:
            lowest, highest = max(lowest, self._bounds[0]), min(highest, self._bounds[1])
        self._bounds = lowest, highest

    def ours(self, at: datetime) -> datetime:
        """The messenger's instant on our clock, by which we tell how long ago it was."""
        return at + (self.is_ahead_by or timedelta())

    def _judge(self, differs_by: timedelta) -> None:
        """Say in the log, once each time, that our clock goes wrong, and that it goes right again."""
        is_wrong = differs_by > (RIGHT if self.is_wrong else TOLERATED)
        if is_wrong and not self.is_wrong:
            minutes = round(differs_by / timedelta(minutes=1), 1)
            log.error("clock_wrong", minutes=minutes, advice="run `timedatectl set-ntp on`; see hamroh doctor")
        elif self.is_wrong and not is_wrong:
            log.info("clock_right")
        self.is_wrong = is_wrong
