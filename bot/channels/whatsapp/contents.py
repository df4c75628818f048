"""What a message of WhatsApp holds: its kind, her words, and her own voice or photo."""

from typing import Any

from bot.channels.parts import clean
from bot.core.messages import Kind

Json = dict[str, Any]

KINDS = {
    "text": Kind.TEXT,
    "image": Kind.PHOTO,
    "video": Kind.VIDEO,
    "document": Kind.DOCUMENT,
    "sticker": Kind.STICKER,
    "location": Kind.LOCATION,
    "contacts": Kind.CONTACT,
}
WORDS = {"text": "body", "image": "caption", "video": "caption", "document": "caption", "order": "text"}
"""Where words of hers stand, by the type of the message (all of them are screened, S7)."""


def kind_of(body: Json) -> Kind:
    """What sort of message it is; a recording that was not made as a voice message may be anybody's (S19)."""
    if body["type"] == "audio":
        return Kind.VOICE if body["audio"].get("voice") is True else Kind.DOCUMENT
    return KINDS.get(body["type"], Kind.OTHER)


def words_of(body: Json) -> str:
    """Her words: the text, the caption, or what she wrote beside an order."""
    name = WORDS.get(body["type"])
    text = body[body["type"]].get(name, "") if name else ""
    if not isinstance(text, str):
        raise TypeError("a text was expected")
    return clean(text)


def own_file(kind: Kind, body: Json) -> str:
    """The id of her voice, photo or video; empty for everything else."""
    if kind not in {Kind.VOICE, Kind.PHOTO, Kind.VIDEO}:
        return ""
    found = body[body["type"]]["id"]
    if not isinstance(found, str) or not found.isalnum():
        raise TypeError("the id of a file must be letters and digits")
    return found


def is_forwarded(body: Json) -> bool:
    """Whether it was passed on from another chat."""
    context = body.get("context") or {}
    return bool(context.get("forwarded") or context.get("frequently_forwarded"))
