"""The six fields of an aiogram key as six keyed hashes: nothing is joined, so nothing can be mixed up."""

import hashlib
from collections.abc import Mapping
from typing import Protocol

from bot.core.addresses import Address
from storage.sealing import Sealer

Columns = Mapping[str, bytes]
"""The columns by which the row of a key is found."""


class Key(Protocol):
    """Whose state it is: aiogram's `StorageKey`, or anything with its fields."""

    @property
    def bot_id(self) -> int:
        """The bot."""

    @property
    def chat_id(self) -> int:
        """The chat; in a private one the person's own id."""

    @property
    def user_id(self) -> int:
        """The person; for aiogram's strategies without one the chat again."""

    @property
    def thread_id(self) -> int | None:
        """The topic of a group."""

    @property
    def business_connection_id(self) -> str | None:
        """The business account on whose behalf the bot speaks."""

    @property
    def destiny(self) -> str:
        """What it is kept for: `default`, `scenes_history`, or a name of the bot's own."""


def hashes(sealer: Sealer, key: Key) -> Columns:
    """The columns of a key; `chat_id` is the hash that an account of Hamroh's has for the same address."""
    return {
        "bot_id": sealer.blind(f"fsm.bot|{key.bot_id}"),
        "chat_id": sealer.blind(Address(f"telegram:{key.bot_id}", str(key.chat_id)).key),
        "user_id": person(sealer, Address("telegram", str(key.user_id))),
        "thread_id": sealer.blind(f"fsm.thread|{_told(key.thread_id)}"),
        "business_connection_id": sealer.blind(f"fsm.business|{_told(key.business_connection_id)}"),
        "destiny": sealer.blind(f"fsm.destiny|{key.destiny}"),
    }


def person(sealer: Sealer, address: Address) -> bytes:
    """The hash of whoever has this address, the same whichever bot she writes to."""
    channel = address.line.partition(":")[0]
    return sealer.blind(f"fsm.person|{channel}|{address.id}")


def number(columns: Columns, bits: int) -> int:
    """A number for the locks of a key: from 0, of at most 64 bits."""
    return int.from_bytes(hashlib.sha256(b"".join(columns.values())).digest()[:8], "big") >> (64 - bits)


def _told(value: int | str | None) -> str:
    """Nothing given is neither 0 nor an empty text."""
    return "none" if value is None else f"={value}"
