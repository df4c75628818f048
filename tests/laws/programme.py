"""The story of a fortnight: who writes what and when, what breaks, and what must hold at every minute of it."""

import asyncio
from collections.abc import Iterator
from datetime import datetime, timedelta
from math import ceil
from pathlib import Path
from random import Random
from statistics import median, quantiles

from sqlalchemy import func, select

from bot.channels.simulator import Phone
from bot.core.addresses import Address
from bot.core.messages import Act, Parcel
from bot.core.people import Role
from storage.schema import accounts, case_messages, cases
from tests.laws.crew import Crew
from tests.laws.desk import JOINING
from tests.laws.fortnight import MINUTE, Calendar, Machine, Watched, open_cases, open_machine
from tests.laws.line import Ring
from tests.laws.storm import Mother, hours_from
from tests.world import FrozenClock

URGENT = ("шавҳарам маро мезанад", "ӯ мегӯяд, ки маро мекушад", "падараш кӯдакро мезанад", "муж меня бьёт")
CONCERN = ("дигар зиндагӣ кардан намехоҳам", "я не хочу больше жить", "кӯмак", "помощь")
CALM = ("салом", "меню", "Пагоҳӣ, пеш аз наҳорӣ", "баъдтар", "пинҳон")
UNTOUCHED = frozenset(
    {"settings", "hours", "days", "city", "pause", "stop", "delete", "language", "phone", "name", "forget", "help"}
)
DAY = 24 * 60
LAST_STEP = timedelta(minutes=15)
"""After so long coordinators are rung, and from then on it rings as often."""
SLACK = timedelta(seconds=90)
"""What a chat that must rest, a lost answer and the pace of a messenger may cost a ring."""


class Programme:
    """Mothers, a team, weather, and the law of alarms looked at every minute."""

    def __init__(self, machine: Machine, random: Random, mothers: int) -> None:
        self.machine, self.random = machine, random
        self.calendar = Calendar(machine)
        self.crew = Crew(self.calendar, random)
        self.mothers = [self._mother(n) for n in range(mothers)]
        self.chats: list[str] = []
        self.broken: list[str] = []
        self.taken: set[str] = set()
        self.stepped: set[str] = set()
        self.seen: dict[str, float] = {}

    def _mother(self, n: int) -> Mother:
        phone = self.machine.channel.phone(f"mother-{n}")
        hours = hours_from(self.random.choice((6, 9, 12, 15, None)))
        return Mother(phone, hours, dropped=self.machine.channel.dropped)

    # ---- how it begins

    async def begins(self) -> None:
        """The team gathers, and the mothers join by their links, in both languages, some on a shared phone."""
        await self.crew.gathers()
        code = self.machine.house.invite(Role.MOTHER, uses=len(self.mothers))
        await asyncio.gather(*(self._says(mother, f"/start {code}") for mother in self.mothers))
        await self._rests()
        for choice in ("language", *JOINING, "phone", "name.skip", "hours"):
            await asyncio.gather(*(self._joins(n, mother, choice) for n, mother in enumerate(self.mothers)))
            await self._rests()
        self.machine.channel.on_shown.append(self._is_shown)
        self.chats = [self._chat_of(mother) for mother in self.mothers]
        self.machine.is_calm = self.machine.channel.is_calm = False

    def _chat_of(self, mother: Mother) -> str:
        blind = self.machine.house.app.store.sealer.blind(Address(str(self.machine.channel.line), mother.phone.id).key)
        with self.machine.database.reading() as connection:
            found: str = connection.execute(
                select(accounts.c.conversation_id).where(accounts.c.blind == blind)
            ).scalar_one()
        return found

    async def _rests(self) -> None:
        """Until everybody has got her next question."""
        await self.machine.settles()
        await self.calendar.passes(self.calendar.now + timedelta(seconds=20))

    async def _joins(self, n: int, mother: Mother, choice: str) -> None:
        told = {
            "language": f"language:{'ru' if n % 4 == 0 else 'tg'}",
            "phone": self.random.choice(("phone.no", "phone.yes")),
            "hours": f"hours:{mother.hours.begin.hour}" if mother.hours else "hours.skip",
        }
        found = mother.phone.find(told.get(choice, choice))
        assert found is not None, choice
        mother.acted(self.calendar.now)
        await self.machine.channel.presses_button(mother.phone, *found)

    # ---- what is going to happen

    def plan(self, days: float, troubles: int) -> None:
        """Everything that chance brings, at times of its own."""
        length = days * DAY
        for n in range(troubles):
            self.calendar.plan(self.random.uniform(5, length - 90), lambda n=n: self._is_in_trouble(n))
        for mother in self.mothers:
            for _ in range(ceil(2 * days)):
                self.calendar.plan(self.random.uniform(0, length), lambda mother=mother: self._does_something(mother))
        for day in range(ceil(days)):
            self._plan_weather(day * DAY)

    def _plan_weather(self, begin: float) -> None:
        chance, channel = self.random, self.machine.channel

        async def falls() -> None:
            channel.dies_after = chance.randrange(6)

        async def closes() -> None:
            channel.closed_until = self.calendar.now + timedelta(minutes=chance.uniform(0.2, 4))

        async def blocks() -> None:
            await self.crew.is_blocked(chance.choice(self.crew.workers[1:]), chance.uniform(30, 600))

        async def loses_group() -> None:
            self.crew.group.has_blocked = True

            async def has_it_again() -> None:
                await channel.changes_reach(self.crew.group, is_reachable=True)
                await channel.appoints_bot(self.crew.group, self.crew.workers[0].phone.id)

            self.calendar.plan(chance.uniform(30, 300), has_it_again)

        async def goes_away() -> None:
            await self.calendar.goes_away(chance.uniform(0.2, 5))

        for act in (falls, falls, closes, blocks, blocks, goes_away, *([loses_group] if chance.random() < 0.4 else [])):
            self.calendar.plan(begin + chance.uniform(0, DAY), act)

    # ---- mothers

    async def _is_in_trouble(self, n: int) -> None:
        """One who has no open case writes of something new; sometimes the process dies at the very commit."""
        in_care = self._in_care()
        free = [mother for mother, chat in zip(self.mothers, self.chats, strict=True) if chat not in in_care]
        if self.calendar.is_away or not free:
            self.calendar.plan(self.random.uniform(10, 120), lambda: self._is_in_trouble(n))
            return
        mother = self.random.choice(free)
        await self._says(mother, self.random.choice(URGENT if n % 2 else CONCERN))
        if self.random.random() < 0.03 and not self.machine.channel.unconfirmed:
            await self.machine.crashes()

    def _in_care(self) -> set[str]:
        """The conversations that have an open case."""
        query = select(cases.c.conversation_id).where(cases.c.state != "closed")
        with self.machine.database.reading() as connection:
            return set(connection.execute(query).scalars())

    async def _does_something(self, mother: Mother) -> None:
        buttons = [(bubble, b) for bubble, b in mother.sees() if b.choice.partition(".")[0] not in UNTOUCHED]
        buttons = [(bubble, b) for bubble, b in buttons if b.choice.partition(":")[0] not in UNTOUCHED]
        if buttons and self.random.random() < 0.7:
            await self._presses(mother, *self.random.choice(buttons))
        else:
            await self._says(mother, self.random.choice(CALM))

    def _is_shown(self, phone: Phone, parcel: Parcel) -> None:
        """Something offers itself to be opened: often she does, after a while."""
        mother = next((one for one in self.mothers if one.phone is phone), None)
        if mother is None or parcel.act is not Act.SEND or self.random.random() > 0.7:
            return

        async def opens() -> None:
            for bubble, button in reversed(mother.sees()):
                if button.choice.partition(":")[0] in {"case.now", "push.open", "window"}:
                    await self._presses(mother, bubble, button)
                    return

        self.calendar.plan(self.random.uniform(0.2, 14), opens)

    async def _presses(self, mother: Mother, bubble: object, button: object) -> None:
        mother.acted(self.calendar.now, button.choice)  # type: ignore[attr-defined]
        await self.machine.channel.presses_button(mother.phone, bubble, button)  # type: ignore[arg-type]

    async def _says(self, mother: Mother, text: str) -> None:
        mother.acted(self.calendar.now)
        await self.machine.channel.says(mother.phone, text)

    # ---- the law of alarms, minute by minute (S10)

    async def lives(self, days: float) -> None:
        """All of it; what is broken is noted."""
        end = self.calendar.now + timedelta(days=days)
        while self.calendar.now < end:
            await self.calendar.passes(self.calendar.now + MINUTE)
            self.machine.tally.minutes += 1
            if not self.calendar.is_away:
                for case in open_cases(self.machine.database):
                    self._look_at(case)

    def _look_at(self, case: Watched) -> None:
        if case.owner_id is not None:
            self.taken.add(case.number)
        if case.level != "urgent" or (case.owner_id is not None and case.acted_at is not None):
            return
        if case.rings_at is None:
            self._breaks(case, "nobody acted, and no alarm runs")
        elif self._late(case.rings_at) > SLACK:
            self._breaks(case, "its alarm is overdue")
        rings = (ring.at for ring in self._rings_of(case.number))
        last = max([case.opened_at, *([case.taken_at] if case.taken_at else []), *rings])
        if self._late(last) > LAST_STEP + SLACK:
            self._breaks(case, "it has not rung for longer than its period")
        if case.number not in self.taken | self.stepped and self._late(case.opened_at) > LAST_STEP + SLACK:
            self.stepped.add(case.number)
            self._look_at_steps(case)

    def _late(self, since: datetime) -> timedelta:
        """How long ago that was, without the time in which nothing could work."""
        return self.calendar.now - since - self.machine.tally.absent(since, self.calendar.now)

    def _look_at_steps(self, case: Watched) -> None:
        """At 0 and 5 minutes the group, at 10 facilitators, at 15 coordinators."""
        rung = [(self._late(case.opened_at) - self._late(ring.at), ring.phone) for ring in self._rings_of(case.number)]
        names = {worker.phone.id: worker.is_coordinator for worker in self.crew.workers}
        is_lonely = any(phone in names for at, phone in rung if at <= SLACK)  # nobody on duty, or the group is gone
        steps = {
            "0": lambda at, phone: at <= SLACK,
            "5": lambda at, phone: MINUTE * 5 - SLACK <= at <= MINUTE * 5 + SLACK,
            "10": lambda at, phone: at <= MINUTE * 10 + SLACK and phone in names,
            "15": lambda at, phone: at <= LAST_STEP + SLACK and names.get(phone, False),
        }
        for name, is_it in steps.items():
            if not any(is_it(at, phone) for at, phone in rung):
                self._breaks(case, f"the step at {name} minutes is missing (lonely {is_lonely}): {rung}")

    def _rings_of(self, number: str) -> Iterator[Ring]:
        return (ring for ring in self.machine.channel.rings if ring.number == number)

    def _breaks(self, case: Watched, how: str) -> None:
        self.broken.append(f"{self.calendar.now:%d %H:%M:%S} No. {case.number}: {how}")

    # ---- what came of it

    def opened(self) -> list[tuple[str, str, datetime]]:
        """Number, level and time of every case."""
        with self.machine.database.reading() as connection:
            query = select(cases.c.number, cases.c.level, cases.c.opened_at)
            return [(number, level, at) for number, level, at in connection.execute(query)]

    def notices(self) -> list[tuple[float, bool]]:
        """Seconds from the commit of urgent words to the first card handed over, and whether a crash lay between."""
        found = []
        for number, level, at in self.opened():
            rung = min((ring.at for ring in self._rings_of(number)), default=None)
            if level == "urgent" and rung is not None:
                is_crashed = any(at <= crash <= rung for crash in self.machine.tally.crashes)
                found.append(((rung - at).total_seconds(), is_crashed))
        return found

    def responses(self) -> dict[str, list[float]]:
        """Minutes from opening to the first answer or act of a person, by level."""
        query = (
            select(cases.c.level, cases.c.opened_at, func.min(case_messages.c.at))
            .join(case_messages, case_messages.c.case_id == cases.c.id)
            .where(case_messages.c.voice.in_(("staff", "note")))
            .group_by(cases.c.id)
        )
        found: dict[str, list[float]] = {"urgent": [], "concern": []}
        with self.machine.database.reading() as connection:
            for level, opened_at, at in connection.execute(query):
                found[level].append((at - opened_at).total_seconds() / 60)
        return found

    def figures(self) -> dict[str, float]:
        """What is printed."""
        tally, met, notices = self.machine.tally, self.machine.channel.met, self.notices()
        calm = [seconds for seconds, is_crashed in notices if not is_crashed]
        figures: dict[str, float] = {"minutes": tally.minutes, "rings": len(self.machine.channel.rings)}
        figures |= {
            "crashes": len(tally.crashes),
            "failed transactions": tally.failed_batches,
            **dict(sorted(met.items())),
        }
        figures |= {
            "notice p99 s": percentile(calm, 99),
            "notice across a crash, worst s": max(
                (seconds for seconds, is_crashed in notices if is_crashed), default=0
            ),
        }
        for level, minutes in self.responses().items():
            opened = sum(one == level for _, one, _ in self.opened())
            figures |= {f"{level} opened": opened, f"{level} answered": len(minutes)}
            figures |= {f"{level} median min": round(median(minutes), 1), f"{level} p90 min": percentile(minutes, 90)}
        return figures


def percentile(values: list[float], nth: int) -> float:
    """So many of a hundred are not above it."""
    return (
        round(quantiles(values, n=100, method="inclusive")[nth - 1], 1) if len(values) > 1 else max(values, default=0)
    )


async def live(folder: Path, seed: int, days: float, troubles: int, mothers: int) -> Programme:
    """A whole story, to its end."""
    async with open_machine(folder, seed, FrozenClock()) as machine:
        programme = Programme(machine, Random(seed + 2), mothers)
        await programme.begins()
        programme.plan(days, troubles)
        await programme.lives(days)
        programme.seen = programme.figures()
    return programme
