"""S18: a whole story over Telegram with planted words, names and numbers, and a search of every byte on the disk."""

import re
from pathlib import Path
from random import Random

import pytest
from sqlalchemy import select, update

from bot.core.people import Role
from storage.backup import back_up
from storage.schema import conversations, participants
from tests.fakes.bot_api.people import Person
from tests.storage.conftest import Server, kind, migrated_file, postgres, url
from tests.storage.test_s18 import LETTERS, disguises
from tests.town import JOINING, Town, open_town
from tests.world import FrozenClock

__all__ = ["kind", "migrated_file", "postgres", "url"]

WORRYING = "шавҳарам маро мезанад"
MARKS = ("ғӯҳҷқӣчё", "731946208")
KINDS = ("contact", "location", "venue", "forward", "names")


class Planter:
    """Gives out words and numbers that stand nowhere else; all begin alike, so that one search finds any of them."""

    def __init__(self) -> None:
        self._random = Random(1818)
        self.planted: list[str] = []

    def word(self) -> str:
        """Letters that mean nothing."""
        self.planted.append(MARKS[0] + "".join(self._random.choices(LETTERS, k=8)))
        return self.planted[-1]

    def number(self) -> int:
        """What looks like the number of a chat or of a telephone."""
        self.planted.append(f"{MARKS[1]}{len(self.planted):03}")
        return int(self.planted[-1])


def person(town: Town, plants: Planter) -> Person:
    """Somebody with a planted name and number who never met the bot."""
    return town.tg.person(plants.number(), plants.word(), "tg", is_known=False)


async def a_mother(town: Town, plants: Planter) -> Person:
    """She joins by a link, and chooses a planted name."""
    mother = person(town, plants)
    await town.starts(mother, town.invite(Role.MOTHER))
    for choice in ("language:tg", *JOINING, "phone.no"):
        await town.presses(mother, choice)
    await town.says(mother, plants.word())
    await town.presses(mother, "hours:9")
    return mother


def raw(person: Person, what: str, plants: Planter, number: int) -> dict[str, object]:
    """A message with everything that must not be kept; `what` is one of KINDS."""
    named = {"first_name": plants.word(), "last_name": plants.word(), "username": f"u{plants.number()}"}
    sender = {"id": person.id, "is_bot": False} | named
    place = {"latitude": 38.5, "longitude": float(f"0.{plants.number()}")}
    other = {"id": plants.number(), "is_bot": False, "first_name": plants.word()}
    bodies: dict[str, dict[str, object]] = {
        "contact": {"contact": {"phone_number": f"+{plants.number()}", "first_name": plants.word()}},
        "location": {"location": place},
        "venue": {"venue": {"location": place, "title": plants.word(), "address": plants.word()}},
        "forward": {"text": plants.word(), "forward_origin": {"type": "user", "date": 1, "sender_user": other}},
        "names": {"text": plants.word()},
    }
    chat = {"id": person.id, "type": "private"} | named
    return {"message_id": number, "date": 1, "chat": chat, "from": sender} | bodies[what]


async def the_story(town: Town, plants: Planter) -> None:
    """Strangers, mothers and staff say planted things wherever words can go; some of it goes wrong."""
    coordinator = await town.coordinator()
    facilitator = await town.facilitator(coordinator)
    group = await town.bound_group(coordinator, facilitator)
    for n in range(10):
        stranger = person(town, plants)
        stranger.says(plants.word())
        town.tg.emits("message", raw(stranger, KINDS[n % 5], plants, 50_000 + n), stranger.id)
    await town.settle()
    reader, teller = [await a_mother(town, plants) for _ in range(2)]
    await town.opens_module(facilitator)
    await town.presses(reader, "push.open")
    for _ in range(3):
        await town.presses(reader, "lesson.next_card")
    await town.says(reader, plants.word())
    said = teller.says(f"{WORRYING} {plants.word()}")
    await town.settle()
    teller.edits(said, f"{WORRYING} {plants.word()}")
    teller.sends("photo", caption=plants.word())
    for n, what in enumerate(KINDS):
        town.tg.emits("message", raw(teller, what, plants, 60_000 + n), teller.id)
    await town.settle()
    await town.presses(group, "case.take", by=facilitator)
    await town.says(facilitator, plants.word())
    for _ in range(2):
        await town.presses(facilitator, "case.reply")
        await town.says(facilitator, plants.word())
        await town.presses(facilitator, "answer.send")
    await town.presses(facilitator, "case.note")
    await town.says(facilitator, plants.word())
    _breaks(town)
    await town.says(reader, plants.word())
    await _casts(town, coordinator, plants)


def _breaks(town: Town) -> None:
    """From now on no turn of the mother who joined first can be played."""
    query = select(participants.c.conversation_id).order_by(participants.c.id).limit(1)
    with town.app.store.database.transaction() as connection:
        hers = connection.execute(query).scalar_one()
        connection.execute(update(conversations).where(conversations.c.id == hers).values(state="Future:unknown"))


async def _casts(town: Town, coordinator: Person, plants: Planter) -> None:
    await town.says(coordinator, "/menu")
    for choice in ("menu.broadcast", "cast.cohort", "cast.write"):
        await town.presses(coordinator, choice)
    for _ in range(2):
        await town.says(coordinator, f"Салом {plants.word()}")


async def test_s18_nothing_of_a_whole_story_is_found_on_the_disk(
    kind: str, url: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    plants = Planter()
    async with open_town(tmp_path, FrozenClock(), database_url=url) as town:
        await the_story(town, plants)
        store = town.app.store
        back_up(store.database, store.sealer.keyring, tmp_path / "backup")
        if kind == "sqlite":
            assert (tmp_path / "hamroh.db-wal").stat().st_size > 0
        server: Server | None = request.getfixturevalue("postgres") if kind == "postgres" else None
        files = [path for folder in [tmp_path, *(server.folders(url) if server else [])] for path in folder.rglob("*")]
        content = b"\n".join(re.sub(rb"\0{32,}", b"\0", path.read_bytes()) for path in files if path.is_file())
        shown = "\n".join(sent.text for sent in town.tg.sent)
    assert len(plants.planted) > 90
    assert sum(plant in shown for plant in plants.planted) > 5, "who may read it could read it"
    assert [mark for mark in MARKS if any(disguise in content for disguise in disguises(mark))] == []
