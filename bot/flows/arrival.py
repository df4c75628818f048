"""What an update means: which event it is, and whether it is played in the chat's or in the writer's conversation."""

import re
from typing import Literal

from bot.core.conversation import Owner
from bot.core.event import Event
from bot.core.events import ButtonPressed, MessageEdited, MessageReceived, MessageWithdrawn, ReachChanged, Started
from bot.core.groups import GroupBound, GroupChanged
from bot.core.messages import Inbound, Kind, Sort
from bot.core.moving import spoken_code

_START = re.compile(r"/start(?:@\w+)?(?:\s+([A-Za-z0-9_-]{1,64}))?\s*")
_BIND = re.compile(r"/bind(?:@\w+)?\s+([A-Za-z0-9_-]{1,64})\s*")
_LINK_CODE = re.compile(r"[A-Za-z0-9_-]{22,43}")

Where = Literal["chat", "sender"]


def event_of(inbound: Inbound, owner: Owner, staff_id: str) -> tuple[Where, Event | None]:
    """The event and where it plays; None is something that concerns nobody (talk in a group).

    `owner` is the owner of the chat's conversation, `staff_id` the writer's if she is one of us.
    """
    if inbound.is_group:
        return _in_group(inbound, staff_id)
    if inbound.sort is Sort.REACH:
        return "chat", ReachChanged(inbound.text == "yes", is_another=inbound.text in {"another", "elsewhere"})
    if inbound.sort is Sort.PRESS:
        return "chat", ButtonPressed(inbound.choice or "stale", inbound.version, inbound.message_id)
    if inbound.sort is Sort.WITHDRAWN:
        is_hers = owner in {Owner.STRANGER, Owner.PARTICIPANT}
        return "chat", MessageWithdrawn(inbound.message_id) if is_hers else None
    if inbound.sort is Sort.EDIT:
        return "chat", MessageEdited(inbound.text, inbound.message_id)
    return "chat", _message(inbound, owner)


def _message(inbound: Inbound, owner: Owner) -> Event:
    """A code is understood wherever it is sent; a spoken one only from a stranger, who has nothing to say yet."""
    if inbound.kind is Kind.TEXT and not inbound.is_forwarded:
        text = inbound.text.strip()
        if start := _START.fullmatch(text):
            return Started(start.group(1) or "", inbound.message_id, inbound.chat.is_lasting)
        if _LINK_CODE.fullmatch(text) and any(letter.isdigit() for letter in text):
            return Started(text, inbound.message_id, inbound.chat.is_lasting)
        if owner is Owner.STRANGER and (spoken := spoken_code(text)):
            return Started(spoken, inbound.message_id, inbound.chat.is_lasting)
    return MessageReceived(
        text=inbound.text,
        kind=inbound.kind,
        message_id=inbound.message_id,
        reply_to=inbound.reply_to,
        is_forwarded=inbound.is_forwarded,
        file=inbound.file,
        seconds=inbound.seconds,
        size=inbound.size,
        format=inbound.format,
        album=inbound.album,
    )


def _in_group(inbound: Inbound, staff_id: str) -> tuple[Where, Event | None]:
    if inbound.sort is Sort.PRESS:
        if staff_id:
            return "sender", ButtonPressed(inbound.choice or "stale", None, "")
        return "chat", GroupChanged("pressed")
    if inbound.sort is Sort.BOT_IN_GROUP:
        return "chat", standing_changed(inbound.text, staff_id)
    if inbound.sort is Sort.MEMBER:
        return "chat", GroupChanged(inbound.text, staff_id)
    if inbound.sort is Sort.MESSAGE and (code := _code_in_group(inbound.text.strip())):
        return "chat", GroupBound(staff_id, code)
    return "chat", None


def standing_changed(standing: str, staff_id: str = "") -> GroupChanged:
    """What the bot is in a group from now on: administrator, member, or out of it (`left`)."""
    return GroupChanged("lost" if standing == "left" else standing, staff_id)


def _code_in_group(text: str) -> str:
    """The code by which a group is bound: written, or brought by the link that adds the bot; else empty."""
    found = _BIND.fullmatch(text) or _START.fullmatch(text)
    return (found.group(1) or "") if found else ""
