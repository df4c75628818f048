"""The one seam between Hamroh and a messenger; channels implement it, delivery and intake use it."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from bot.core.addresses import Line
from bot.core.messages import Inbound, Parcel, Receipt, SendFailure, Word

Accept = Callable[[Sequence[Inbound]], Awaitable[None]]
"""The door of intake: returns once everything given is committed; raises StorageUnavailable otherwise."""


Hear = Callable[[Sequence[Word]], Awaitable[None]]
"""The ear of delivery: returns once every word is committed; raises StorageUnavailable otherwise."""


@dataclass(frozen=True, slots=True)
class Content:
    """What is in a file, and of what sort it is (`audio/ogg`)."""

    body: bytes
    media_type: str


Fetch = Callable[[str], Awaitable[Content | SendFailure]]
"""The file that a channel named so, for a channel to which the name means nothing; every outcome is a value."""


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
