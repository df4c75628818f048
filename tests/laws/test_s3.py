"""S3: stop, pause and freeze end what was on its way to her, in the commit that records them, and within a second."""

import asyncio
from pathlib import Path

import pytest
from sqlalchemy import Row, select

from bot.channels.simulator import Phone, SimulatorChannel
from bot.core.messages import Parcel, Receipt, SendFailure, Trouble
from bot.delivery import ABREAST
from storage.schema import outbox, participants, timers
from tests.house import House, open_house
from tests.laws.desk import Desk, join, open_desk
from tests.world import FrozenClock

PUSHES = ("lesson", "check_in", "catch_up", "nudge", "broadcast")


class GatedChannel(SimulatorChannel):
    """Everything stands at a gate until it is opened."""

    def __init__(self, clock: FrozenClock) -> None:
        super().__init__(clock)
        self.gate = asyncio.Event()
        self.gate.set()
        self.begun: list[str] = []

    async def send(self, parcel: Parcel) -> Receipt:
        self.begun.append(parcel.address.id)
        await self.gate.wait()
        return await super().send(parcel)


def her_chat(house: House) -> str:
    """The newest mother's conversation."""
    with house.app.store.database.reading() as connection:
        query = select(participants.c.conversation_id).order_by(participants.c.id.desc())
        found: str = connection.execute(query).scalars().first()
    return found


def codes(house: House) -> list[str]:
    """The code-names of all mothers."""
    with house.app.store.database.reading() as connection:
        return list(connection.execute(select(participants.c.code_name).order_by(participants.c.id)).scalars())


def pending(house: House, chat: str) -> tuple[list[str], list[str], list[Row[tuple[str, str]]]]:
    """What still waits for her: purposes of texts, keys of timers; beside what was cancelled."""
    with house.app.store.database.reading() as connection:
        rows = connection.execute(
            select(outbox.c.purpose, outbox.c.state).where(outbox.c.conversation_id == chat, outbox.c.act == "send")
        ).all()
        keys = connection.execute(select(timers.c.key).where(timers.c.conversation_id == chat)).scalars().all()
    waiting = [purpose for purpose, state in rows if state == "waiting"]
    return waiting, [key for key in keys if key.startswith(PUSHES)], [row for row in rows if row.state == "cancelled"]


async def something_waits(desk: Desk, phone: Phone) -> str:
    """A reply that the messenger does not take, and the timer of a page to come."""
    house = desk.house
    chat = her_chat(house)
    await desk.opens_module()
    house.channel.faults += [SendFailure(Trouble.RATE, "429", 900)] * 50
    await house.says(phone, "меню")
    waiting, keys, _ = pending(house, chat)
    assert waiting
    assert keys
    return chat


@pytest.mark.parametrize("words", [("стоп",), ("пауза", "3 рӯз"), ()], ids=["stop", "pause", "freeze"])
async def test_s3_what_waits_for_her_is_cancelled_in_the_very_commit(desk: Desk, words: tuple[str, ...]) -> None:
    house = desk.house
    phone = await join(house, "mother", hours="hours:15")
    chat = await something_waits(desk, phone)
    for word in words:
        await house.channel.says(phone, word)
    if not words:
        house.desk.freeze(codes(house)[0], is_frozen=True)
    waiting, keys, cancelled = pending(house, chat)
    assert cancelled
    assert keys == []
    assert len(waiting) <= len(words), "nothing but the word that she was understood"
    house.channel.faults.clear()
    shown = len(phone.transcript)
    await house.passes(days=2)
    assert len(phone.transcript) <= shown + len(words)


async def test_s3_a_freeze_ends_within_a_second_what_was_already_taken_up_for_sending(tmp_path: Path) -> None:
    clock = FrozenClock()
    channel = GatedChannel(clock)
    async with open_house(tmp_path, clock, channel) as house:
        await open_desk(house)
        phones = [await join(house, f"mother-{n}") for n in range(ABREAST + 3)]
        channel.gate.clear()
        channel.begun.clear()
        await asyncio.gather(*(channel.says(phone, "меню") for phone in phones))
        shown = {phone.id: len(phone.transcript) for phone in phones}
        sweep = asyncio.create_task(house.app.settle())
        async with asyncio.timeout(5):
            while len(channel.begun) < ABREAST:  # noqa: ASYNC110 - the gate says nothing of who stands at it
                await asyncio.sleep(0.002)
        for code in codes(house):
            house.desk.freeze(code, is_frozen=True)
        begun = set(channel.begun)
        clock.advance(seconds=1)
        channel.gate.set()
        await sweep
        await house.app.settle()
    late = {phone.id for phone in phones if len(phone.transcript) > shown[phone.id]}
    assert len(begun) == ABREAST
    assert late <= begun, "only what was already on its way to the messenger"


# ---- what she has not seen


@pytest.mark.parametrize("typed", ["1", "да"])
@pytest.mark.parametrize("word", ["забудьте меня", "спрятать"])
async def test_s3_s22_a_page_that_the_messenger_does_not_take_yet_owns_nothing_that_she_types(desk, word, typed):
    house, her = desk.house, await join(desk.house, "her", "ru")
    house.channel.faults += [SendFailure(Trouble.RATE, "429", 300)] * 50
    assert await house.says(her, word) == []
    await house.passes(minutes=2)
    await house.says(her, typed)
    house.channel.faults.clear()
    await house.passes(minutes=6)
    with house.app.store.database.reading() as connection:
        found = connection.execute(select(participants.c.hidden_at, participants.c.stopped_at)).all()
    assert len(found) == 1, "erased by an answer to what she had not seen"
    assert (found[0].hidden_at is not None) == (word == "спрятать")
