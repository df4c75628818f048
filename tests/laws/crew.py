"""A team with lives of its own: people who sleep, forget, are away, block the bot, and answer rings they notice."""

from dataclasses import dataclass
from datetime import timedelta
from random import Random
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from bot.channels.simulator import Phone
from bot.core.messages import Act, Language, Parcel
from bot.core.people import Role
from bot.core.teamwork import RotaSet
from tests.laws.desk import press
from tests.laws.fortnight import Calendar, open_cases
from tests.laws.line import NUMBER

if TYPE_CHECKING:
    from tests.house import House

DUSHANBE = ZoneInfo("Asia/Dushanbe")
WEEK, SHORT_WEEK, WEEKEND = tuple(range(7)), tuple(range(5)), (5, 6)
ANSWERS = ("Ман ҳастам, менависам.", "Я здесь, пишу Вам.")
SHIFTS: tuple[tuple[str, tuple[Language, ...], tuple[tuple[str, str, tuple[int, ...]], ...], int | None], ...] = (
    ("Чинор", ("tg", "ru"), (("08:00", "14:00", WEEK),), None),
    ("Себ", ("tg",), (("12:00", "20:00", SHORT_WEEK),), 3),
    ("Нок", ("ru",), (("09:00", "17:00", SHORT_WEEK),), None),
    ("Анҷир", ("tg", "ru"), (("16:00", "23:00", WEEK),), 6),
    ("Олу", ("tg",), (("08:00", "20:00", WEEKEND),), None),
    ("Биҳӣ", ("ru", "tg"), (), None),  # never set hours
)
"""Alias, languages, hours, and on which day she goes away for three days."""


@dataclass
class Worker:
    """One of the team, on her own phone."""

    alias: str
    phone: Phone
    is_coordinator: bool = False
    languages: tuple[Language, ...] = ("tg", "ru")
    shifts: tuple[tuple[str, str, tuple[int, ...]], ...] = ()
    leaves_on: int | None = None
    staff_id: str = ""


class Crew:
    """Six facilitators, two coordinators, their group."""

    def __init__(self, calendar: Calendar, random: Random) -> None:
        self.calendar, self.random = calendar, random
        self.machine = calendar.machine
        self.workers: list[Worker] = []
        self.group = self.machine.channel.phone("group", "group", is_group=True)
        self.acts = 0
        self.began = calendar.now.astimezone(DUSHANBE).date()

    @property
    def house(self) -> "House":
        return self.machine.house

    # ---- how it begins

    async def gathers(self) -> None:
        """The first coordinator by the command line, the others by codes; then the rota."""
        for alias in ("Гранат", "Зардолу"):
            await self._enlists(Worker(alias, self.house.phone(alias), is_coordinator=True), Role.COORDINATOR)
        for alias, languages, shifts, leaves_on in SHIFTS:
            worker = Worker(alias, self.house.phone(alias), languages=languages, shifts=shifts, leaves_on=leaves_on)
            await self._enlists(worker, Role.FACILITATOR)
            away = None if leaves_on is None else [str(self.began + timedelta(days=leaves_on + n)) for n in (0, 2)]
            rota = RotaSet(shifts, languages, 4, (("23:30", "06:00", WEEK),), away and (away[0], away[1]))
            self.house.desk.set_rota(alias, rota)
            worker.staff_id = self.house.app.store.find_staff(alias).id  # type: ignore[union-attr]
        await self.house.channel.appoints_bot(self.group, self.workers[0].phone.id)
        code = self.house.invite(Role.GROUP, None)
        await self.house.says(self.group, f"/bind {code}", sender=self.workers[0].phone.id)
        self.machine.channel.on_shown.append(self._hears)

    async def _enlists(self, worker: Worker, role: Role) -> None:
        code = self.house.invite(role, "Bahor" if role is Role.FACILITATOR else None)
        await self.house.says(worker.phone, f"/start {code}")
        await self._goes_on(worker, f"enlist.language:{worker.languages[0]}")
        await self.house.says(worker.phone, worker.alias)
        await self._goes_on(worker, "enlist.agree")
        if self.workers:
            await self._goes_on(self.workers[0], "staff.accept")
        self.workers.append(worker)

    async def _goes_on(self, worker: Worker, choice: str) -> None:
        """A messenger has its pace: the button may come some seconds later."""
        await self.calendar.passes(self.calendar.now + timedelta(seconds=5))
        await press(self.house, worker.phone, choice)

    # ---- a ring is noticed, or not

    def _hears(self, phone: Phone, parcel: Parcel) -> None:
        outgoing = parcel.outgoing
        found = NUMBER.match(outgoing.text) if outgoing is not None and parcel.act is Act.SEND else None
        if found is None or parcel.purpose not in {"card", "desk"}:
            return
        for worker in self.workers:
            is_private = worker.phone is phone
            is_rung = is_private or (phone is self.group and not worker.is_coordinator)
            if is_rung and self.random.random() < self._chance(worker, is_private=is_private):
                self._will(worker, self.random.uniform(0.3, 7), "notice", found[1])

    def _will(self, worker: Worker, minutes: float, what: str, number: str, tries: int = 4) -> None:
        async def act() -> None:
            if not worker.phone.has_blocked:
                self.acts += 1
                is_done = await self._try(worker, what, number)
                if not is_done and tries:
                    self._will(worker, self.random.uniform(1, 5), what, number, tries - 1)

        self.calendar.plan(minutes, act)

    def _chance(self, worker: Worker, *, is_private: bool) -> float:
        """How likely she notices: nobody is asked twice because a case is urgent; she only hears of it more often."""
        local = self.calendar.now.astimezone(DUSHANBE)
        day = (local.date() - self.began).days
        if worker.leaves_on is not None and worker.leaves_on <= day < worker.leaves_on + 3:
            return 0.0
        at = local.strftime("%H:%M")
        is_on_duty = any(begin <= at < end and local.weekday() in days for begin, end, days in worker.shifts)
        if is_on_duty or worker.is_coordinator:
            return 0.5 if is_private else 0.25
        if local.hour < 6:
            return 0.12 if is_private else 0.0
        return 0.25 if is_private else 0.04

    # ---- what she does then

    async def _try(self, worker: Worker, what: str, number: str) -> bool:
        """Whether it could be done; while nothing works she tries again some minutes later."""
        case = next((case for case in open_cases(self.machine.database) if case.number == number), None)
        if case is None or self.calendar.is_away:
            return case is None
        is_hers = case.owner_id == worker.staff_id
        if worker.is_coordinator:
            self._asks_somebody(number)
        elif what == "notice" and not is_hers:
            await self._takes(worker, case.id, number)
        elif is_hers and what == "close":
            return await self._does(worker, f"case.close:{case.id}", "case.outcome:handled", "Роҳ ёфта шуд")
        elif is_hers:
            return await self._answers(worker, case.id, number)
        return True

    async def _answers(self, worker: Worker, case_id: str, number: str) -> bool:
        if self.random.random() < 0.25:
            is_done = await self._does(worker, f"case.note:{case_id}", "Ба ӯ занг задам")
        else:
            is_done = await self._does(worker, f"case.reply:{case_id}", self.random.choice(ANSWERS), "answer.send")
        if is_done:
            self._will(worker, self.random.uniform(60, 900), "close", number)
        return is_done

    async def _takes(self, worker: Worker, case_id: str, number: str) -> None:
        """By the card in the group, or by a ring of her own."""
        for phone in (worker.phone, self.group):
            if phone.find(f"case.take:{case_id}"):
                await self._presses(phone, f"case.take:{case_id}", worker)
                drawn = self.random.random()
                if drawn < 0.9:
                    minutes = self.random.uniform(1, 9) if drawn < 0.75 else self.random.uniform(20, 200)
                    self._will(worker, minutes, "answer", number)
                return

    def _asks_somebody(self, number: str) -> None:
        """A coordinator calls one of the facilitators by telephone."""
        able = [w for w in self.workers if not w.is_coordinator]
        if self.random.random() < 0.8:
            self._will(self.random.choice(able), self.random.uniform(1, 6), "notice", number)

    async def _does(self, worker: Worker, *steps: str) -> bool:
        """One step after the other; buttons have a point in their choice, everything else is written."""
        for step in steps:
            if "." not in step or " " in step:
                await self.machine.channel.says(worker.phone, step)
                await self.machine.settles()
            elif not await self._presses(worker.phone, step, worker):
                return False
        return True

    async def _presses(self, phone: Phone, choice: str, worker: Worker) -> bool:
        found = phone.find(choice)
        if found is None:
            return False
        sender = worker.phone.id if phone is self.group else ""
        await self.machine.channel.presses_button(phone, *found, sender=sender)
        await self.machine.settles()
        return True

    # ---- what goes wrong

    async def is_blocked(self, worker: Worker, minutes: float) -> None:
        """She blocks the bot, sometimes before it hears of it."""

        async def comes_back() -> None:
            await self.machine.channel.changes_reach(worker.phone, is_reachable=True)

        worker.phone.has_blocked = True
        if self.random.random() < 0.5:
            await self.machine.channel.changes_reach(worker.phone, is_reachable=False)
        self.calendar.plan(minutes, comes_back)
