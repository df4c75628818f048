"""Bad weather for a house: outages, lost answers, silence on demand, updates that come late; mothers who live in it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

from bot.channels.simulator import Bubble, Phone, SimulatorChannel
from bot.core.calendar import Hours
from bot.core.channel import Accept
from bot.core.errors import StorageUnavailable
from bot.core.messages import Act, Button, Inbound, Parcel, Receipt, SendFailure, Sort, Trouble
from bot.core.ports import Clock
from bot.curriculum.neutral import is_neutral
from tests.laws.desk import choices

REPLY = timedelta(minutes=10)
FORGOTTEN = timedelta(seconds=150)
"""A press that the messenger could not bring for so long is dropped by it."""
DUSHANBE = ZoneInfo("Asia/Dushanbe")


class StormyChannel(SimulatorChannel):
    """The simulator's phones in bad weather; `is_away` while our side takes nothing in."""

    def __init__(self, clock: Clock, random: Random) -> None:
        super().__init__(clock)
        self.is_away = False
        self.is_calm = True
        self.random = random
        self.troubles: list[Trouble] = []
        self.dropped: set[tuple[str, datetime]] = set()

    async def send(self, parcel: Parcel) -> Receipt:
        """Perhaps it arrives, perhaps nobody knows, perhaps the messenger wants silence first."""
        drawn = 1.0 if self.is_calm else self.random.random()
        if drawn < 0.10:
            pause = self.random.choice((1, 20, 200, 540, 900))
            return self._fails(SendFailure(Trouble.RATE, "429", pause, is_line_wide=drawn < 0.01))
        if drawn < 0.16:
            return self._fails(SendFailure(Trouble.AGAIN, "503"))
        receipt = await super().send(parcel)
        if drawn < 0.20 and parcel.act is Act.SEND:
            return self._fails(SendFailure(Trouble.AMBIGUOUS, "answer lost"))
        return receipt

    def _fails(self, failure: SendFailure) -> SendFailure:
        self.troubles.append(failure.trouble)
        return failure

    async def receive(self, accept: Accept) -> None:
        """Open the door; while we are away nothing is confirmed."""

        async def take(inbounds: Sequence[Inbound]) -> None:
            if self.is_away:
                raise StorageUnavailable("the storm")
            await accept(inbounds)

        await super().receive(take)

    async def comes_back(self, now: datetime) -> None:
        """What was written meanwhile comes, in its order, with the hour at which it was written."""
        self.is_away = False
        dropped = [u for u in self.unconfirmed if u.sort is Sort.PRESS and now - u.at >= FORGOTTEN]
        self.dropped |= {(u.chat.id, u.at) for u in dropped}
        self.unconfirmed = [u for u in self.unconfirmed if u not in dropped]
        await self.brings_again()


@dataclass
class Mother:
    """One story: her phone, what she allowed, and when she acted; all as she herself would tell it.

    What the messenger `dropped` of all that was pressed, by phone and time, never reached us: it neither allows nor
    takes back anything.
    """

    phone: Phone
    hours: Hours | None
    is_troubled: bool = False
    acts: list[datetime] = field(default_factory=list)
    pressed: list[tuple[datetime, str]] = field(default_factory=list)
    dropped: set[tuple[str, datetime]] = field(default_factory=set)

    def acted(self, now: datetime, choice: str = "") -> None:
        """She wrote or pressed."""
        self.acts.append(now)
        self.pressed.append((now, choice))

    def windows(self) -> list[tuple[datetime, datetime]]:
        """What she allowed for her case: what she said last holds."""
        windows: list[tuple[datetime, datetime]] = []
        for at, choice in self.pressed:
            kind, _, minutes = choice.partition(":")
            if kind not in {"window", "case.later", "notice.later"} or (self.phone.id, at) in self.dropped:
                continue
            windows = [(begin, min(end, at)) for begin, end in windows]
            if minutes.isdecimal():
                windows.append((at, at + timedelta(minutes=int(minutes))))
        return windows

    def sees(self) -> list[tuple[Bubble, Button]]:
        """The buttons under her last messages, the newest last."""
        return [(bubble, button) for bubble in self.phone.bubbles[-8:] for row in bubble.rows for button in row]

    def broken(self) -> Iterator[str]:
        """Every text that reached her and should not have (S1)."""
        for bubble in self.phone.transcript:
            if bubble.is_ours and not self._is_reply(bubble) and not self._is_allowed(bubble):
                yield f"{bubble.at:%d %H:%M:%S} {self.phone.name} {choices(bubble)}"

    def _is_reply(self, bubble: Bubble) -> bool:
        return any(bubble.at - REPLY < act <= bubble.at for act in self.acts)

    def _is_allowed(self, bubble: Bubble) -> bool:
        is_cover = is_neutral(bubble.text) and choices(bubble) == ["push.open", "push.later"]
        is_in_hours = self.hours is not None and self.hours.contains(bubble.at, DUSHANBE)
        return is_cover and (is_in_hours or any(begin <= bubble.at < end for begin, end in self.windows()))

    def unprompted(self) -> int:
        """How many texts came that were no reply."""
        return sum(bubble.is_ours and not self._is_reply(bubble) for bubble in self.phone.transcript)


def hours_from(begin: int | None) -> Hours | None:
    """What a button of hours means: two hours of every day."""
    return None if begin is None else Hours(time(begin), time((begin + 2) % 24))
