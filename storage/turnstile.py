"""A lock for threads that lets them through in the order in which they came.

`threading.Lock` goes to whoever is awake: one that asks again at once gets it before another that has waited for long.
"""

import threading
from collections import deque


class Turnstile:
    """Lets one thread at a time through."""

    def __init__(self) -> None:
        self._mutex = threading.Lock()
        self._is_taken = False
        self._waiting: deque[threading.Lock] = deque()

    def enter(self, seconds: float) -> bool:
        """Wait for one's turn, at most so long; whether it came."""
        with self._mutex:
            if not self._is_taken:
                self._is_taken = True
                return True
            place = threading.Lock()
            place.acquire()
            self._waiting.append(place)
        if place.acquire(timeout=seconds):
            return True
        with self._mutex:
            if place not in self._waiting:
                return True  # it came at the last moment
            self._waiting.remove(place)
            return False

    def leave(self) -> None:
        """Let the next one through."""
        with self._mutex:
            if self._waiting:
                self._waiting.popleft().release()
            else:
                self._is_taken = False
