"""A clock of the server that goes wrong neither mutes her words nor makes old ones new (S1)."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from structlog.testing import capture_logs

from bot.channels.telegram import TelegramChannel
from bot.channels.watch import LONGEST, TOLD_IN, Watch
from tests.channels.conftest import NOON, Door, Noon, Pauses, receiving
from tests.fakes.telegram import FakeTelegram


class Ours:
    """Our clock, so far from the right time."""

    def __init__(self, by: timedelta) -> None:
        self.by = by

    def now(self):
        return NOON + self.by


@pytest.mark.parametrize("seconds", [1800, -1800, 100, 40, -40, 0])
async def test_s1_what_she_wrote_just_now_is_new_and_what_waited_an_hour_is_old(seconds: int, door: Door):
    by = timedelta(seconds=seconds)
    async with FakeTelegram(clock=Noon()) as fake:
        fake.person(7).says("Шаҳрнав")
        fake.clock.advance(timedelta(hours=1))
        fake.person(7).says("Хуб")
        channel = TelegramChannel(fake.token, fake.root, Ours(by + timedelta(hours=1)), pause=Pauses())
        async with receiving(channel, door):
            old, new = await door.waits_for(2)
        await channel.close()
    now = NOON + timedelta(hours=1) + by
    assert abs(now - new.at) <= TOLD_IN
    assert abs(now - timedelta(hours=1) - old.at) <= TOLD_IN


def test_an_answer_that_came_over_a_sleep_or_a_jump_tells_nothing():
    clock = Ours(timedelta(minutes=30))
    watch = Watch(clock)
    watch.compare(NOON, clock.now())
    assert abs(watch.ours(NOON) - clock.now()) <= TOLD_IN
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


def test_an_answer_that_waited_for_news_moves_nothing_and_takes_nothing_back():
    clock = Ours(timedelta())
    watch = Watch(clock)
    clock.by = timedelta(seconds=50)  # asked at noon by both clocks, dated 20 seconds later, here after 50
    watch.compare(NOON + timedelta(seconds=20), NOON)
    assert watch.ours(NOON) == NOON
    clock.by = timedelta(seconds=100)
    watch.compare(NOON, clock.now())  # and now at once: our clock was set 100 seconds ahead
    known = watch.ours(NOON)
    assert abs(known - clock.now()) <= TOLD_IN
    clock.by = timedelta(seconds=150)
    watch.compare(NOON + timedelta(seconds=50), NOON + timedelta(seconds=100))
    assert watch.ours(NOON) == known


@given(
    skew=st.integers(-300, 300), trips=st.lists(st.tuples(st.floats(0, 30), st.floats(0, 30)), min_size=1, max_size=8)
)
def test_s1_what_is_known_of_the_clocks_is_never_more_than_the_truth(skew: int, trips: list[tuple[float, float]]):
    clock, at = Ours(timedelta()), 0.0
    watch = Watch(clock)
    for there, back in trips:
        told = timedelta(seconds=int(at + there))  # a header tells whole seconds
        asked_at = NOON + timedelta(seconds=at + skew)
        at += there + back
        clock.by = timedelta(seconds=at + skew)
        watch.compare(NOON + told, asked_at)
    assert watch.is_ahead_by is not None
    apart = timedelta(seconds=abs(skew)) + TOLD_IN
    assert abs(watch.is_ahead_by) <= apart
    assert abs(watch.is_ahead_by - timedelta(seconds=skew)) <= apart
