"""The machine's own time and chance."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, timedelta

from bot.system import RandomIds, SystemClock


def test_the_clock_is_aware_and_in_utc():
    assert SystemClock().now().tzinfo is UTC
    assert abs(SystemClock().now() - SystemClock().now()) < timedelta(seconds=5)


def test_ids_sort_in_the_order_they_were_made():
    ids = RandomIds()
    made = [ids.id() for _ in range(20_000)]
    assert made == sorted(set(made))
    assert {len(one) for one in made} == {26}
    assert all(re.fullmatch("[0-9A-HJKMNP-TV-Z]{26}", one) for one in made[:100])


def test_ids_made_at_once_differ():
    ids = RandomIds()
    with ThreadPoolExecutor(4) as threads:
        made = list(threads.map(lambda _: ids.id(), range(4_000)))
    assert len(set(made)) == 4_000


def test_two_processes_make_different_ids():
    one, two = RandomIds(), RandomIds()
    assert not {one.id() for _ in range(1_000)} & {two.id() for _ in range(1_000)}


def test_secrets_are_long_enough_and_fit_into_a_link():
    tokens = {RandomIds().token() for _ in range(1_000)}
    assert len(tokens) == 1_000
    assert all(re.fullmatch("[A-Za-z0-9_-]{22,43}", token) for token in tokens)


def test_case_numbers_have_four_digits_and_spoken_codes_eight():
    ids = RandomIds()
    assert all(re.fullmatch("[0-9]{4}", ids.number()) for _ in range(200))
    assert all(re.fullmatch("[0-9]{8}", ids.spoken()) for _ in range(200))
    assert len({ids.number() for _ in range(100)}) > 50
