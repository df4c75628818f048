"""A simulated year: whatever mothers do, wherever they live, nothing comes outside their hours and no lesson is lost.

Every mother is played from a seed of her own.  The house is down now and then, for hours or days; power is rationed in
her village, so that she answers late or not at all; she moves, changes her hours, pauses, hides, stops and comes back.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

import pytest

from bot.core.calendar import Hours
from bot.core.conversation import SHOWN
from bot.core.effects import Purpose
from bot.core.event import Event
from bot.core.events import BroadcastArrived, ModuleOpened, SendsFailed
from bot.core.places import CITIES, sunsets
from bot.flows.book import HER_ACTS, Book
from tests.flows.chat import NOON, Chat, mother, participant

ZONES = ("Asia/Dushanbe", "Europe/Moscow", "Asia/Yekaterinburg", "Asia/Novosibirsk", "Asia/Vladivostok")
DAY, WEEK = timedelta(days=1), timedelta(days=7)
DAYS_OF_THE_YEAR, DAYS_OF_GRACE = 365, 400
# What the year holds, written down by hand: the table and the code are not asked.
HOLIDAYS = {(1, 1), (3, 8), (3, 21), (3, 22), (3, 23), (3, 24), (5, 9), (6, 27), (9, 9), (11, 6)}
EIDS = {date(2027, 3, 9), date(2027, 5, 16)}
RAMADAN = (date(2027, 2, 8), date(2027, 3, 8))
NEVER = ("help", "forget", "stop", "hide", "settings", "pause", "menu", "language", "lesson.repeat", "menu.finished")
UNPROMPTED = {Purpose.PUSH, Purpose.BROADCAST, Purpose.COVER}


@dataclass(frozen=True)
class Line:
    """An unprompted message as it went, with what she had chosen then."""

    at: datetime
    until: datetime
    hours: Hours | None
    zone: ZoneInfo


@dataclass
class Life(Chat):
    """A chat that remembers every unprompted message, and every broadcast that came with what she opened."""

    lines: list[Line] = field(default_factory=list)
    shown: list[str] = field(default_factory=list)

    def play(self, event: Event, *args: object, **kwargs: object) -> list[str]:
        her = self.participant
        texts = super().play(event, *args, **kwargs)
        for say in self.says:
            if say.tag == SHOWN:
                assert isinstance(event, HER_ACTS), "a reply to her own act alone"
                self.shown.append(say.dedupe)
            elif say.purpose in UNPROMPTED:
                self.lines.append(Line(self.now, say.expires_at, her.hours, ZoneInfo(her.zone)))
        return texts


def born(book: Book, seed: int) -> tuple[Life, Random]:
    """A mother with random hours, days, zone and phone."""
    chance = Random(seed)
    begin = chance.randrange(24)
    hours = Hours(time(begin), time((begin + chance.choice((1, 2, 2, 3))) % 24), _some_days(chance))
    zone = ZONES[seed % len(ZONES)]
    her = participant(hours=hours, zone=zone, opened=("m1",), joined_at=NOON - DAY)
    plain = mother(book, participant=her, language=chance.choice(("tg", "ru")))
    return Life(book, plain.conversation, her), chance


def _some_days(chance: Random) -> frozenset[int]:
    return frozenset(chance.choice(((0, 1, 2, 3, 4, 5, 6), (0, 1, 2, 3, 4), (0, 2, 4), (1, 3, 5), (5, 6), (2,))))


def live(life: Life, chance: Random, modules: Iterator[str]) -> None:
    """A year, day by day."""
    for day in range(DAYS_OF_THE_YEAR):
        if day % 33 == 1 and (module := next(modules, None)):
            life.participant = _with(life, opened=(*life.participant.opened, module))
            life.play(ModuleOpened(module))
        if day % 7 == 3:
            life.play(BroadcastArrived(f"b{day}", "Салом.", "Здравствуйте.", life.now + chance.randrange(1, 8) * DAY))
        if chance.random() < 0.04:
            life.now += timedelta(hours=chance.choice((3, 9, 30, 80)))  # the house is down, and everything falls due
        _wait(life, chance, NOON + (day + 1) * DAY)


def _with(life: Life, **changes: object) -> object:
    return type(life.participant)(**{
        name: changes.get(name, getattr(life.participant, name)) for name in life.participant.__dataclass_fields__
    })  # fmt: skip


def _wait(life: Life, chance: Random, until: datetime) -> None:
    """Time goes by to that instant; she may answer what came, or do something of her own."""
    if until <= life.now:
        return
    came = life.pass_time(until - life.now)
    if came and chance.random() < 0.1:
        life.play(SendsFailed("expired", ("push",)))  # no power in her hours: it never arrived
    elif (came and chance.random() < 0.6) or chance.random() < 0.03:
        life.press("push.open")
        read(life, chance.randrange(1, 14))
    elif chance.random() < 0.04:
        do_something(life, chance)


def read(life: Life, steps: int) -> None:
    """She presses on, always the first choice that leads further."""
    for _ in range(steps):
        onwards = [choice for choice in life.choices if not choice.startswith(NEVER)]
        if not onwards:
            return
        life.press(onwards[0])


def do_something(life: Life, chance: Random) -> None:
    """What mothers also do."""
    what = chance.choice(("move", "hours", "days", "pause", "stop", "hide", "menu", "back"))
    if what == "move":
        life.press("menu")
        for choice in ("settings", "city", f"city:{chance.choice(CITIES).id}"):
            life.press(choice)
    elif what in {"hours", "days"}:
        chosen = str(chance.randrange(24)) if what == "hours" else "".join(map(str, sorted(_some_days(chance))))
        life.press("menu")
        for choice in ("settings", what, f"{what}:{chosen}"):
            life.press(choice)
    elif what == "pause":
        life.write("пауза")
        life.press(f"pause.days:{chance.choice((3, 7, 14))}")
    else:
        life.write({"stop": "стоп", "hide": "пинҳон", "menu": "меню", "back": "старт"}[what])


def come_back(life: Life) -> None:
    """After the year she is there and opens whatever comes: all that waited for her comes by itself."""
    life.write("старт")
    life.press("push.open")
    read(life, 40)
    for _ in range(DAYS_OF_GRACE):
        if life.pass_time(DAY):
            life.press("push.open")
            read(life, 40)


def check_hours(life: Life) -> None:
    """Her hours, as she chose them, and nothing on a feast or around sunset in Ramadan."""
    for line in life.lines:
        last = line.until - timedelta(seconds=1)
        assert line.hours is not None
        for at in (line.at, last):
            local = at.astimezone(line.zone)
            assert line.hours.contains(at, line.zone), f"{local} is outside {line.hours}"
            day = local.date()
            assert (day.month, day.day) not in HOLIDAYS, local
            assert day not in EIDS, local
            if RAMADAN[0] <= day <= RAMADAN[1] and (dusk := sunsets(line.zone.key, day)):
                assert not dusk[0] - timedelta(minutes=60) <= at < dusk[1] + timedelta(minutes=60), local


def check_limits(life: Life) -> None:
    """One a day where she lives, four in seven days."""
    for n, line in enumerate(life.lines):
        before = [other.at for other in life.lines[:n] if line.at - other.at < WEEK]
        assert len(before) < 4, line.at
        assert line.at.astimezone(line.zone).date() not in {at.astimezone(line.zone).date() for at in before}, line.at


def check_nothing_lost(life: Life, book: Book) -> None:
    """Every page of every module that was opened has come to her."""
    opened = [module for module in book.engine.library.curriculum.modules if module.id in life.participant.opened]
    pages = {lesson.id for module in opened for lesson in module.lessons}
    assert pages - life.participant.finished == set()


def play_a_year(book: Book, seed: int) -> Life:
    life, chance = born(book, seed)
    modules = [module.id for module in book.engine.library.curriculum.modules][1:]
    life.play(ModuleOpened("m1"))
    live(life, chance, iter(modules))
    come_back(life)
    check_hours(life)
    check_limits(life)
    check_nothing_lost(life, book)
    assert len(set(life.shown)) == len(life.shown), "a broadcast comes once"
    return life


@pytest.mark.parametrize("zone", range(len(ZONES)), ids=ZONES)
def test_in_a_year_nothing_comes_outside_her_hours_and_no_lesson_is_lost(book, zone):
    lives = [play_a_year(book, seed) for seed in range(zone, 10, len(ZONES))]
    assert sum(len(life.lines) for life in lives) > 40
    assert sum(len(life.shown) for life in lives)


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(10, 210, 10))
def test_two_hundred_mothers_in_five_time_zones_for_a_year(book, seed):
    lives = [play_a_year(book, one) for one in range(seed, seed + 10)]
    assert sum(len(life.lines) for life in lives) > 200


def test_the_year_holds_ramadan_and_both_eids():
    year = {NOON.astimezone(UTC).date() + n * DAY for n in range(DAYS_OF_THE_YEAR)}
    assert {*EIDS, *RAMADAN} <= year
