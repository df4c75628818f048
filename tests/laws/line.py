"""A messenger that holds its limits, fails, loses answers, is closed to us for hours, and watches a process die."""

import asyncio
import re
from collections import Counter, defaultdict, deque
from collections.abc import Callable  # noqa: TC003 - read beside the others
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from bot.channels.simulator import Phone, SimulatorChannel
from bot.core.addresses import Line
from bot.core.messages import Act, Parcel, Receipt, SendFailure, Sent, Trouble
from bot.core.ports import Clock
from tests.laws.storm import StormyChannel

SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)
LINE, CHAT, GROUP = 30, 4, 20
"""What Telegram's support describes: messages a second of a bot, at once to a chat, a minute to a group."""
NUMBER = re.compile(r"^№ (\d+) · ")


@dataclass(frozen=True)
class Ring:
    """A card that was handed to the messenger for a case."""

    at: datetime
    phone: str
    number: str


class MeteredChannel(StormyChannel):
    """The simulator's phones behind a Telegram that counts."""

    def __init__(self, clock: Clock, random: Random) -> None:
        super().__init__(clock, random)
        self.line = Line("telegram", "100200300")
        self.clock = clock
        self.rings: list[Ring] = []
        self.met: Counter[str] = Counter()
        self.closed_until: datetime | None = None
        self.dies_after = -1
        self.died = asyncio.Event()
        self.on_shown: list[Callable[[Phone, Parcel], None]] = []
        self._sent: deque[datetime] = deque()
        self._chats: defaultdict[str, deque[datetime]] = defaultdict(deque)

    async def send(self, parcel: Parcel) -> Receipt:
        """What is handed over is noted, whatever becomes of it."""
        self._note(parcel)
        if self.dies_after >= 0:
            self.dies_after -= 1
            if self.dies_after < 0:
                return await self._dies(parcel)
        failure = self._too_much(parcel.address.id) or self._weather()
        if failure is not None:
            self.met[failure.code] += 1
            return failure
        receipt = await SimulatorChannel.send(self, parcel)
        if isinstance(receipt, Sent) and parcel.act is Act.SEND:
            for hear in self.on_shown:
                hear(self.phones[parcel.address.id], parcel)
            if not self.is_calm and self.random.random() < 0.004:
                self.met["answer lost"] += 1
                return SendFailure(Trouble.AMBIGUOUS, "answer lost")
        return receipt

    def recovers(self) -> None:
        """A new process may come."""
        self.died.clear()
        self.dies_after = -1

    async def _dies(self, parcel: Parcel) -> Receipt:
        """The process dies with this send, before or after it arrived."""
        if self.random.random() < 0.5:
            await SimulatorChannel.send(self, parcel)
        self.died.set()
        await asyncio.Event().wait()
        raise AssertionError

    def _note(self, parcel: Parcel) -> None:
        if parcel.act is not Act.SEND or parcel.outgoing is None or parcel.purpose not in {"card", "desk"}:
            return
        if found := NUMBER.match(parcel.outgoing.text):
            self.rings.append(Ring(self.clock.now(), parcel.address.id, found[1]))

    def _too_much(self, chat: str) -> SendFailure | None:
        """Telegram's own limits; whoever keeps below them never sees this."""
        now, phone = self.clock.now(), self.phones.get(chat)
        span, most = (MINUTE, GROUP) if phone is not None and phone.is_group else (SECOND, CHAT)
        for times, since, limit in ((self._sent, SECOND, LINE), (self._chats[chat], span, most)):
            while times and now - times[0] >= since:
                times.popleft()
            times.append(now)
            if len(times) > limit:
                return SendFailure(Trouble.RATE, "flood", 5, is_line_wide=times is self._sent)
        return None

    def _weather(self) -> SendFailure | None:
        if self.closed_until is not None and self.clock.now() < self.closed_until:
            return SendFailure(Trouble.AGAIN, "outage")
        drawn = 1.0 if self.is_calm else self.random.random()
        if drawn < 0.004:
            return SendFailure(Trouble.RATE, "429", self.random.choice((1, 3, 9, 25)))
        if drawn < 0.005:
            return SendFailure(Trouble.RATE, "429 for all", self.random.choice((1, 2, 5)), is_line_wide=True)
        if drawn < 0.010:
            return SendFailure(Trouble.AGAIN, "503")
        return None
