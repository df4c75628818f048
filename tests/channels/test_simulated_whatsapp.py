"""The simulator's phones in WhatsApp: its looks and its limits, judged by what renders its messages."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.channels.simulated import APPROVED, SimulatedWhatsApp
from bot.channels.simulator import WHATSAPP, Phone, SimulatorChannel
from bot.core.addresses import Address
from bot.core.messages import Act, Button, Inbound, Outgoing, Parcel, SendFailure, Sent, Sort, Trouble
from tests.world import FrozenClock


class Bench:
    def __init__(self) -> None:
        self.clock = FrozenClock()
        self.telegram = SimulatorChannel(self.clock)
        self.whatsapp = SimulatedWhatsApp(self.telegram, self.clock)
        self.phone = self.telegram.phone("mother")
        self.phone.goes_to(WHATSAPP)
        self.came: list[Inbound] = []
        self.telegram._accept = self._take_in

    async def _take_in(self, inbounds: Sequence[Inbound]) -> None:
        self.came += inbounds

    def parcel(self, outgoing: Outgoing | None, act: Act = Act.SEND) -> Parcel:
        address = Address(self.telegram.line_of(self.phone), self.phone.id)
        return Parcel("key", address, act, outgoing, heard_at=self.phone.heard_at)


@pytest.fixture
def bench() -> Bench:
    return Bench()


def choices(number: int, label: str = "Ҳа {}") -> Outgoing:
    return Outgoing("Савол", (tuple(Button(label.format(n), f"yes:{n}") for n in range(number)),), first=1)


@pytest.mark.parametrize(
    ("outgoing", "rows", "text"),
    [
        (choices(3), 3, "Савол"),
        (choices(10), 10, "Савол"),
        (choices(11), 0, "Савол\n\n1. Ҳа 0\n2. Ҳа 1"),
        (choices(2, "Тугмаи дарозтар аз бисту чор {}"), 0, "Савол\n\n1. Тугмаи"),
    ],
)
async def test_choices_stand_as_whatsapp_shows_them(bench: Bench, outgoing: Outgoing, rows: int, text: str) -> None:
    assert isinstance(await bench.whatsapp.send(bench.parcel(outgoing)), Sent)
    shown = bench.phone.bubbles[-1]
    assert [len(row) for row in shown.rows] == [1] * rows
    assert shown.text.startswith(text)


async def test_a_day_after_her_last_act_no_free_words_reach_her(bench: Bench) -> None:
    await bench.telegram.says(bench.phone, "салом")
    assert bench.came[-1].chat == Address("whatsapp:demo", "mother")
    assert bench.came[-1].chat.is_lasting
    assert bench.phone.free_until == bench.clock.now() + timedelta(hours=23, minutes=59)
    assert isinstance(await bench.whatsapp.send(bench.parcel(Outgoing("салом"))), Sent)
    bench.clock.advance(days=1)
    assert await bench.whatsapp.send(bench.parcel(Outgoing("салом"))) == SendFailure(Trouble.WINDOW, "closed")
    for purpose, arrives in (("push", True), ("cover", True), ("broadcast", True), ("answer", False)):
        sent = await bench.whatsapp.send(replace(bench.parcel(choices(2)), purpose=purpose))
        assert isinstance(sent, Sent) is arrives
    assert [bubble.text for bubble in bench.phone.bubbles if bubble.is_ours] == ["салом", *[APPROVED] * 3]


async def test_nothing_is_taken_back_and_a_change_is_said_anew(bench: Bench) -> None:
    await bench.whatsapp.send(bench.parcel(Outgoing("якум")))
    assert await bench.whatsapp.send(bench.parcel(None, Act.DELETE)) == SendFailure(Trouble.GONE, "cannot be deleted")
    await bench.whatsapp.send(bench.parcel(Outgoing("дуюм"), Act.EDIT))
    assert [bubble.text for bubble in bench.phone.bubbles] == ["якум", "дуюм"]


async def test_each_messenger_has_its_own_chat_and_reaches_no_phone_that_left_it(bench: Bench) -> None:
    await bench.whatsapp.send(bench.parcel(Outgoing("якум")))
    phone: Phone = bench.phone
    phone.goes_to("telegram")
    assert phone.bubbles == []
    assert await bench.whatsapp.send(bench.parcel(Outgoing("дуюм"))) == SendFailure(Trouble.UNREACHABLE, "blocked")
    assert [bubble.text for bubble in phone.failed] == ["дуюм"]
    phone.goes_to(WHATSAPP)
    assert [bubble.text for bubble in phone.bubbles] == ["якум"]
    assert await bench.telegram.send(bench.parcel(Outgoing("сеюм"))) == SendFailure(Trouble.UNREACHABLE, "blocked")


async def test_a_press_comes_from_the_chat_in_which_the_button_stands(bench: Bench) -> None:
    await bench.whatsapp.send(bench.parcel(choices(3)))
    await bench.telegram.presses(bench.phone, "Ҳа 2")
    assert (bench.came[-1].sort, bench.came[-1].choice, bench.came[-1].chat.line) == (
        Sort.PRESS,
        "yes:2",
        "whatsapp:demo",
    )
