"""Threads go through in the order in which they came, and whoever waits too long gives up its place."""

import threading
from collections.abc import Callable

from storage.turnstile import Turnstile


def started(act: Callable[[], object]) -> threading.Thread:
    thread = threading.Thread(target=act)
    thread.start()
    return thread


def test_threads_go_through_in_the_order_in_which_they_came():
    turnstile, passed = Turnstile(), []

    def go(name: int) -> None:
        assert turnstile.enter(5)
        passed.append(name)
        turnstile.leave()

    assert turnstile.enter(0)
    threads = []
    for name in range(5):
        threads.append(started(lambda name=name: go(name)))
        while len(turnstile._waiting) <= name:
            threads[-1].join(0.001)
    turnstile.leave()
    for thread in threads:
        thread.join()
    assert passed == list(range(5))


def test_whoever_asks_again_at_once_comes_after_those_who_wait():
    turnstile, passed = Turnstile(), []
    assert turnstile.enter(0)
    waiting = started(lambda: (turnstile.enter(5), passed.append("waited"), turnstile.leave()))
    while not turnstile._waiting:
        waiting.join(0.001)
    turnstile.leave()
    assert turnstile.enter(5)
    passed.append("again")
    waiting.join()
    assert passed == ["waited", "again"]


def test_whoever_waits_too_long_gives_up_its_place_and_holds_nobody_up():
    turnstile = Turnstile()
    assert turnstile.enter(0)
    assert not turnstile.enter(0.001)
    turnstile.leave()
    assert turnstile.enter(0)
