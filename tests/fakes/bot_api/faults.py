"""What can go wrong between a bot and Telegram, on order or by seeded chance."""

import asyncio
from dataclasses import dataclass, field
from enum import StrEnum
from random import Random


class Kind(StrEnum):
    """How one call goes wrong."""

    SERVER_ERROR = "server_error"
    TOO_MANY = "too_many"
    BAD_GATEWAY = "bad_gateway"
    UNAUTHORIZED = "unauthorized"
    NOT_FOUND = "not_found"
    LOST_BEFORE = "lost_before"
    LOST_AFTER = "lost_after"
    SLOW = "slow"
    HELD_BEFORE = "held_before"
    HELD_AFTER = "held_after"


class Gate:
    """Holds calls until the test opens it, and tells the test that one has arrived."""

    def __init__(self) -> None:
        self._open = asyncio.Event()
        self._arrived = asyncio.Event()

    def open(self) -> None:
        """Let every held call go on."""
        self._open.set()

    async def arrived(self, seconds: float = 5.0) -> None:
        """Wait until a call stands at the gate; raises TimeoutError."""
        async with asyncio.timeout(seconds):
            await self._arrived.wait()

    async def pass_through(self) -> None:
        """Stand at the gate until it opens."""
        self._arrived.set()
        await self._open.wait()


@dataclass
class Fault:
    """The next `times` calls of `method` (None: any but getUpdates) for `chat` (None: any) go wrong like this."""

    kind: Kind
    method: str | None = None
    chat: int | None = None
    times: int = 1
    seconds: float = 1
    gate: Gate | None = None

    def is_for(self, method: str, chat: int | None) -> bool:
        """Whether this call is one that was meant."""
        meant = method == self.method if self.method else method != "getUpdates"
        return self.times > 0 and meant and self.chat in (None, chat)


@dataclass(frozen=True)
class Mix:
    """Shares of calls to a chat that go wrong, and of webhook deliveries that come twice."""

    server_error: float = 0.05
    lost_after: float = 0.03
    too_many: float = 0.03
    duplicates: float = 0.20
    retry_after: int = 1


@dataclass
class Faults:
    """The orders that wait for a call, then the chance mix; the same seed gives the same sequence of draws."""

    chance: Random
    planned: list[Fault] = field(default_factory=list)
    mix: Mix | None = None

    def plan(self, fault: Fault) -> None:
        """Order a fault; earlier orders come first."""
        self.planned.append(fault)

    def draw(self, method: str, chat: int | None) -> Fault | None:
        """The fault that hits this call, used up by one."""
        for fault in self.planned:
            if fault.is_for(method, chat):
                fault.times -= 1
                return fault
        return self._by_chance() if self.mix and chat is not None else None

    def is_delivered_twice(self) -> bool:
        """Whether Telegram sends this webhook update once more."""
        return self.mix is not None and self.chance.random() < self.mix.duplicates

    def _by_chance(self) -> Fault | None:
        mix, drawn = self.mix or Mix(), self.chance.random()
        for share, kind in (
            (mix.server_error, Kind.SERVER_ERROR),
            (mix.lost_after, Kind.LOST_AFTER),
            (mix.too_many, Kind.TOO_MANY),
        ):
            if drawn < share:
                return Fault(kind, seconds=mix.retry_after)
            drawn -= share
        return None
