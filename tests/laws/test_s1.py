"""S1: whatever the weather, a text reaches her as a reply, or as one neutral line when she allowed it."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

import pytest
from sqlalchemy import func, select

from bot.channels.simulator import Bubble, Phone
from bot.core.events import AnswerGiven, TakeAsked
from bot.core.messages import Button, Trouble
from bot.core.people import Role
from storage.schema import cases, mailboxes, staff
from tests.house import House, open_house
from tests.laws.desk import JOINING, Desk, open_desk
from tests.laws.storm import Mother, StormyChannel, hours_from
from tests.world import FrozenClock

STORIES, ROUNDS = 50, 8
CALM = ("салом", "меню", "Пагоҳӣ, пеш аз наҳорӣ")
TROUBLED = (*CALM, "кӯмак", "шавҳарам маро мезанад", "ӯ маро мекушад")
SECRET = "Ман ҳастам, менависам"
UNTOUCHED = frozenset(
    {"settings", "hours", "days", "city", "pause", "stop", "delete", "language", "phone", "name", "forget"}
)
"""What would change her hours or end her story."""
SHORT = (0.2, 1, 4, 8.5, 9.8, 10.1, 12, 31)
LONG = (45, 75, 120, 200)


class Life:
    """All stories together in one house."""

    def __init__(self, house: House, desk: Desk, random: Random) -> None:
        self.house, self.desk, self.random = house, desk, random
        self.mothers: list[Mother] = []
        with house.app.store.database.reading() as connection:
            query = select(staff.c.id).where(staff.c.roles == Role.FACILITATOR)
            self.staff_id = connection.execute(query).scalar_one()

    @property
    def channel(self) -> StormyChannel:
        channel = self.house.channel
        assert isinstance(channel, StormyChannel)
        return channel

    @property
    def now(self) -> datetime:
        return self.house.clock.now()

    async def all_join(self) -> None:
        """By links, each with hours of her own or none, some on a shared phone."""
        code = self.house.invite(Role.MOTHER, uses=STORIES)
        for n in range(STORIES):
            begin = self.random.choice((6, 9, 12, 15, None))
            phone, dropped = self.house.phone(f"mother-{n}"), self.channel.dropped
            self.mothers.append(Mother(phone, hours_from(begin), is_troubled=n % 2 == 0, dropped=dropped))
        await asyncio.gather(*(self._says(mother, f"/start {code}") for mother in self.mothers))
        await self.house.app.settle()
        for choice in ("language:tg", *JOINING, "phone", "name.skip", "hours"):
            await asyncio.gather(*(self._joins(mother, choice) for mother in self.mothers))
            await self.house.app.settle()

    async def _joins(self, mother: Mother, choice: str) -> None:
        if choice == "phone":
            choice = self.random.choice(("phone.no", "phone.yes"))
        if choice == "hours":
            choice = f"hours:{mother.hours.begin.hour}" if mother.hours else "hours.skip"
        found = mother.phone.find(choice)
        assert found is not None, choice
        mother.acted(self.now)
        await self.channel.presses_button(mother.phone, *found)

    # ---- one round

    async def goes_on(self) -> None:
        """Some of them do something, the team does something, and time passes, with us or without us."""
        if self.channel.is_away:
            await self.channel.comes_back(self.now)
        elif self.random.random() < 0.2:
            self.channel.is_away = True
        await asyncio.gather(*(self._acts(mother) for mother in self.mothers if self.random.random() < 0.5))
        if self.channel.is_away:
            self.house.clock.advance(minutes=self._some_minutes())
            return
        if self.random.random() < 0.4:
            self._team_acts()
        await self.house.app.settle()
        if self.random.random() < 0.3:
            self.house.clock.advance(minutes=self._some_minutes())
        else:
            await self._passes(self._some_minutes())
        self._team_acts()
        await self.house.app.settle()

    def _some_minutes(self) -> float:
        return self.random.choice(LONG if self.random.random() < 0.4 else SHORT)

    async def _acts(self, mother: Mother) -> None:
        buttons = [(bubble, b) for bubble, b in mother.sees() if not _is_untouched(b.choice)]
        offered = [(bubble, b) for bubble, b in buttons if b.choice in {"case.now", "push.open", "hidden.open"}]
        drawn = self.random.random()
        if buttons and drawn < 0.7:
            bubble, button = offered[-1] if offered and drawn < 0.5 else self.random.choice(buttons)
            mother.acted(self.now, button.choice)
            await self.channel.presses_button(mother.phone, bubble, button)
        else:
            await self._says(mother, self.random.choice(TROUBLED if mother.is_troubled else CALM))

    async def _says(self, mother: Mother, text: str) -> None:
        mother.acted(self.now)
        await self.channel.says(mother.phone, text)

    def _team_acts(self) -> None:
        """The facilitator takes what is free and answers what is hers; her own chat has laws of its own."""
        store = self.house.app.store
        query = select(cases.c.id, cases.c.conversation_id, cases.c.owner_id).where(cases.c.state != "closed")
        with store.database.reading() as connection:
            found = connection.execute(query.order_by(cases.c.id)).all()
        for id_, conversation_id, owner_id in found:
            if owner_id is None:
                store.post(TakeAsked(id_, self.staff_id), conversation_id)
            elif self.random.random() < 0.5:
                store.post(AnswerGiven(id_, self.staff_id, SECRET), conversation_id)

    async def _passes(self, minutes: float) -> None:
        """Time passes while we work; what is due is done some seconds late."""
        end = self.now + timedelta(minutes=minutes)
        for _ in range(6):
            due = await self._next_due()
            if due is None or due >= end:
                break
            self.house.clock.set(max(due, self.now) + timedelta(seconds=self.random.choice((0, 0, 1, 5, 40))))
            await self.house.app.settle()
        self.house.clock.set(max(end, self.now))

    async def _next_due(self) -> datetime | None:
        with self.house.app.store.database.reading() as connection:
            send = connection.scalar(select(func.min(mailboxes.c.next_due_at)))
        return min((at for at in (send, await self.house.app.scheduler.next_due()) if at), default=None)


def _is_untouched(choice: str) -> bool:
    return choice.partition(":")[0].partition(".")[0] in UNTOUCHED


async def live(folder: Path, seed: int, rounds: int) -> tuple[list[Mother], set[Trouble]]:
    """All stories of one house, lived to their end, and what went wrong on the way."""
    clock, random = FrozenClock(), Random(seed)
    channel = StormyChannel(clock, random)
    async with open_house(folder, clock, channel) as house:
        life = Life(house, await open_desk(house), random)
        await life.all_join()
        await life.desk.opens_module()
        channel.is_calm = False
        for _ in range(rounds):
            await life.goes_on()
        await channel.comes_back(clock.now())
        await house.app.settle()
    return life.mothers, set(channel.troubles)


async def test_s1_in_any_weather_every_text_is_a_reply_or_a_neutral_line_she_allowed(tmp_path: Path) -> None:
    mothers, troubles = await live(tmp_path, 1, ROUNDS)
    assert [line for mother in mothers for line in mother.broken()] == []
    assert troubles >= {Trouble.RATE, Trouble.AGAIN}
    assert sum(bubble.is_ours for mother in mothers for bubble in mother.phone.transcript) > 10 * STORIES


def test_a_later_that_the_messenger_dropped_took_nothing_back() -> None:
    begin, minute = datetime(2026, 3, 2, 18, tzinfo=UTC), timedelta(minutes=1)
    phone = Phone("mother", "mother")
    mother = Mother(phone, None, dropped={("mother", begin + minute)})
    mother.acted(begin, "window:120")
    mother.acted(begin + minute, "case.later")
    rows = (tuple(Button("invented", choice) for choice in ("push.open", "push.later")),)
    phone.transcript.append(Bubble("1", is_ours=True, text="Саҳифаатон ин ҷост.", at=begin + 30 * minute, rows=rows))
    assert list(mother.broken()) == []
    mother.dropped.clear()
    assert len(list(mother.broken())) == 1


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(100, 106))
async def test_s1_holds_over_hundreds_of_longer_stories(tmp_path: Path, seed: int) -> None:
    mothers, troubles = await live(tmp_path, seed, 3 * ROUNDS)
    assert [line for mother in mothers for line in mother.broken()] == []
    assert troubles == {Trouble.RATE, Trouble.AGAIN, Trouble.AMBIGUOUS}
    answers = sum(bubble.text == SECRET for mother in mothers for bubble in mother.phone.transcript)
    assert answers > 0
    assert sum(mother.unprompted() for mother in mothers) > 0
