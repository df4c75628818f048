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
ANY_WORDS = (*WORDS.items(), ("button", "text"))


def kind_of(body: Json) -> Kind:
    """What sort of message it is; a recording that was not made as a voice message may be anybody's (S19)."""
    if body["type"] == "audio":
        return Kind.VOICE if body["audio"].get("voice") is True else Kind.DOCUMENT
    return KINDS.get(body["type"], Kind.OTHER)


def words_of(body: Json) -> str:
    """Her words: the text, the caption, or what she wrote beside an order; only a text is nothing without them."""
    name = WORDS.get(body["type"])
    text = body[body["type"]].get(name, None if body["type"] == "text" else "") if name else ""
    if not isinstance(text, str):
        raise TypeError("a text was expected")
    return clean(text)


def words_within(body: Json) -> str:
    """Whatever words stand where words can stand, in a message that cannot be read otherwise (S7)."""
    edited = body.get("edit")
    places = [body, edited.get("message") if isinstance(edited, dict) else None]
    held = [(place.get(kind), name) for place in places if isinstance(place, dict) for kind, name in ANY_WORDS]
    texts = [inner.get(name) for inner, name in held if isinstance(inner, dict)]
    return "\n".join(clean(text) for text in texts if isinstance(text, str))


def said(body: Json) -> Json:
    """Without its nulls, which say no more than a field that is left out."""
    return {
        name: said(value) if isinstance(value, dict) else value for name, value in body.items() if value is not None
    }


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
