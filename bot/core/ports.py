"""The doors through which time, ids and chance come in; production and tests differ only here."""

from datetime import datetime
from typing import Protocol


class Clock(Protocol):
    """What time it is."""

    def now(self) -> datetime:
        """The current instant: aware, UTC."""
        ...


class Ids(Protocol):
    """Fresh names for things."""

    def id(self) -> str:
        """A fresh row id: 26 characters, sortable by the time it was made (ULID)."""
        ...

    def number(self) -> str:
        """A fresh case number that tells nothing about the case: four digits, not sequential."""
        ...

    def token(self) -> str:
        """A secret for a link: at least 128 bits, only `A-Za-z0-9_-`, at most 43 characters (S14)."""
        ...

    def spoken(self) -> str:
        """A short code that can be said aloud and typed on any keyboard: eight digits."""
        ...
