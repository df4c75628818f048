"""Speech: dates, times, numbers and durations as people say them in Tajik and in Russian.

Tajik comes from our own tables: CLDR has neither the izofa of its months nor its durations, and its noun stays singular
after a numeral.  Russian follows CLDR, through Babel.
"""

from datetime import date, datetime
from typing import Literal
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date
from babel.numbers import format_decimal

from bot.core.messages import Language

Unit = Literal["minute", "hour", "day", "week"]

_MONTHS = (
    "январи", "феврали", "марти", "апрели", "майи", "июни",
    "июли", "августи", "сентябри", "октябри", "ноябри", "декабри",
)  # fmt: skip
_TAJIK: dict[Unit, str] = {"minute": "дақиқа", "hour": "соат", "day": "рӯз", "week": "ҳафта"}
# One, few, many, and what a fraction takes.  One is the accusative: durations are objects («через 1 минуту»).
_RUSSIAN: dict[Unit, tuple[str, str, str, str]] = {
    "minute": ("минуту", "минуты", "минут", "минуты"),
    "hour": ("час", "часа", "часов", "часа"),
    "day": ("день", "дня", "дней", "дня"),
    "week": ("неделю", "недели", "недель", "недели"),
}
_FORMS = ("one", "few", "many", "other")


def say_date(at: datetime, zone: ZoneInfo, language: Language) -> str:
    """The date there: `22 ноябри соли 2026`, `22 ноября 2026 года`; `at` is aware."""
    return say_day(at.astimezone(zone).date(), language)


def say_day(day: date, language: Language) -> str:
    """A day of the calendar: `22 ноябри соли 2026`, `22 ноября 2026 года`."""
    if language == "tg":
        return f"{day.day} {_MONTHS[day.month - 1]} соли {day.year}"
    return format_date(day, "d MMMM y 'года'", locale=language)


def say_short_day(day: date) -> str:
    """A day of the calendar in figures, the same in both languages: `22.11.2026`."""
    return day.strftime("%d.%m.%Y")


def say_time(at: datetime, zone: ZoneInfo) -> str:
    """The time of day there as `18:05`."""
    return at.astimezone(zone).strftime("%H:%M")


def say_number(number: float, language: Language) -> str:
    """A number with the separators of the language: `1 234,5`."""
    return format_decimal(number, locale=language)


def say_duration(number: int, unit: Unit, language: Language) -> str:
    """So many of a unit: `3 рӯз`, `3 дня`."""
    noun = _TAJIK[unit] if language == "tg" else plural(number, _RUSSIAN[unit])
    return f"{say_number(number, language)} {noun}"


def say_until(number: int, unit: Unit, language: Language) -> str:
    """How far ahead: `пас аз 3 рӯз`, `через 3 дня`."""
    said = say_duration(number, unit, language)
    return f"пас аз {said}" if language == "tg" else f"через {said}"


def say_since(number: int, unit: Unit, language: Language) -> str:
    """How long ago: `3 рӯз пеш`, `3 дня назад`."""
    said = say_duration(number, unit, language)
    return f"{said} пеш" if language == "tg" else f"{said} назад"


def plural(number: float, forms: tuple[str, str, str, str]) -> str:
    """The Russian form for this number, of one, few, many and other: 1 час, 2 часа, 5 часов, 1,5 часа."""
    return forms[_FORMS.index(Locale.parse("ru").plural_form(number))]
