"""Feasts and the fast: days on which nothing is pushed, and in Ramadan not around sunset.

Whoever sees the moon decides; a table only expects.  So an Eid is expected with a day on either side, until the
operator tells the announced day.  The table (Umm al-Qura, 2026 to 2045) and the state's holidays are compared by the
tests with the packages `hijridate` and `holidays`: at run time the second would cost 0.8 s of every start and 44 MB.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from bot.core.calendar import Window
from bot.core.places import sunsets

Feast = Literal["ramazon", "idi_ramazon", "idi_qurbon"]

EXPECTED = """
2026-02-18 2026-03-20 2026-05-27
2027-02-08 2027-03-09 2027-05-16
2028-01-28 2028-02-26 2028-05-05
2029-01-16 2029-02-14 2029-04-24
2030-01-05 2030-02-04 2030-04-13
2030-12-26 2031-01-24 2031-04-02
2031-12-15 2032-01-14 2032-03-22
2032-12-04 2033-01-02 2033-03-11
2033-11-23 2033-12-23 2034-03-01
2034-11-12 2034-12-12 2035-02-18
2035-11-01 2035-12-01 2036-02-07
2036-10-20 2036-11-19 2037-01-26
2037-10-10 2037-11-08 2038-01-16
2038-09-30 2038-10-29 2039-01-05
2039-09-19 2039-10-19 2039-12-26
2040-09-07 2040-10-07 2040-12-14
2041-08-28 2041-09-26 2041-12-04
2042-08-17 2042-09-15 2042-11-23
2043-08-06 2043-09-04 2043-11-12
2044-07-26 2044-08-24 2044-10-31
2045-07-15 2045-08-14 2045-10-21
"""
HOLIDAYS = frozenset({(1, 1), (3, 8), (3, 21), (3, 22), (3, 23), (3, 24), (5, 9), (6, 27), (9, 9), (11, 6)})
"""Month and day of the state's holidays: the family is together, and the phone is seen (S2)."""
_DAY = timedelta(days=1)
_AROUND_SUNSET = timedelta(minutes=60)
_LONGEST_FAST = timedelta(days=30)
_SAME_FEAST = timedelta(days=15)


@dataclass(frozen=True, slots=True)
class Announced:
    """What was announced: the first day of Ramadan, or the day of an Eid."""

    feast: Feast
    day: date


def _expected() -> dict[Feast, tuple[date, ...]]:
    rows = [tuple(map(date.fromisoformat, line.split())) for line in EXPECTED.strip().splitlines()]
    fasts, breakings, offerings = zip(*rows, strict=True)
    return {"ramazon": fasts, "idi_ramazon": breakings, "idi_qurbon": offerings}


_EXPECTED = _expected()


@dataclass(frozen=True)
class Feasts:
    """The calendar of feasts with what the operator told of it."""

    announced: tuple[Announced, ...] = ()
    _eids: frozenset[date] = field(init=False)
    _fasts: tuple[tuple[date, date], ...] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_eids", frozenset(self._find_eids()))
        object.__setattr__(self, "_fasts", tuple(self._find_fasts()))

    def _told(self, feast: Feast, expected: date) -> date | None:
        """The announced day of this very feast, if it was told."""
        days = (one.day for one in self.announced if one.feast == feast)
        return next((day for day in days if abs(day - expected) < _SAME_FEAST), None)

    def _find_eids(self) -> Iterator[date]:
        eids: tuple[Feast, Feast] = ("idi_ramazon", "idi_qurbon")
        for feast in eids:
            for expected in _EXPECTED[feast]:
                told = self._told(feast, expected)
                yield from (told,) if told else (expected - _DAY, expected, expected + _DAY)

    def _find_fasts(self) -> Iterator[tuple[date, date]]:
        """The first and the last day of each Ramadan; not knowing better, a day more on either side."""
        for first, eid in zip(_EXPECTED["ramazon"], _EXPECTED["idi_ramazon"], strict=True):
            begins, ends = self._told("ramazon", first), self._told("idi_ramazon", eid)
            begins = begins or first - _DAY
            yield begins, ends - _DAY if ends else min(eid, begins + _LONGEST_FAST + _DAY)

    def is_quiet(self, day: date) -> bool:
        """Whether nothing is pushed on that day: an Eid, or a holiday of the state."""
        return day in self._eids or (day.month, day.day) in HOLIDAYS

    def is_fast(self, day: date) -> bool:
        """Whether the day may lie in Ramadan."""
        return self.fast_of(day) is not None

    def fast_of(self, day: date) -> tuple[date, date] | None:
        """The Ramadan that the day may lie in, its first and last day."""
        return next((fast for fast in self._fasts if fast[0] <= day <= fast[1]), None)

    def after_fast(self, day: date) -> date | None:
        """If the day may lie in Ramadan, the first day after its feast; None on every other day."""
        fast = self.fast_of(day)
        after = fast[1] if fast else day
        while fast is not None and (after <= fast[1] or self.is_quiet(after)):
            after += _DAY
        return after if fast else None

    def open(self, window: Window, zone: ZoneInfo) -> Iterator[Window]:
        """What is left of a window of hers for pushes, in order, as instants in UTC."""
        begin, end = (at.astimezone(UTC) for at in window)
        for shut, again in self._shut(begin, end, zone):
            if begin < shut:
                yield begin, min(shut, end)
            begin = max(begin, again)
        if begin < end:
            yield begin, end

    def _shut(self, begin: datetime, end: datetime, zone: ZoneInfo) -> Iterator[Window]:
        """The stretches, in order, in which nothing is pushed and that touch these instants."""
        day, last = begin.astimezone(zone).date(), end.astimezone(zone).date()
        while day <= last:
            found = self._of_day(day, zone)
            if found is not None and found[0] < end and begin < found[1]:
                yield found
            day += _DAY

    def _of_day(self, day: date, zone: ZoneInfo) -> Window | None:
        if self.is_quiet(day):
            first, after = (datetime.combine(one, time(), zone).astimezone(UTC) for one in (day, day + _DAY))
            return first, after
        dusk = sunsets(zone.key, day) if self.is_fast(day) else None
        return (dusk[0] - _AROUND_SUNSET, dusk[1] + _AROUND_SUNSET) if dusk else None
