"""A messenger in memory: phones and groups that can be looked at and used, for rehearsals and for tests."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum

from bot.core.addresses import Address, Line, free_until
from bot.core.channel import Accept
from bot.core.errors import StorageUnavailable
from bot.core.messages import (
    Act,
    Button,
    Inbound,
    Kind,
    Outgoing,
    Parcel,
    Receipt,
    Rows,
    SendFailure,
    Sent,
    Sort,
    Trouble,
)
from bot.core.ports import Clock
from bot.core.voice_notes import FORMAT

TELEGRAM, WHATSAPP = "telegram", "whatsapp"
"""The messengers that a phone may have the chat in."""
DELETABLE = timedelta(hours=48)
LONGEST_TEXT = 4096
MOST_BUTTONS = 100
LONGEST_CHOICE = 64
VOICE_BYTES = 1900
"""What a second of an invented voice message takes."""
"""Telegram's limits: characters of a message, buttons under it, bytes of a button's choice."""
Witness = Callable[[str], None]
"""Told what goes wrong on the way: held, late, rate, lost answer, locked, again."""


class Tick(StrEnum):
    """How far a message has come, as its sender sees it."""

    QUEUED = "queued"  # a person's: not confirmed by us yet, the messenger will bring it again
    SENT = "sent"  # ours: the messenger has it, the phone is off
    DELIVERED = "delivered"
    READ = "read"
    FAILED = "failed"  # ours: the messenger would not take it


@dataclass(slots=True)
class Bubble:
    """One message as a phone shows it; `is_ours` when the bot sent it, `sender` who wrote it in a group."""

    id: str
    is_ours: bool
    text: str
    at: datetime
    rows: tuple[tuple[Button, ...], ...] = ()
    version: int = 0
    kind: Kind = Kind.TEXT
    is_edited: bool = False
    tick: Tick = Tick.DELIVERED
    sender: str = ""


@dataclass(slots=True)
class Phone:
    """A chat with the bot: a person's, or a group's.

    `channel` is the messenger it is in; what stands in the other one lies `elsewhere`.  `heard_at` is when its owner
    last acted in WhatsApp.
    """

    id: str
    name: str
    is_group: bool = False
    is_online: bool = True
    has_blocked: bool = False
    bubbles: list[Bubble] = field(default_factory=list)
    transcript: list[Bubble] = field(default_factory=list)
    failed: list[Bubble] = field(default_factory=list)
    """What the bot wanted to say and could not; never on the screen, shown only behind the scenes."""
    channel: str = TELEGRAM
    elsewhere: dict[str, list[Bubble]] = field(default_factory=dict)
    heard_at: datetime | None = None

    @property
    def has_begun(self) -> bool:
        """Whether anything was ever said in this chat."""
        return bool(self.transcript if self.channel == TELEGRAM else self.bubbles)

    @property
    def free_until(self) -> datetime | None:
        """Until when free words reach it; None where the messenger sets no end."""
        return free_until(self.channel, self.heard_at)

    def goes_to(self, channel: str) -> None:
        """Its owner uses the other messenger from now on: another address, and another chat."""
        if channel != self.channel:
            self.elsewhere[self.channel] = self.bubbles
            self.bubbles, self.channel = self.elsewhere.pop(channel, []), channel

    @property
    def screen(self) -> list[Bubble]:
        """What can be seen on it; what came while it was off is not there yet."""
        return [bubble for bubble in self.bubbles if not bubble.is_ours or bubble.tick is not Tick.SENT]

    def turns(self, *, is_online: bool) -> None:
        """It is switched on (and gets what waits) or off."""
        self.is_online = is_online
        for bubble in self.bubbles if is_online else ():
            bubble.tick = Tick.DELIVERED if bubble.is_ours and bubble.tick is Tick.SENT else bubble.tick

    def reads(self) -> None:
        """Its owner has seen what is on the screen."""
        for bubble in self.screen:
            bubble.tick = Tick.READ if bubble.is_ours else bubble.tick

    def last(self) -> Bubble | None:
        """The latest message of the bot that is still there."""
        return next((bubble for bubble in reversed(self.bubbles) if bubble.is_ours), None)

    def find(self, label: str) -> tuple[Bubble, Button] | None:
        """The latest button with this label or choice."""
        for bubble in reversed(self.bubbles):
            for row in bubble.rows:
                for button in row:
                    if label in {button.label, button.choice}:
                        return bubble, button
        return None


class SimulatorChannel:
    """The channel port in memory, with Telegram's limits on texts, buttons and deleting, and its faults on demand."""

    def __init__(self, clock: Clock, line: Line | None = None) -> None:
        self.line = line or Line("simulator", "demo")
        self.whatsapp = Line(WHATSAPP, self.line.name)
        self.phones: dict[str, Phone] = {}
        self.faults: list[SendFailure] = []
        self.loses_answer = False
        self.holds_next = False
        self.latest: Inbound | None = None
        self.unconfirmed: list[Inbound] = []
        self.count = 0
        self.opened = asyncio.Event()
        self.witness: Witness = lambda _: None
        self._held: list[Inbound] = []
        self._clock = clock
        self._accept: Accept | None = None

    # ---- the channel port

    async def send(self, parcel: Parcel) -> Receipt:
        """Show, change or remove a message on the phone."""
        if (failure := self.failure()) is not None:
            return failure
        phone = self.reached(parcel, TELEGRAM)
        if phone is None:
            return self.turn_away(parcel)
        if parcel.act is Act.DELETE:
            return self._delete(phone, parcel.targets)
        outgoing = parcel.outgoing
        if outgoing is None or not _fits(outgoing):
            return SendFailure(Trouble.REFUSED, "limits")
        edits = parcel.act is Act.EDIT
        return self.answered(
            self._edit(phone, parcel.targets, outgoing) if edits else Sent((self.show(phone, outgoing),))
        )

    def failure(self) -> SendFailure | None:
        """What the messenger was told to answer next instead of sending."""
        if not self.faults:
            return None
        self.witness("rate")
        return self.faults.pop(0)

    def reached(self, parcel: Parcel, channel: str) -> Phone | None:
        """The phone that a parcel is for, if it can be reached in this messenger."""
        phone = self.phones.get(parcel.address.id)
        return None if phone is None or phone.has_blocked or phone.channel != channel else phone

    def line_of(self, phone: Phone) -> str:
        """On which line of ours the phone's chat is."""
        return str(self.whatsapp if phone.channel == WHATSAPP else self.line)

    def answered(self, receipt: Receipt) -> Receipt:
        """The receipt, unless it is to be lost on the way."""
        if self.loses_answer:
            self.loses_answer = False
            self.witness("lost answer")
            return SendFailure(Trouble.AMBIGUOUS, "answer lost")
        return receipt

    async def receive(self, accept: Accept) -> None:
        """Open the door and keep it open."""
        self._accept = accept
        self.opened.set()
        await asyncio.Event().wait()

    async def close(self) -> None:
        """Nothing to let go of."""

    def turn_away(self, parcel: Parcel) -> Receipt:
        """It cannot be brought; what it was to say is kept behind the scenes."""
        phone = self.phones.get(parcel.address.id)
        if phone is not None and parcel.act is Act.SEND and parcel.outgoing is not None:
            what, at = parcel.outgoing.text, self._clock.now()
            phone.failed.append(Bubble(self._next_id(), is_ours=True, text=what, at=at, tick=Tick.FAILED))
        return SendFailure(Trouble.UNREACHABLE, "blocked")

    def show(self, phone: Phone, outgoing: Outgoing) -> str:
        """Put a new message on the phone; its id."""
        bubble = Bubble(
            id=self._next_id(),
            is_ours=True,
            text=outgoing.text,
            at=self._clock.now(),
            rows=outgoing.rows,
            version=outgoing.version,
            kind=outgoing.file_kind,
            tick=Tick.DELIVERED if phone.is_online else Tick.SENT,
        )
        phone.bubbles.append(bubble)
        phone.transcript.append(replace(bubble))
        return bubble.id

    def _edit(self, phone: Phone, targets: Sequence[str], outgoing: Outgoing) -> Receipt:
        for bubble in phone.bubbles:
            if bubble.id in targets:
                bubble.text, bubble.rows, bubble.version = outgoing.text, outgoing.rows, outgoing.version
                bubble.is_edited = True
                phone.transcript.append(replace(bubble))
                return Sent((bubble.id,))
        return SendFailure(Trouble.GONE, "message not found")

    def _delete(self, phone: Phone, targets: Sequence[str]) -> Receipt:
        oldest = self._clock.now() - DELETABLE
        phone.bubbles = [b for b in phone.bubbles if b.id not in targets or b.at < oldest]
        return Sent()

    def _next_id(self) -> str:
        self.count += 1
        return str(self.count)

    # ---- what people do on their phones

    def phone(self, phone_id: str, name: str = "", *, is_group: bool = False) -> Phone:
        """The phone with this id, new when it was not there."""
        return self.phones.setdefault(phone_id, Phone(phone_id, name or phone_id, is_group))

    async def says(
        self,
        phone: Phone,
        text: str,
        *,
        kind: Kind = Kind.TEXT,
        reply_to: str = "",
        sender: str = "",
        is_forwarded: bool = False,
        seconds: int = 0,
    ) -> None:
        """Somebody writes (or sends a voice of so many seconds, a photo, ...); returns after the commit."""
        is_her_own = kind in {Kind.VOICE, Kind.PHOTO} and not is_forwarded
        for start in range(0, max(len(text), 1), LONGEST_TEXT):  # a messenger cuts a long text into several
            part = text[start : start + LONGEST_TEXT]
            bubble = Bubble(
                self._next_id(),
                is_ours=False,
                text=part,
                at=self._clock.now(),
                kind=kind,
                tick=Tick.QUEUED,
                sender=sender,
            )
            phone.bubbles.append(bubble)
            phone.transcript.append(replace(bubble))
            file = f"file-{bubble.id}" if is_her_own else ""
            what: dict[str, object] = {"text": part, "kind": kind, "message_id": bubble.id, "file": file}
            if kind is Kind.VOICE:
                what |= {"seconds": seconds, "size": seconds * VOICE_BYTES, "format": FORMAT}
            await self._bring(phone, Sort.MESSAGE, sender, reply_to=reply_to, is_forwarded=is_forwarded, **what)

    async def edits(self, phone: Phone, bubble_id: str, text: str) -> None:
        """She changes a message she sent."""
        for bubble in phone.bubbles:
            if bubble.id == bubble_id and not bubble.is_ours:
                bubble.text, bubble.is_edited = text, True
        await self._bring(phone, Sort.EDIT, "", text=text, message_id=bubble_id)

    async def presses(self, phone: Phone, label: str, *, sender: str = "") -> None:
        """Somebody presses the latest button with this label (or choice); raises LookupError when there is none."""
        found = phone.find(label)
        if found is None:
            raise LookupError(f"{phone.name} sees no button {label}")
        await self.presses_button(phone, *found, sender=sender)

    async def presses_button(self, phone: Phone, bubble: Bubble, button: Button, *, sender: str = "") -> None:
        """Somebody presses exactly this button, however old."""
        version = None if button.is_standing else bubble.version
        await self._bring(phone, Sort.PRESS, sender, choice=button.choice, version=version, message_id=bubble.id)

    async def changes_reach(self, phone: Phone, *, is_reachable: bool) -> None:
        """She blocks or unblocks the bot."""
        phone.has_blocked = not is_reachable
        await self._bring(phone, Sort.REACH, "", text="yes" if is_reachable else "no")

    async def joins(self, group: Phone, sender: str) -> None:
        """Somebody comes into a group."""
        await self._bring(group, Sort.MEMBER, sender, text="joined")

    async def appoints_bot(self, group: Phone, sender: str) -> None:
        """The bot becomes administrator of a group."""
        await self._bring(group, Sort.BOT_IN_GROUP, sender, text="administrator")

    async def _bring(self, phone: Phone, sort: Sort, sender: str, **what: object) -> None:
        if phone.channel == WHATSAPP:
            phone.heard_at = self._clock.now()
        chat = Address(self.line_of(phone), phone.id)
        writer = Address(str(self.line), sender) if sender else chat
        update = Inbound(
            f"u{self._next_id()}", sort, chat, writer, self._clock.now(), is_group=phone.is_group, **what  # type: ignore[arg-type]
        )  # fmt: skip
        self.latest = update
        if self.holds_next:
            self.holds_next = False
            self._held.append(update)
            self.witness("held")
            return
        await self._hand_in(update)
        await self.lets_go()

    async def _hand_in(self, update: Inbound) -> None:
        """As a messenger does: what is not confirmed stays, and comes again."""
        if self._accept is None:
            raise RuntimeError("nobody receives on this channel yet")
        try:
            await self._accept([update])
        except StorageUnavailable:
            self.witness("locked")
            self.unconfirmed.append(update)
            return
        for bubble in self.phones[update.chat.id].bubbles:
            if bubble.id == update.message_id and bubble.tick is Tick.QUEUED:
                bubble.tick = Tick.DELIVERED

    # ---- what a messenger does

    async def repeats_latest(self) -> bool:
        """Bring the latest update a second time; False when there was none."""
        if self.latest is not None:
            await self._hand_in(self.latest)
        return self.latest is not None

    @property
    def is_holding(self) -> bool:
        """Whether an update is held back until a later one has overtaken it."""
        return bool(self._held)

    async def lets_go(self) -> None:
        """Bring what was held back."""
        held, self._held = self._held, []
        for update in held:
            self.witness("late")
            await self._hand_in(update)

    async def brings_again(self) -> int:
        """Bring what was not confirmed; how many updates."""
        again, self.unconfirmed = self.unconfirmed, []
        for update in again:
            self.witness("again")
            await self._hand_in(update)
        return len(again)


def _fits(outgoing: Outgoing) -> bool:
    """Whether Telegram would take it."""
    return 0 < len(outgoing.text) + len(outgoing.file) <= LONGEST_TEXT and _are_allowed(outgoing.rows)


def _are_allowed(rows: Rows) -> bool:
    buttons = [button for row in rows for button in row]
    fit = all(button.label and len(button.choice.encode()) <= LONGEST_CHOICE for button in buttons)
    return fit and len(buttons) <= MOST_BUTTONS
