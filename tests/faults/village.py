"""A small programme that is copied for every test: people who joined, others on their way, a broadcast that waits."""

import shutil
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
from tests.faults.town import JOINING, Town, open_town, press
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
    coordinator = await _enlisted(town, COORDINATOR, Role.COORDINATOR, None)
    facilitator = await _enlisted(town, FACILITATOR, Role.FACILITATOR, "Bahor")
    await town.presses(coordinator, "staff.accept")
    await _always_on_duty(town, facilitator)
    await _group_is_bound(town, coordinator, facilitator)
    await _mothers_join(town)
    with town.app.store.database.transaction() as connection:
        connection.execute(update(participants).values(is_confirmed=True))  # broadcasts go to those whom somebody met
    await _writers_begin(town)
    await _broadcast_is_confirmed(town, coordinator)


async def _enlisted(town: Town, number: int, role: Role, cohort: str | None) -> Person:
    person = town.person(number, "ru")
    await town.does(lambda: person.starts(town.invite(role, cohort)))
    await town.presses(person, "enlist.language:ru")
    await town.does(lambda: person.says("Гранат" if role is Role.COORDINATOR else "Чинор"))
    await town.presses(person, "enlist.agree")
    return person


async def _always_on_duty(town: Town, facilitator: Person) -> None:
    await town.does(lambda: facilitator.says("/menu"))
    await town.presses(facilitator, "menu.duty")
    await town.does(lambda: facilitator.says("пн-вс 0-24"))
    await town.presses(facilitator, "duty.save")


async def _group_is_bound(town: Town, coordinator: Person, facilitator: Person) -> None:
    group = town.tg.group(GROUP, "Invented group", bot_status="left")
    code = town.invite(Role.GROUP, None)
    await town.does(
        lambda: group.adds_bot(coordinator, is_administrator=True),
        lambda: group.says(f"/bind {code}", by=coordinator),
        lambda: group.joins(facilitator),
    )


async def _mothers_join(town: Town) -> None:
    mothers = [town.person(number) for number in MOTHERS]
    code = town.invite(Role.MOTHER, uses=len(mothers))
    await town.all_do(mothers, lambda mother: mother.starts(code))
    for choice in ("language:tg", *JOINING):
        await town.all_do(mothers, lambda mother, choice=choice: press(mother, choice))


async def _writers_begin(town: Town) -> None:
    writers = [town.person(number, "ru") for number in WRITERS]
    await town.all_do(writers, lambda writer: writer.starts(town.invite(Role.FACILITATOR)))
    await town.all_do(writers, lambda writer: press(writer, "enlist.language:ru"))
    await town.all_do(writers, lambda writer: writer.says("Шамшод"))


async def _broadcast_is_confirmed(town: Town, coordinator: Person) -> None:
    """To all mothers; it is put off so that it begins only when a test lets it."""
    await town.does(lambda: coordinator.says("/menu"))
    await town.presses(coordinator, "menu.broadcast", "cast.cohort", "cast.write")
    await town.does(lambda: coordinator.says(TAJIK), lambda: coordinator.says(RUSSIAN))
    await town.presses(coordinator, "cast.me", "cast.all", "cast.go")
    with town.app.store.database.transaction() as connection:
        far = EPOCH + timedelta(days=365 * 200)
        connection.execute(update(broadcasts).values(starts_at=far, expires_at=far + timedelta(days=1)))


def zone_where_it_is_nine(now: datetime) -> str:
    """So that a window that begins at nine is open for an hour at least, whenever the tests run."""
    ahead = (9 - now.hour + 11) % 24 - 11
    return f"Etc/GMT{-ahead:+d}"
