"""Nothing is pushed on an Eid or a holiday, nor around sunset in Ramadan; what was announced is believed."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo, available_timezones

import hijridate
import holidays
import pytest

from bot.core.calendar import Hours
from bot.core.feasts import EXPECTED, HOLIDAYS, Announced, Feasts
from bot.core.messages import LANGUAGES
from bot.core.places import CITIES, city, sunset, sunsets

DUSHANBE, MOSCOW = ZoneInfo("Asia/Dushanbe"), ZoneInfo("Europe/Moscow")
ROWS = [tuple(map(date.fromisoformat, line.split())) for line in EXPECTED.strip().splitlines()]
# (city, day, sunset there by an almanac)
ALMANAC = (
    ("home", date(2026, 3, 20), time(18, 37)),
    ("home", date(2026, 6, 21), time(19, 54)),
    ("moscow", date(2026, 6, 21), time(21, 18)),
    ("moscow", date(2026, 12, 21), time(15, 58)),
    ("istanbul", date(2026, 3, 20), time(19, 17)),
    ("dubai", date(2026, 12, 21), time(17, 35)),
)


def pieces(begin, end, day, zone=DUSHANBE, feasts=None):
    """What is left of a window of that day, as local times."""
    (window,) = [
        window
        for window in Hours(begin, end).windows(datetime.combine(day, time(12), zone), zone)
        if window[0].date() == day
    ]
    left = (feasts or Feasts()).open(window, zone)
    return [tuple(at.astimezone(zone).time() for at in piece) for piece in left]


def test_the_table_is_what_the_calendar_of_umm_al_qura_says():
    assert len(ROWS) >= 20
    for first, breaking, offering in ROWS:
        year = hijridate.Gregorian.fromdate(first).to_hijri().year
        assert hijridate.Hijri(year, 9, 1).to_gregorian() == first
        assert hijridate.Hijri(year, 10, 1).to_gregorian() == breaking
        assert hijridate.Hijri(year, 12, 10).to_gregorian() == offering


@pytest.mark.parametrize("year", [2026, 2027, 2028, 2029])
def test_every_holiday_of_the_state_is_quiet(year):
    days = holidays.country_holidays("TJ", years=year)
    assert all(Feasts().is_quiet(day) for day in days)
    fixed = {(day.month, day.day) for day in days if day not in {d for row in ROWS for d in row}}
    assert fixed == HOLIDAYS


def test_an_expected_eid_is_quiet_with_a_day_on_either_side_and_an_announced_one_on_its_day():
    told = Feasts((Announced("idi_ramazon", date(2027, 3, 10)),))
    around = [date(2027, 3, n) for n in (7, 9, 10, 11)]
    assert [Feasts().is_quiet(day) for day in around] == [False, True, True, False]
    assert [told.is_quiet(day) for day in around] == [False, False, True, False]
    assert Feasts().is_quiet(date(2026, 5, 28))


def test_an_announcement_of_another_year_changes_nothing():
    told = Feasts((Announced("idi_qurbon", date(2031, 4, 3)),))
    assert told.is_quiet(date(2026, 5, 27))


def test_nothing_is_left_of_a_window_on_a_quiet_day():
    assert pieces(time(9), time(11), date(2027, 3, 8)) == []
    assert pieces(time(9), time(11), date(2027, 3, 12)) == [(time(9), time(11))]


def test_a_window_that_passes_midnight_keeps_the_part_of_the_ordinary_day():
    assert pieces(time(22), time(1), date(2026, 12, 31)) == [(time(22), time(0))]
    assert pieces(time(22), time(1), date(2027, 1, 1)) == [(time(0), time(1))]


@pytest.mark.parametrize("zone", [DUSHANBE, MOSCOW, ZoneInfo("Asia/Vladivostok")])
def test_in_ramadan_an_hour_before_and_after_sunset_is_hers(zone):
    day = date(2027, 2, 20)
    first, last = sunsets(zone.key, day)
    left = pieces(time(6), time(23), day, zone)
    assert [left[0][0], left[-1][1]] == [time(6), time(23)]
    shut = [datetime.combine(day, at, zone) for at in (left[0][1], left[1][0])]
    assert first - shut[0].astimezone(UTC) == timedelta(minutes=60)
    assert shut[1].astimezone(UTC) - last == timedelta(minutes=60)
    assert pieces(time(6), time(23), date(2027, 4, 20), zone) == [(time(6), time(23))]


def test_a_window_inside_the_hours_of_the_meal_is_shut_until_the_fast_is_over():
    assert pieces(time(17, 30), time(18, 30), date(2027, 2, 20)) == []
    assert pieces(time(17, 30), time(18, 30), date(2027, 3, 12)) == [(time(17, 30), time(18, 30))]


def test_ramadan_begins_when_it_was_announced():
    told = Feasts((Announced("ramazon", date(2027, 2, 9)), Announced("idi_ramazon", date(2027, 3, 10))))
    assert told.fast_of(date(2027, 2, 15)) == (date(2027, 2, 9), date(2027, 3, 9))
    assert not told.is_fast(date(2027, 2, 8))
    assert Feasts().is_fast(date(2027, 2, 7))


@pytest.mark.parametrize(("place", "day", "at"), ALMANAC)
def test_the_sun_sets_when_the_almanac_says(place, day, at):
    here = city(place)
    there = sunset(here, day).astimezone(ZoneInfo(here.zone))
    expected = datetime.combine(day, at, ZoneInfo(here.zone))
    assert abs(there - expected) <= timedelta(minutes=3)


def test_every_city_has_a_clock_and_a_short_name_in_both_languages():
    assert len({one.id for one in CITIES}) == len(CITIES) >= 15
    assert len({one.zone for one in CITIES}) >= 10
    for one in CITIES:
        assert one.zone in available_timezones()
        assert all(0 < len(one.name[language]) <= 20 for language in LANGUAGES)


def test_where_the_sun_does_not_set_nothing_is_shut():
    assert sunset(city("yakutsk"), date(2026, 6, 21)) is not None
    assert sunsets("America/New_York", date(2027, 2, 20)) is None
