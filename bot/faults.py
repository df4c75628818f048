"""Places where a test may let the process die, to prove that nothing accepted is lost."""

import os
import signal

from bot.core.errors import ConfigurationError
from storage import places

_armed: dict[str, int] = {}


def arm(fault: str) -> None:
    """Die at the k-th passing of a place; `fault` is `name:k` (HAMROH_FAULT), empty for none.

    Raises ConfigurationError when it is neither.
    """
    _armed.clear()
    if not fault:
        return
    name, _, count = fault.partition(":")
    if not name or not count.isdecimal() or int(count) < 1:
        raise ConfigurationError("HAMROH_FAULT must look like after_claim:1")
    _armed[name] = int(count)
    places.watch(faultpoint)


def faultpoint(name: str) -> None:
    """Nothing, unless a test armed this place: then the process kills itself as `kill -9` would."""
    if name not in _armed:
        return
    _armed[name] -= 1
    if _armed[name] == 0:
        os.kill(os.getpid(), signal.SIGKILL)
