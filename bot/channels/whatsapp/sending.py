"""Parcels as calls of the Cloud API, and its answers as receipts."""

from collections import OrderedDict
from typing import Any

from bot.channels.whatsapp.api import Answer, Done, Graph
from bot.channels.whatsapp.ids import mark
from bot.channels.whatsapp.rendering import Unsendable, render, render_template
from bot.channels.whatsapp.troubles import PAIR, Pairs, failure_of
from bot.channels.whatsapp.updates import PART
from bot.core.addresses import Address, free_until
from bot.core.messages import Act, Parcel, Receipt, SendFailure, Sent, Trouble
from bot.core.ports import Clock
from bot.core.templates import NO_TEMPLATES, Templates

Json = dict[str, Any]

REMEMBERED = 1000


class Sender:
    """Carries parcels out; remembers which parts of a long text arrived, so that a new attempt goes on from there.

    A day after she last wrote WhatsApp takes templates only.  What has one goes as that neutral line, the rest comes
    back as WINDOW: nothing waits here to go by itself when she writes again (S1).

    Nothing can be taken out of a chat of WhatsApp or changed in it: a deletion finds nothing left to do, and what
    should be edited is said anew.
    """

    def __init__(self, graph: Graph, line: str, clock: Clock, templates: Templates = NO_TEMPLATES) -> None:
        self._graph = graph
        self._line = line
        self._clock = clock
        self._templates = templates
        self._pairs = Pairs()
        self._arrived: OrderedDict[str, list[str]] = OrderedDict()

    async def send(self, parcel: Parcel) -> Receipt:
        """Carry out one parcel; every outcome is a value."""
        if parcel.address.line != self._line:
            return SendFailure(Trouble.REFUSED, "other line")
        if parcel.act is Act.DELETE:
            return SendFailure(Trouble.GONE, "cannot be deleted")
        if parcel.outgoing is None:
            return SendFailure(Trouble.REFUSED, "no message")
        try:
            if self._is_open(parcel):
                messages = render(parcel.outgoing)
            elif (template := self._templates.of(parcel.purpose)) is not None and parcel.outgoing.rows:
                messages = [render_template(parcel.outgoing, template)]
            else:
                return SendFailure(Trouble.WINDOW, "closed")
        except Unsendable as why:
            return SendFailure(Trouble.REFUSED, str(why))
        return await self._send(parcel, messages)

    def _is_open(self, parcel: Parcel) -> bool:
        """Whether she wrote within the last day, less a minute; what we do not know WhatsApp decides."""
        until = free_until(self._line, parcel.heard_at)
        return until is None or self._clock.now() < until

    async def _send(self, parcel: Parcel, messages: list[Json]) -> Receipt:
        ids = self._arrived.pop(parcel.key, [])[: len(messages) - 1]
        for number, message in enumerate(messages[len(ids) :], len(ids) + 1):
            key = parcel.key if number == len(messages) else f"{parcel.key}{PART}{number}"
            answer = await self._graph.send(_addressed(parcel.address, key, message))
            message_id = _message_id(answer)
            if not message_id:
                return self._failure(answer, parcel.address)
            ids.append(message_id)
            self._remember(parcel.key, ids)
        self._arrived.pop(parcel.key, None)
        self._pairs.passed(parcel.address.id)
        return Sent(tuple(ids))

    def _remember(self, key: str, ids: list[str]) -> None:
        self._arrived[key] = ids
        if len(self._arrived) > REMEMBERED:
            self._arrived.popitem(last=False)

    def _failure(self, answer: Answer, address: Address) -> SendFailure:
        failure = failure_of(answer)
        if failure.code != str(PAIR):
            return failure
        wait = max(failure.retry_after, self._pairs.wait(address.id, self._clock.now()))
        return SendFailure(Trouble.RATE, failure.code, wait)


def _addressed(address: Address, key: str, message: Json) -> Json:
    """The message with whom it is for; what only has digits is a number, everything else a business-scoped id."""
    whom = {"to": address.id} if address.id.isdecimal() else {"recipient": address.id}
    common = {"messaging_product": "whatsapp", "recipient_type": "individual", "biz_opaque_callback_data": key}
    return common | whom | message


def _message_id(answer: Answer) -> str:
    """What the message in an answer is known by; empty when there is none."""
    messages = answer.result.get("messages") if isinstance(answer, Done) else None
    first = messages[0] if isinstance(messages, list) and messages else None
    found = first.get("id") if isinstance(first, dict) else None
    return mark(found) if isinstance(found, str) else ""
