"""How fast messages may go out, whatever the clock does."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from bot.core.rates import Bucket, Window

START = datetime(2026, 3, 2, tzinfo=UTC)
WAITS = st.lists(st.floats(0, 3), min_size=1, max_size=60)


@given(waits=WAITS)
def test_a_window_never_takes_more_than_it_may_in_any_span(waits: list[float]):
    window, now, taken = Window(5, timedelta(seconds=1)), START, []
    for wait in waits:
        now += timedelta(seconds=wait)
        if window.free(now):
            window.take(now)
            taken.append(now)
    assert all(later - first >= timedelta(seconds=1) for first, later in zip(taken, taken[5:], strict=False))


@given(waits=WAITS)
def test_a_bucket_never_takes_more_than_its_burst_and_its_rate(waits: list[float]):
    bucket, now, count = Bucket(3, 1.0), START, 0
    for wait in waits:
        now += timedelta(seconds=wait)
        if bucket.free_at(now) <= now:
            bucket.take(now)
            count += 1
    assert count <= 3 + (now - START).total_seconds() + 1e-6


@given(waits=WAITS)
def test_when_a_bucket_says_it_is_free_it_is(waits: list[float]):
    bucket, now = Bucket(3, 1.0), START
    for wait in waits:
        now = max(now + timedelta(seconds=wait), bucket.free_at(now) + timedelta(microseconds=1))
        assert bucket.free_at(now) <= now
        bucket.take(now)


def test_a_clock_that_was_set_back_a_day_stops_nobody_for_a_day():
    bucket, window = Bucket(1, 1.0), Window(1, timedelta(minutes=1))
    yesterday = START - timedelta(days=1)
    for rate in (bucket, window):
        rate.take(START)
        assert rate.free_at(yesterday) <= yesterday + timedelta(seconds=1)
