"""WhatsApp on the simulator's phones: its forms of choices, its day for free words, and nothing taken back."""

import asyncio
from dataclasses import replace

from bot.channels.simulator import WHATSAPP, SimulatorChannel
from bot.channels.whatsapp.rendering import Unsendable, render
from bot.core.addresses import free_until
from bot.core.channel import Accept
from bot.core.effects import Purpose
from bot.core.messages import Act, Outgoing, Parcel, Receipt, SendFailure, Sent, Trouble
from bot.core.ports import Clock
from bot.core.templates import NO_TEMPLATES

APPROVED = "Ваша страница готова. Откройте, когда будет удобно."
"""The invented template of this line: neutral and Russian, as there are none in Tajik, with Open and Later."""
TEMPLATED = frozenset({Purpose.PUSH, Purpose.COVER, Purpose.BROADCAST})
REACH = NO_TEMPLATES.daily_reach
"""How many who are silent this line lets a broadcast reach in a day, where the operator names no number."""
QUICK_REPLIES = 2


class SimulatedWhatsApp:
    """A second line over the same phones, for those whose owner uses WhatsApp."""

    def __init__(self, phones: SimulatorChannel, clock: Clock) -> None:
        self.line = phones.whatsapp
        self._phones = phones
        self._clock = clock

    async def send(self, parcel: Parcel) -> Receipt:
        """Show a message as WhatsApp would, or refuse it as WhatsApp would."""
        if (failure := self._phones.failure()) is not None:
            return failure
        phone = self._phones.reached(parcel, WHATSAPP)
        if phone is None:
            return self._phones.turn_away(parcel)
        if parcel.act is Act.DELETE:
            return SendFailure(Trouble.GONE, "cannot be deleted")
        try:
            forms = self._forms(parcel)
        except Unsendable as why:
            return SendFailure(Trouble.REFUSED, str(why))
        if not forms:
            return SendFailure(Trouble.WINDOW, "closed")
        return self._phones.answered(Sent(tuple(self._phones.show(phone, form) for form in forms)))

    def _forms(self, parcel: Parcel) -> list[Outgoing]:
        """The message; after a day of silence the approved line if one stands for it, else nothing."""
        outgoing = parcel.outgoing
        if outgoing is None:
            raise Unsendable("no message")
        until = free_until(str(self.line), parcel.heard_at)
        if until is None or self._clock.now() < until:
            return forms_of(outgoing)
        buttons = [button for row in outgoing.rows for button in row]
        is_approved = parcel.purpose in TEMPLATED and len(buttons) == QUICK_REPLIES
        return forms_of(replace(outgoing, text=APPROVED)) if is_approved else []

    async def receive(self, accept: Accept) -> None:
        """What is done on the phones comes in by the simulator's own door."""
        del accept
        await asyncio.Event().wait()

    async def close(self) -> None:
        """Nothing to let go of."""


def forms_of(outgoing: Outgoing) -> list[Outgoing]:
    """The messages that WhatsApp makes of one: choices stand below each other, or in the text if they are too many."""
    below = tuple((button,) for row in outgoing.rows for button in row)
    return [
        replace(outgoing, text=message["text"]["body"], rows=())
        if message["type"] == "text"
        else replace(outgoing, text=message["interactive"]["body"]["text"], rows=below)
        for message in render(outgoing)
    ]
