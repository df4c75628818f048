"""S1 and S15: WhatsApp brings a press days later, and it counts from the moment of the press, as a text does."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.fakes.bot_api.people import Person
from tests.fakes.cloud_api.people import CloudPerson
from tests.two_banks import TwoBanks

WORDS = "шавҳарам маро мезанад, аз ӯ метарсам"
ANSWER = "Ман инҷо ҳастам"


@contextmanager
def outage(banks: TwoBanks) -> Iterator[None]:
    """Our door is shut; what WhatsApp could not bring comes afterwards, with the time at which she acted."""

    async def shut(*_: object) -> tuple[int, dict[str, str]]:
        return 503, {}

    banks.wa.hook.point_to(shut)
    yield
    banks.wa.hook.point_to(banks.app.offices[1].channel.take_in)


async def acts_late(banks: TwoBanks, her: CloudPerson, choice: str, **later: float) -> list[str]:
    """She presses while our door is shut; what her phone newly shows once it is open again."""
    shown = len(her.bubbles)
    with outage(banks):
        her.presses(choice)
        banks.clock.advance(**later)
    await banks.settle()
    return her.texts[shown:]


async def answers(banks: TwoBanks, facilitator: Person) -> None:
    for choice in ("case.reply", "", "answer.send"):
        await (banks.presses(facilitator, choice) if choice else banks.says(facilitator, ANSWER))


async def taken(banks: TwoBanks) -> tuple[CloudPerson, Person]:
    """Her case has an owner."""
    facilitator = await banks.facilitator(await banks.coordinator())
    her = await banks.her(hours="hours:9")
    await banks.writes(her, WORDS)
    await banks.passes(minutes=10)
    await banks.presses(facilitator, "case.take")
    return her, facilitator


@pytest.mark.parametrize("minutes", [10, 100, 3 * 24 * 60])
async def test_s1_a_now_that_comes_late_shows_no_answer_to_whoever_holds_the_phone(
    banks: TwoBanks, minutes: int
) -> None:
    her, facilitator = await taken(banks)
    await banks.writes(her, "салом")
    await answers(banks, facilitator)
    assert await acts_late(banks, her, "case.now", minutes=minutes) == []
    await banks.passes(minutes=30)
    assert ANSWER not in her.screen
    if minutes > 10:  # it went back to its owner meanwhile
        return
    await banks.writes(her, "салом")
    assert ANSWER not in her.screen, "the question comes first again (S15)"
    await banks.chooses(her, "case.now")
    assert her.screen.count(ANSWER) == 1


async def test_s1_a_now_that_comes_in_time_is_followed_by_the_answer(banks: TwoBanks) -> None:
    her, facilitator = await taken(banks)
    await banks.writes(her, "салом")
    await answers(banks, facilitator)
    assert await acts_late(banks, her, "case.now", minutes=9) == [ANSWER]


async def test_s1_a_page_opened_days_ago_is_not_shown_now(banks: TwoBanks) -> None:
    facilitator = await banks.facilitator(await banks.coordinator())
    her = await banks.her(hours="hours:9")
    await banks.opens_module(facilitator)
    assert await acts_late(banks, her, "push.open", days=3, hours=13) == []


async def test_s1_in_30_minutes_means_from_when_she_pressed(banks: TwoBanks) -> None:
    her, facilitator = await taken(banks)
    banks.clock.advance(hours=3)  # her hours are over for today
    assert await acts_late(banks, her, "window:30", hours=1) == []
    shown = len(her.bubbles)
    await answers(banks, facilitator)
    await banks.passes(minutes=29)
    assert her.texts[shown:] == []


async def test_s1_in_2_hours_holds_for_what_is_left_of_them(banks: TwoBanks) -> None:
    her, facilitator = await taken(banks)
    banks.clock.advance(hours=3)
    await acts_late(banks, her, "window:120", hours=1)
    shown = len(her.bubbles)
    await answers(banks, facilitator)
    await banks.passes(minutes=10)
    (line,) = her.texts[shown:]
    assert ANSWER not in line


async def test_s1_a_press_that_comes_after_a_newer_message_counts_from_the_press(banks: TwoBanks) -> None:
    her, facilitator = await taken(banks)
    banks.clock.advance(hours=3)  # her hours are over for today
    with outage(banks):
        her.presses("window:30")
        banks.clock.advance(minutes=40)
        late = banks.wa.hook.waiting[:]
        banks.wa.hook.waiting.clear()
    await banks.writes(her, "салом")
    shown = len(her.bubbles)
    for change in late:
        banks.wa.hook.add(change)
    await banks.settle()
    assert "window:30" in str(her.bubbles[-1].choices), "the window is over, so she is asked again"
    await answers(banks, facilitator)
    await banks.passes(minutes=29)
    assert not [text for text in her.texts[shown:] if ANSWER in text]


async def test_s1_on_telegram_a_press_on_an_old_message_counts_from_the_press(banks: TwoBanks) -> None:
    facilitator = await banks.facilitator(await banks.coordinator())
    her = await banks.mother()
    await banks.opens_module(facilitator)
    await banks.passes(hours=5)
    assert len(await banks.presses(her, "push.open")) > 0
