"""The one seam between Hamroh and a messenger; channels implement it, delivery and intake use it."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol

from bot.core.addresses import Line
from bot.core.messages import Inbound, Parcel, Receipt, Word

Accept = Callable[[Sequence[Inbound]], Awaitable[None]]
"""The door of intake: returns once everything given is committed; raises StorageUnavailable otherwise."""


Hear = Callable[[Sequence[Word]], Awaitable[None]]
"""The ear of delivery: returns once every word is committed; raises StorageUnavailable otherwise."""


class Channel(Protocol):
    """A messenger: what came in goes through the given door, what goes out comes back as a value."""

    line: Line

    async def send(self, parcel: Parcel) -> Receipt:
        """Carry out one parcel; every outcome is a value, never an exception."""
        ...

    async def receive(self, accept: Accept) -> None:
        """Take updates in until cancelled; confirm each to the provider only after `accept` returned."""
        ...

    async def close(self) -> None:
        """Let go of connections."""
        ...
