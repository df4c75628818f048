"""Every kind of person who may meet the bot, in one house, and what each would do by the facts as they are."""

import re
from collections.abc import Iterable
from dataclasses import fields, replace
from pathlib import Path

from sqlalchemy import select, update

import bot.flows
from bot.channels.simulator import Phone
from bot.core.conversation import Facts  # noqa: TC001 - read beside the others
from bot.core.event import Event
from bot.core.events import ButtonPressed
from bot.core.people import Role
from bot.flows.machine import Played
from bot.flows.turn import Flow
from storage.schema import cases, conversations, participants, staff
from tests.laws.desk import Desk, join, press

STAFF = ("own", "other", "coordinator", "supervisor", "auditor")
INERT = ("unconfirmed", "revoked")
OUTSIDE = ("mother", "unmet", "stranger")
SECRET = "шавҳарам маро мезанад нилуфарисохта"
ALIASES = {"other": "Себ", "supervisor": "Нок", "auditor": "Тут", "unconfirmed": "Бед", "revoked": "Ток"}


class Everybody:
    """A house with one of each, a case that `own` has taken, and one that is free."""

    def __init__(self, desk: Desk) -> None:
        self.desk, self.house = desk, desk.house
        self.chats: dict[str, str] = {}
        self.staff_ids: dict[str, str] = {}
        self.cases: list[str] = []

    async def come(self) -> None:
        for name, role, cohort in (
            ("other", Role.FACILITATOR, "Tobiston"),
            ("supervisor", Role.SUPERVISOR, None),
            ("auditor", Role.AUDITOR, None),
            ("revoked", Role.FACILITATOR, "Bahor"),
            ("unconfirmed", Role.FACILITATOR, "Bahor"),
        ):
            await self._enlists(name, role, cohort)
        for name in ("mother", "unmet"):
            await join(self.house, name)
        await self.house.says(self.house.phone("stranger"), "салом")
        await self._write_of(self.house.phone("mother"))
        self.cases.append(self._newest_case())
        await self.desk.takes_newest()
        await self._write_of(self.house.phone("unmet"))
        self.cases.append(self._newest_case())
        self.house.desk.revoke(ALIASES["revoked"])
        self._meet_mother()
        await self.house.app.settle()
        self._look_up()

    async def _enlists(self, name: str, role: Role, cohort: str | None) -> None:
        phone = self.house.phone(name)
        await self.house.says(phone, f"/start {self.house.invite(role, cohort)}")
        await press(self.house, phone, "enlist.language:ru")
        await self.house.says(phone, ALIASES[name])
        await press(self.house, phone, "enlist.agree")
        if name != "unconfirmed":
            await press(self.house, self.desk.coordinator, "staff.accept")

    def _meet_mother(self) -> None:
        """One of the two was met in person, and has told of harm, so that pushes to her wait (S10, S16, S23)."""
        hers = select(cases.c.conversation_id).where(cases.c.id == self.cases[0]).scalar_subquery()
        changes = {"is_confirmed": True, "withheld_at": self.house.clock.now()}
        with self.house.app.store.database.transaction() as connection:
            connection.execute(update(participants).where(participants.c.conversation_id == hers).values(**changes))
            acted = update(cases).where(cases.c.id == self.cases[0])
            connection.execute(acted.values(acted_at=self.house.clock.now()))

    async def _write_of(self, phone: Phone) -> None:
        await self.house.says(phone, SECRET)

    def _newest_case(self) -> str:
        with self.house.app.store.database.reading() as connection:
            found: str = connection.execute(select(cases.c.id).order_by(cases.c.id.desc())).scalars().first() or ""
        return found

    def _look_up(self) -> None:
        aliases = {"own": "Чинор", "coordinator": "Гранат", **ALIASES}
        with self.house.app.store.database.reading() as connection:
            for name, alias in aliases.items():
                row = connection.execute(select(staff).where(staff.c.alias == alias)).one()
                self.chats[name], self.staff_ids[name] = row.conversation_id, row.id
            chats = dict[str, str](connection.execute(select(cases.c.id, cases.c.conversation_id)).all())
            owners = dict[str, str](connection.execute(select(conversations.c.owner, conversations.c.id)).all())
        self.chats |= {"mother": chats[self.cases[0]], "unmet": chats[self.cases[1]]}
        self.chats |= {"stranger": owners["stranger"], "group": owners["group"]}

    def owner_of(self, case_id: str) -> str | None:
        """Who has it."""
        with self.house.app.store.database.reading() as connection:
            return connection.execute(select(cases.c.owner_id).where(cases.c.id == case_id)).scalar_one()

    def numbers(self) -> list[str]:
        """The numbers of all cases."""
        with self.house.app.store.database.reading() as connection:
            return list(connection.execute(select(cases.c.number)).scalars())

    # ---- what would happen

    def plays(self, name: str, events: Iterable[Event], **standing: object) -> list[tuple[Event, Played]]:
        """What each of these events would do in her conversation, by the facts as they are; nothing is recorded.

        `standing` is where she stands instead (fields of Conversation).
        """
        app, chat = self.house.app, self.chats[name]
        batch, now = app.turns._batch, self.house.clock.now()
        done: list[tuple[Event, Played]] = []
        known: dict[type[Event], Facts] = {}
        with app.store.work() as work:
            before = replace(work.lock([chat])[chat], **standing)  # type: ignore[arg-type]
            for event in events:
                if type(event) not in known:
                    known[type(event)] = work.facts([(before, event)], now, complete=batch.policy.completed)[0]
                done.append((event, batch._book.play(before, event, known[type(event)], batch._ids)))
        return done

    def presses(self, name: str, choices: Iterable[str]) -> list[tuple[str, Played]]:
        """What pressing each of these would do, for the case that is taken and for the free one."""
        events = [ButtonPressed(f"{choice}:{case}") for choice in sorted(choices) for case in self.cases]
        return [(event.choice.partition(":")[0], played) for event, played in self.plays(name, events)]  # type: ignore[attr-defined]


# ---- what the tables hold

_CHOSE = re.compile(r"\bchose\(([^)]*)\)")


def choices() -> set[str]:
    """Every choice that a row of a table, or a condition of one, asks for."""
    sources = [path.read_text(encoding="utf-8") for path in (Path(bot.flows.__file__).parent).glob("*.py")]
    names = {name for source in sources for call in _CHOSE.findall(source) for name in re.findall(r'"([^"]+)"', call)}
    return {name for name in names if "{" not in name}


def told(flows: Iterable[Flow], name: str) -> list[type[Event]]:
    """The events of these tables that carry this field, each once."""
    found = {row.on for flow in flows for row in flow.transitions if name in {f.name for f in fields(row.on)}}
    return sorted(found, key=lambda event: event.__name__)
