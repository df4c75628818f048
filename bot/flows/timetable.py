"""Duty hours as people write and read them: `пн-пт 9-17`, `дш-ҷм 9-17, шб 10-13`."""

import re
from collections.abc import Iterable

from bot.core.messages import Language
from bot.orthography import words

Stretch = tuple[str, str, tuple[int, ...]]
"""Begin and end as `HH:MM` and the weekdays, Monday 0; an end not after the begin is on the next day."""

DAYS: dict[Language, tuple[str, ...]] = {
    "tg": ("дш", "сш", "чш", "пш", "ҷм", "шб", "яш"),
    "ru": ("пн", "вт", "ср", "чт", "пт", "сб", "вс"),
}
_FULL = (
    ("понедельник", "душанбе"),
    ("вторник", "сешанбе"),
    ("среда", "чоршанбе"),
    ("четверг", "панҷшанбе"),
    ("пятница", "ҷумъа"),
    ("суббота", "шанбе"),
    ("воскресенье", "якшанбе"),
)
_EVERY_DAY = ("каждый день", "ежедневно", "ҳар рӯз", "все дни", "ҳамарӯза")
_ALL = tuple(range(7))
_TIMES = re.compile(r"(?<!\d)(\d{1,2})(?:[:.](\d{2}))?\s*(?:[-–—]|до|то)\s*(\d{1,2})(?:[:.](\d{2}))?(?!\d)")
_DAY = re.compile(r"[^\W\d_]+")


def _key(text: str) -> str:
    return " ".join(words(text))


_NUMBERS = {_key(name): n for names in (*DAYS.values(), *zip(*_FULL, strict=True)) for n, name in enumerate(names)}


def parse(text: str) -> tuple[Stretch, ...] | None:
    """The stretches a person wrote, parted by commas, semicolons or lines; None when any part is not understood."""
    found = [_stretch(part) for part in re.split(r"[,;\n]+", text) if part.strip()]
    stretches = tuple(stretch for stretch in found if stretch is not None)
    return stretches if found and len(stretches) == len(found) else None


def _stretch(part: str) -> Stretch | None:
    times = _TIMES.search(part)
    if times is None or part[times.end() :].strip(" .") or part.count(times.group()) != 1:
        return None
    begin, end = _time(times.group(1), times.group(2)), _time(times.group(3), times.group(4))
    days = _days(part[: times.start()])
    return (begin, end, days) if begin and end and days else None


def _time(hour: str, minute: str | None) -> str | None:
    h, m = int(hour), int(minute or 0)
    if (h, m) == (24, 0):
        h = 0
    return f"{h:02}:{m:02}" if h < 24 and m < 60 else None


def _days(text: str) -> tuple[int, ...]:
    """`пн-пт`, `пн ср пт`, `ҳар рӯз` or nothing at all, which is every day."""
    if not text.strip() or _key(text) in {_key(phrase) for phrase in _EVERY_DAY}:
        return _ALL
    names = [_NUMBERS.get(_key(name)) for name in _DAY.findall(text)]
    numbers = [n for n in names if n is not None]
    if len(numbers) != len(names) or not numbers:
        return ()
    if len(numbers) == 2 and re.search(r"[-–—]", text):
        first, last = numbers
        return tuple(sorted((first + n) % 7 for n in range((last - first) % 7 + 1)))
    return tuple(sorted(set(numbers)))


def say(stretches: Iterable[Stretch], language: Language) -> str:
    """The stretches one a line, as people read them; empty for none."""
    return "\n".join(f"{say_days(days, language)} {say_times(begin, end)}" for begin, end, days in stretches)


def say_times(begin: str, end: str) -> str:
    """`09:00–17:00`; a day round the clock is `00:00–24:00`."""
    return f"{begin}–{'24:00' if end == '00:00' else end}"


def say_days(days: tuple[int, ...], language: Language) -> str:
    """`пн–пт`, or the days one by one."""
    names = DAYS[language]
    if len(days) > 2 and days[-1] - days[0] == len(days) - 1:
        return f"{names[days[0]]}–{names[days[-1]]}"
    return ", ".join(names[day] for day in days)
