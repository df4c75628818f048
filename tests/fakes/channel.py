"""A messenger in memory that does what a test tells it to, and remembers what arrived."""

import asyncio
from collections import defaultdict, deque
from dataclasses import dataclass
from datetime import datetime

from bot.core.addresses import Line
from bot.core.channel import Accept
from bot.core.messages import Act, Parcel, Receipt, SendFailure, Sent, Trouble
from bot.core.ports import Clock


@dataclass(frozen=True, slots=True)
class Call:
    """One parcel given to the channel."""

    parcel: Parcel
    at: datetime

    @property
    def text(self) -> str:
        return self.parcel.outgoing.text if self.parcel.outgoing else ""


class ScriptedChannel:
    """Everything arrives, unless the next answer in the script (of an address, or of all) says otherwise.

    An ambiguous answer means here that the message did arrive: the worse of the two for duplicates.
    """

    def __init__(self, clock: Clock, line: Line | None = None) -> None:
        self.line = line or Line("telegram", "1")
        self.calls: list[Call] = []
        self.chats: defaultdict[str, list[str]] = defaultdict(list)
        self.answers: deque[Receipt] = deque()
        self.answers_of: defaultdict[str, deque[Receipt]] = defaultdict(deque)
        self.gate: asyncio.Event | None = None
        self.arrived = asyncio.Event()
        self._clock = clock
        self._count = 0

    async def send(self, parcel: Parcel) -> Receipt:
        self.calls.append(Call(parcel, self._clock.now()))
        if self.gate is not None:
            await self.gate.wait()
        await asyncio.sleep(0)
        script = self.answers_of[parcel.address.id] or self.answers
        receipt = script.popleft() if script else None
        if receipt is None or isinstance(receipt, Sent) or receipt.trouble is Trouble.AMBIGUOUS:
            arrived = self._arrive(parcel)
            return arrived if receipt is None else receipt
        return receipt

    def _arrive(self, parcel: Parcel) -> Sent:
        self.arrived.set()
        if parcel.act is Act.DELETE:
            self.chats[parcel.address.id] += [f"-{target}" for target in parcel.targets]
            return Sent()
        text = parcel.outgoing.text if parcel.outgoing else ""
        self.chats[parcel.address.id].append(f"*{text}" if parcel.act is Act.EDIT else text)
        self._count += 1
        return Sent((str(self._count),)) if parcel.act is Act.SEND else Sent(parcel.targets)

    async def receive(self, accept: Accept) -> None:
        await asyncio.Event().wait()

    async def close(self) -> None:
        return None


def too_fast(seconds: float, *, line: bool = False) -> SendFailure:
    return SendFailure(Trouble.RATE, "429", retry_after=seconds, is_line_wide=line)


def failed(trouble: Trouble, code: str = "") -> SendFailure:
    return SendFailure(trouble, code)
