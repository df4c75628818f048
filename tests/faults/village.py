"""A small programme that is copied for every test: people who joined, others on their way, a broadcast that waits."""

import shutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from pathlib import Path

from sqlalchemy import update

from bot.core.people import Role
from storage.copying import copy_file
from storage.instants import EPOCH
from storage.schema import broadcasts, participants
from tests.fakes.telegram import FakeTelegram, Person
from tests.town import JOINING, Town, find_button, open_town
from tests.world import FrozenClock

WRITERS = range(1001, 1017)
"""Strangers who came with a staff code and are choosing an alias: whatever they write is said back once."""
MOTHERS = range(2001, 2013)
COORDINATOR, FACILITATOR, GROUP = 100, 200, -100_777
TAJIK, RUSSIAN = "Салом! Сабки нав дар ин ҷо.", "Здравствуйте! Новый урок здесь."


@dataclass(frozen=True)
class Village:
    """A database with its keys; `url` is where the database is."""

    folder: Path
    url: str
    zone: str
    lessons: Path

    def environment(self, tg: FakeTelegram, **more: str) -> dict[str, str]:
        """The settings of a Hamroh that serves this village over the fake Bot API."""
        given = {
            "telegram_token": tg.token,
            "telegram_api_url": tg.root,
            "database_url": self.url,
            "keys_dir": str(self.folder / "keys"),
            "keys_url": f"sqlite:///{self.folder / 'keys.db'}",
            "timezone": self.zone,
            "curriculum": str(self.lessons),
            "listen": "127.0.0.1:0",
            "webhook_listen": "127.0.0.1:0",
            "allow_unready": "1",
            "allow_unreviewed": "1",
        }
        return {f"HAMROH_{name.upper()}": value for name, value in (given | more).items()}

    def copy_keys(self, folder: Path) -> None:
        """The same keys in another folder."""
        shutil.copytree(self.folder / "keys", folder / "keys")
        copy_file(self.folder / "keys.db", folder / "keys.db")


def url_of(folder: Path) -> str:
    """Where the database of a village on SQLite is."""
    return f"sqlite:///{folder / 'hamroh.db'}"


async def found(folder: Path, url: str) -> Village:
    """Build it: everybody joins by her buttons, two hours ago, in a zone where her hours are now."""
    now = datetime.now(UTC)  # noqa: TID251 - Hamroh will run by the machine's own clock
    zone = zone_where_it_is_nine(now)
    clock = FrozenClock(now - timedelta(hours=2))
    lessons = _first_module(folder / "lessons")
    async with open_town(folder, clock, database_url=url, timezone=zone, curriculum=lessons) as town:
        await _settle_in(town)
        town.app.store.database.dispose()
    return Village(folder, url, zone, lessons)


def _first_module(folder: Path) -> Path:
    """A curriculum of one module is read sooner, at every start."""
    content = Path(str(files("bot.curriculum") / "content"))
    shutil.copytree(content / "m1", folder / "m1")
    (folder / "curriculum.yaml").write_text('version: "2026.1"\nmodules:\n  - m1\n')
    return folder


async def _settle_in(town: Town) -> None:
    coordinator = await town.coordinator(COORDINATOR)
    facilitator = await town.facilitator(coordinator, FACILITATOR, "ru")
    await town.bound_group(coordinator, facilitator, number=GROUP)
    await _mothers_join(town)
    with town.app.store.database.transaction() as connection:
        connection.execute(update(participants).values(is_confirmed=True))  # broadcasts go to those whom somebody met
    await _writers_begin(town)
    await _broadcast_is_confirmed(town, coordinator)


async def _all(town: Town, people: Iterable[Person], act: Callable[[Person], object]) -> None:
    """Everybody does it at the same time."""
    for person in people:
        act(person)
    await town.settle()


def _press(person: Person, choice: str) -> None:
    person.presses(*find_button(person, choice))


async def _mothers_join(town: Town) -> None:
    mothers = [town.person(number) for number in MOTHERS]
    code = town.invite(Role.MOTHER, uses=len(mothers))
    await _all(town, mothers, lambda mother: mother.starts(code))
    for choice in ("language:tg", *JOINING, "phone.no", "name.skip", "hours:9"):
        await _all(town, mothers, lambda mother, choice=choice: _press(mother, choice))


async def _writers_begin(town: Town) -> None:
    writers = [town.person(number, "ru") for number in WRITERS]
    await _all(town, writers, lambda writer: writer.starts(town.invite(Role.FACILITATOR)))
    await _all(town, writers, lambda writer: _press(writer, "enlist.language:ru"))
    await _all(town, writers, lambda writer: writer.says("Шамшод"))


async def _broadcast_is_confirmed(town: Town, coordinator: Person) -> None:
    """To all mothers; it is put off so that it begins only when a test lets it."""
    await town.says(coordinator, "/menu")
    for choice in ("menu.broadcast", "cast.cohort", "cast.write"):
        await town.presses(coordinator, choice)
    for text in (TAJIK, RUSSIAN):
        await town.says(coordinator, text)
    for choice in ("cast.me", "cast.all", "cast.go"):
        await town.presses(coordinator, choice)
    with town.app.store.database.transaction() as connection:
        far = EPOCH + timedelta(days=365 * 200)
        connection.execute(update(broadcasts).values(starts_at=far, expires_at=far + timedelta(days=1)))


def zone_where_it_is_nine(now: datetime) -> str:
    """So that a window that begins at nine is open for an hour at least, whenever the tests run."""
    ahead = (9 - now.hour + 11) % 24 - 11
    return f"Etc/GMT{-ahead:+d}"
