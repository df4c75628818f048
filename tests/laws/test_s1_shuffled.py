"""S1, S3 and S15 in a whole house: acts that come late and in any order, over a messenger that keeps none."""

from datetime import timedelta
from itertools import count
from operator import itemgetter
from pathlib import Path
from random import Random

import pytest
from sqlalchemy import select

from bot.channels.simulated import SimulatedWhatsApp
from bot.channels.simulator import WHATSAPP, Phone, SimulatorChannel
from bot.core.addresses import Address
from bot.core.events import AnswerGiven, TakeAsked
from bot.core.messages import Inbound, Sort
from bot.core.people import Role
from storage.schema import cases, staff
from tests.house import House, open_house
from tests.laws.desk import choices, join, open_desk
from tests.laws.shuffled import SECRET, WRITTEN, Acted, Shown, Story, lives
from tests.world import FrozenClock

MOMENT = timedelta(milliseconds=1)
WORDS = "шавҳарам маро мезанад, аз ӯ метарсам"


class Shuffle:
    """A house on a messenger that keeps no order."""

    def __init__(self, house: House, random: Random) -> None:
        self.house, self.random, self._ids = house, random, count()
        self.stories: list[tuple[Phone, Story]] = []

    async def begins(self, mothers: int, acts: int) -> None:
        """All have joined, written something that makes a case, and been taken over."""
        phones = [await self._joins(f"her-{n}") for n in range(mothers)]
        for phone in phones:
            await self.house.says(phone, WORDS)
        self.team_acts(1)
        await self.house.passes(hours=6)
        for phone in phones:
            self.stories.append((phone, Story(lives(self.random, self.house.clock.now(), acts))))

    async def _joins(self, name: str) -> Phone:
        self.house.phone(name).goes_to(WHATSAPP)
        await self.house.passes(minutes=1)  # not more a second than the messenger takes
        return await join(self.house, name)

    def team_acts(self, share: float = 0.3) -> None:
        """The facilitator takes what is free and answers some."""
        store = self.house.app.store
        with store.database.reading() as connection:
            staff_id = connection.execute(select(staff.c.id).where(staff.c.roles == Role.FACILITATOR)).scalar_one()
            found = connection.execute(select(cases.c.id, cases.c.conversation_id, cases.c.owner_id)).all()
        for id_, conversation_id, owner_id in sorted(found):
            if owner_id is None:
                store.post(TakeAsked(id_, staff_id), conversation_id)
            elif self.random.random() < share:
                store.post(AnswerGiven(id_, staff_id, SECRET), conversation_id)

    async def goes_on(self) -> None:
        """Everything that she did comes, whenever it comes."""
        every = [(act.heard_at, n, act) for n, (_, story) in enumerate(self.stories) for act in story.acts]
        coming = sorted(every, key=itemgetter(0, 1))
        for at, n, act in coming:
            wait = at - MOMENT - self.house.clock.now()
            await self.house.passes(seconds=max(wait.total_seconds(), 0))
            if self.random.random() < 0.2:
                self.team_acts()
                await self.house.app.settle()
            self.house.clock.set(at)
            await self.house.app.intake.accept([self._inbound(self.stories[n][0], act)])
            await self.house.app.settle()

    def told(self) -> list[Story]:
        """With what each phone has shown since the stories began."""
        for phone, story in self.stories:
            since = story.acts[0].at
            ours = (bubble for bubble in phone.transcript if bubble.is_ours and bubble.at > since)
            story.shown += [Shown(bubble.at, bubble.text, tuple(choices(bubble))) for bubble in ours]
        return [story for _, story in self.stories]

    def _inbound(self, phone: Phone, act: Acted) -> Inbound:
        chat, id_ = Address(self.house.channel.line_of(phone), phone.id), f"late-{next(self._ids)}"
        if act.what in WRITTEN:
            return Inbound(id_, Sort.MESSAGE, chat, chat, act.at, text=act.what, message_id=id_)
        return Inbound(id_, Sort.PRESS, chat, chat, act.at, choice=act.what)


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(200, 206))
async def test_s1_acts_in_any_order_show_nothing_that_she_had_not_allowed(tmp_path: Path, seed: int) -> None:
    clock = FrozenClock()
    phones = SimulatorChannel(clock)
    async with open_house(tmp_path, clock, phones, others=[SimulatedWhatsApp(phones, clock)]) as house:
        await open_desk(house)
        shuffle = Shuffle(house, Random(seed))
        await shuffle.begins(mothers=8, acts=20)
        await shuffle.goes_on()
    stories = shuffle.told()
    assert [line for story in stories for line in story.broken()] == []
    assert any(shown.text == SECRET for story in stories for shown in story.shown)
