"""The machine's own time and chance: what the ports are in production."""

import gc
import secrets
import threading
import time
from datetime import UTC, datetime
from functools import lru_cache

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_PAIRS = [one + other for one in _ALPHABET for other in _ALPHABET]
"""Ten bits at a time: ids are made for every row."""


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """The current instant, aware, UTC."""
        return datetime.now(UTC)  # noqa: TID251 - this is the adapter behind the port


_DRAWN = 400
"""So many ids' randomness is drawn at once; each part of it is used once."""


@lru_cache(maxsize=4)
def _moment(milliseconds: int) -> str:
    """The first ten characters of a ULID: many are made in one millisecond."""
    return "".join([_PAIRS[(milliseconds >> shift) & 1023] for shift in range(40, -1, -10)])


_FORTY = (1 << 40) - 1


def _eight(bits: int) -> str:
    """Forty bits in eight characters; written out, for a loop takes twice as long."""
    return f"{_PAIRS[bits >> 30]}{_PAIRS[bits >> 20 & 1023]}{_PAIRS[bits >> 10 & 1023]}{_PAIRS[bits & 1023]}"


class RandomIds:
    """Ids from the operating system's randomness."""

    def __init__(self) -> None:
        self._last = 0
        self._drawn: list[bytes] = []
        self._lock = threading.Lock()

    def id(self) -> str:
        """A ULID: 48 bits of milliseconds, 80 random bits, in Crockford's base 32.

        Each is greater than the one before it, so that what one turn posts is played in the order it was posted.
        """
        milliseconds = time.time_ns() // 1_000_000
        with self._lock:
            if not self._drawn:
                drawn = secrets.token_bytes(_DRAWN * 10)
                self._drawn = [drawn[n : n + 10] for n in range(0, len(drawn), 10)]
            fresh = milliseconds << 80 | int.from_bytes(self._drawn.pop(), "big")
            self._last = value = max(fresh, self._last + 1)
        high, low = value >> 40 & _FORTY, value & _FORTY
        return f"{_moment(value >> 80)}{_eight(high)}{_eight(low)}"

    def number(self) -> str:
        """Four random digits, the first not zero."""
        return str(1000 + secrets.randbelow(9000))

    def token(self) -> str:
        """192 random bits in 32 characters."""
        return secrets.token_urlsafe(24)

    def spoken(self) -> str:
        """Eight random digits."""
        return f"{secrets.randbelow(10**8):08d}"


def hold_collector() -> None:
    """Look for no garbage while everything is loaded: it all stays, and looking took a fifth of the start."""
    gc.disable()


def calm_collector() -> None:
    """Look for garbage less often, and never again among what was loaded at the start.

    Nearly everything goes by reference counting; looking through lessons, sentences and libraries over and over took a
    tenth of the processor under load, and stopped everybody for 80 ms at a time.
    """
    gc.collect()
    release_collector()
    gc.set_threshold(10_000, 20, 50)


def release_collector() -> None:
    """Look for garbage again, but never among what was loaded until now."""
    gc.freeze()
    gc.enable()
