"""A clock of the server that goes wrong neither mutes her words nor makes old ones new (S1)."""

from datetime import timedelta

import pytest
from structlog.testing import capture_logs

from bot.channels.telegram import TelegramChannel
from bot.channels.watch import LONGEST, TOLERATED, Watch
from tests.channels.conftest import NOON, Door, Noon, Pauses, receiving
from tests.fakes.telegram import FakeTelegram


class Ours:
    """Our clock, so far from the right time."""

    def __init__(self, by: timedelta) -> None:
        self.by = by

    def now(self):
        return NOON + self.by


@pytest.mark.parametrize("minutes", [30, -30, 1, 0])
async def test_s1_what_she_wrote_just_now_is_new_and_what_waited_an_hour_is_old(minutes: int, door: Door):
    by = timedelta(minutes=minutes)
    async with FakeTelegram(clock=Noon()) as fake:
        fake.person(7).says("Шаҳрнав")
        fake.clock.advance(timedelta(hours=1))
        fake.person(7).says("Хуб")
        channel = TelegramChannel(fake.token, fake.root, Ours(by + timedelta(hours=1)), pause=Pauses())
        async with receiving(channel, door):
            old, new = await door.waits_for(2)
        await channel.close()
    now = NOON + timedelta(hours=1) + by
    assert abs(now - new.at) <= TOLERATED
    assert abs(now - timedelta(hours=1) - old.at) <= TOLERATED


def test_an_answer_that_came_over_a_sleep_or_a_jump_tells_nothing():
    clock = Ours(timedelta(minutes=30))
    watch = Watch(clock)
    watch.compare(NOON, clock.now())
    assert watch.ours(NOON) == clock.now()
    asked_at, clock.by = clock.now(), clock.by + LONGEST + timedelta(seconds=1)
    watch.compare(NOON, asked_at)
    assert watch.ours(NOON) == NOON
    asked_at, clock.by = clock.now(), timedelta()
    watch.compare(NOON + timedelta(hours=1), asked_at)
    assert watch.ours(NOON) == NOON


def test_a_wrong_clock_is_said_once_until_it_is_right_again_and_never_for_seconds_about_the_limit():
    clock = Ours(timedelta())
    watch = Watch(clock)
    with capture_logs() as said:
        for seconds in (0, 119, 121, 119, 121, 600, -600, 61, 59, 119, 0):
            clock.by = timedelta(seconds=seconds)
            watch.compare(NOON, clock.now())
    assert [entry["event"] for entry in said] == ["clock_wrong", "clock_right"]
    clock.by = timedelta(minutes=11)
    watch.compare(NOON, clock.now())
    assert watch.is_wrong
