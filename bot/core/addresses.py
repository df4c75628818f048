"""Where a message comes from and goes to: a line of ours and an opaque address on it."""

from dataclasses import dataclass
from datetime import datetime, timedelta

LASTING = frozenset({"whatsapp"})
"""Channels on which what was sent stays."""

SHUFFLED = frozenset({"whatsapp"})
"""Channels that bring what people did in any order, and each act with the time of its own."""

FREE_WORDS = {"whatsapp": timedelta(hours=24) - timedelta(minutes=1)}
"""How long after a person's own last act a messenger takes free words to her, less a minute; others set no end."""


def free_until(line: str, heard_at: datetime | None) -> datetime | None:
    """Until when free words reach whoever last acted then on this line; None where the messenger sets no end."""
    window = FREE_WORDS.get(line.partition(":")[0])
    return None if window is None or heard_at is None else heard_at + window


@dataclass(frozen=True, slots=True)
class Line:
    """One bot or number of ours on a channel, e.g. `telegram:123456`."""

    channel: str
    name: str

    def __str__(self) -> str:
        return f"{self.channel}:{self.name}"


@dataclass(frozen=True, slots=True)
class Address:
    """A chat on a line; `id` is opaque and never parsed (architecture §5)."""

    line: str
    id: str

    @property
    def is_lasting(self) -> bool:
        """Whether nothing can be taken out of the chat again: it is no place for words of a case among staff (S12)."""
        return self.line.partition(":")[0] in LASTING

    @property
    def is_shuffled(self) -> bool:
        """Whether what comes later was not always done later."""
        return self.line.partition(":")[0] in SHUFFLED

    @property
    def key(self) -> str:
        """The text the blind index is made of."""
        return f"{self.line}|{self.id}"
