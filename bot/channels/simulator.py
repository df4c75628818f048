"""A messenger in memory: phones and groups that can be looked at and used, for rehearsals and for tests."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from bot.core.addresses import Address, Line
from bot.core.channel import Accept
from bot.core.messages import Act, Button, Inbound, Kind, Outgoing, Parcel, Receipt, SendFailure, Sent, Sort, Trouble
from bot.core.ports import Clock

DELETABLE = timedelta(hours=48)
LONGEST_TEXT = 4096


@dataclass(slots=True)
class Bubble:
    """One message as a phone shows it; `is_ours` when the bot sent it."""

    id: str
    is_ours: bool
    text: str
    at: datetime
    rows: tuple[tuple[Button, ...], ...] = ()
    version: int = 0
    kind: Kind = Kind.TEXT
    is_edited: bool = False


@dataclass(slots=True)
class Phone:
    """A chat with the bot: a person's, or a group's."""

    id: str
    name: str
    is_group: bool = False
    is_online: bool = True
    has_blocked: bool = False
    bubbles: list[Bubble] = field(default_factory=list)
    transcript: list[Bubble] = field(default_factory=list)

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
    """The channel port in memory, with Telegram's limits on texts and deleting."""

    def __init__(self, clock: Clock, line: Line | None = None) -> None:
        self.line = line or Line("simulator", "demo")
        self.phones: dict[str, Phone] = {}
        self.faults: list[SendFailure] = []
        self._clock = clock
        self.opened = asyncio.Event()
        self._accept: Accept | None = None
        self._count = 0

    # ---- the channel port

    async def send(self, parcel: Parcel) -> Receipt:
        """Show, change or remove a message on the phone."""
        if self.faults:
            return self.faults.pop(0)
        phone = self.phones.get(parcel.address.id)
        if phone is None or phone.has_blocked:
            return SendFailure(Trouble.UNREACHABLE, "blocked")
        if parcel.act is Act.DELETE:
            return self._delete(phone, parcel.targets)
        if parcel.outgoing is None or not 0 < len(parcel.outgoing.text) + len(parcel.outgoing.file) <= LONGEST_TEXT:
            return SendFailure(Trouble.REFUSED, "length")
        if parcel.act is Act.EDIT:
            return self._edit(phone, parcel.targets, parcel.outgoing)
        return self._show(phone, parcel.outgoing)

    async def receive(self, accept: Accept) -> None:
        """Open the door and keep it open."""
        self._accept = accept
        self.opened.set()
        await asyncio.Event().wait()

    async def close(self) -> None:
        """Nothing to let go of."""

    def _show(self, phone: Phone, outgoing: Outgoing) -> Receipt:
        bubble = Bubble(
            self._next_id(), True, outgoing.text, self._clock.now(), outgoing.rows, outgoing.version, outgoing.file_kind
        )  # fmt: skip
        phone.bubbles.append(bubble)
        phone.transcript.append(replace(bubble))
        return Sent((bubble.id,))

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
        self._count += 1
        return str(self._count)

    # ---- what people do on their phones

    def phone(self, phone_id: str, name: str = "", *, is_group: bool = False) -> Phone:
        """The phone with this id, new when it was not there."""
        return self.phones.setdefault(phone_id, Phone(phone_id, name or phone_id, is_group))

    async def says(self, phone: Phone, text: str, *, kind: Kind = Kind.TEXT, reply_to: str = "", sender: str = "", is_forwarded: bool = False) -> None:  # fmt: skip
        """Somebody writes (or sends a voice, photo, ...); returns after the commit."""
        bubble = Bubble(self._next_id(), False, text, self._clock.now(), kind=kind)
        phone.bubbles.append(bubble)
        phone.transcript.append(replace(bubble))
        is_her_own = kind in {Kind.VOICE, Kind.PHOTO} and not is_forwarded
        file = f"file-{bubble.id}" if is_her_own else ""
        await self._bring(
            phone, Sort.MESSAGE, sender, text=text, kind=kind, message_id=bubble.id, reply_to=reply_to, file=file, is_forwarded=is_forwarded
        )  # fmt: skip

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
        if self._accept is None:
            raise RuntimeError("nobody receives on this channel yet")
        chat = Address(str(self.line), phone.id)
        writer = Address(str(self.line), sender or phone.id)
        update = Inbound(
            f"u{self._next_id()}", sort, chat, writer, self._clock.now(), is_group=phone.is_group, **what  # type: ignore[arg-type]
        )  # fmt: skip
        await self._accept([update])
