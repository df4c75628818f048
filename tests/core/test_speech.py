"""Dates, numbers and durations are said as people say them, in Tajik and in Russian."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from bot.core.messages import LANGUAGES
from bot.core.speech import (
    plural,
    say_date,
    say_day,
    say_duration,
    say_number,
    say_short_day,
    say_since,
    say_time,
    say_until,
)

DUSHANBE = ZoneInfo("Asia/Dushanbe")
MONTHS = {
    "tg": """
        1 январи соли 2026|1 феврали соли 2026|1 марти соли 2026|1 апрели соли 2026|1 майи соли 2026|1 июни соли 2026
        1 июли соли 2026|1 августи соли 2026|1 сентябри соли 2026|1 октябри соли 2026|1 ноябри соли 2026
        1 декабри соли 2026
    """,
    "ru": """
        1 января 2026 года|1 февраля 2026 года|1 марта 2026 года|1 апреля 2026 года|1 мая 2026 года|1 июня 2026 года
        1 июля 2026 года|1 августа 2026 года|1 сентября 2026 года|1 октября 2026 года|1 ноября 2026 года
        1 декабря 2026 года
    """,
}
NUMBERS = (0, 1, 2, 5, 11, 21, 101)
DURATIONS = {
    ("tg", "day"): "0 рӯз|1 рӯз|2 рӯз|5 рӯз|11 рӯз|21 рӯз|101 рӯз",
    ("tg", "hour"): "0 соат|1 соат|2 соат|5 соат|11 соат|21 соат|101 соат",
    ("tg", "minute"): "0 дақиқа|1 дақиқа|2 дақиқа|5 дақиқа|11 дақиқа|21 дақиқа|101 дақиқа",
    ("tg", "week"): "0 ҳафта|1 ҳафта|2 ҳафта|5 ҳафта|11 ҳафта|21 ҳафта|101 ҳафта",
    ("ru", "day"): "0 дней|1 день|2 дня|5 дней|11 дней|21 день|101 день",
    ("ru", "hour"): "0 часов|1 час|2 часа|5 часов|11 часов|21 час|101 час",
    ("ru", "minute"): "0 минут|1 минуту|2 минуты|5 минут|11 минут|21 минуту|101 минуту",
    ("ru", "week"): "0 недель|1 неделю|2 недели|5 недель|11 недель|21 неделю|101 неделю",
}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_month_is_said_in_the_form_that_follows_a_day(language):
    expected = [said.strip() for line in MONTHS[language].strip().splitlines() for said in line.split("|")]
    assert [say_day(date(2026, month, 1), language) for month in range(1, 13)] == expected


@pytest.mark.parametrize(("language", "unit"), DURATIONS)
def test_a_noun_has_the_form_that_its_number_asks_for(language, unit):
    assert [say_duration(n, unit, language) for n in NUMBERS] == DURATIONS[language, unit].split("|")


def test_how_far_ahead_and_how_long_ago():
    assert [say_until(3, "day", language) for language in ("tg", "ru")] == ["пас аз 3 рӯз", "через 3 дня"]
    assert [say_since(1, "minute", language) for language in ("tg", "ru")] == ["1 дақиқа пеш", "1 минуту назад"]
    assert [say_until(21, "hour", language) for language in ("tg", "ru")] == ["пас аз 21 соат", "через 21 час"]


def test_a_date_is_that_of_the_place_and_never_taken_for_utc():
    late = datetime(2026, 11, 22, 20, 5, tzinfo=UTC)
    assert say_date(late, DUSHANBE, "tg") == "23 ноябри соли 2026"
    assert say_date(late, ZoneInfo("Europe/Moscow"), "ru") == "22 ноября 2026 года"
    assert say_time(late, DUSHANBE) == "01:05"
    assert say_short_day(date(2026, 3, 8)) == "08.03.2026"


@pytest.mark.parametrize("language", LANGUAGES)
def test_long_numbers_are_parted_by_spaces_that_do_not_break(language):
    assert say_number(1234567, language) == "1\N{NO-BREAK SPACE}234\N{NO-BREAK SPACE}567"
    assert say_number(2.5, language) == "2,5"


def test_a_fraction_has_a_form_of_its_own():
    mothers = ("мать", "матери", "матерей", "матери")
    assert [plural(n, mothers) for n in (1, 3, 7, 1.5)] == ["мать", "матери", "матерей", "матери"]
