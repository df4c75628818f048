"""Places in storage by which somebody outside may watch the work pass: the fault tests let the process die there."""

from collections.abc import Callable

_watchers: list[Callable[[str], None]] = []


def watch(told: Callable[[str], None]) -> None:
    """Tell this one, and nobody else, the name of every place that is passed from now on."""
    _watchers[:] = [told]


def passed(place: str) -> None:
    """Tell whoever watches; without anybody nothing happens."""
    for told in _watchers:
        told(place)
