"""Where a message comes from and goes to: a line of ours and an opaque address on it."""

from dataclasses import dataclass

LASTING = frozenset({"whatsapp"})
"""Channels on which what was sent stays."""


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
    def key(self) -> str:
        """The text the blind index is made of."""
        return f"{self.line}|{self.id}"
