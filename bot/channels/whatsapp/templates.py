"""The templates of an account, as the Cloud API lists them."""

import re
from collections.abc import Iterable
from typing import Any

from bot.core.templates import Approved

Json = dict[str, Any]

_PLACE = re.compile(r"\{\{\s*(\w+)\s*\}\}")


def read_templates(listed: Iterable[object]) -> list[Approved]:
    """Those that can be read; anything else is no template of ours."""
    return [_read(one) for one in listed if isinstance(one, dict)]


def _read(template: Json) -> Approved:
    parts = [part for part in template.get("components") or () if isinstance(part, dict)]
    buttons = [one for part in parts for one in part.get("buttons") or () if isinstance(one, dict)]
    titles = tuple(str(one.get("text", "")) for one in buttons)
    places = [place for part in parts if part.get("type") == "BODY" for place in _PLACE.findall(_words(part))]
    return Approved(
        name=str(template.get("name", "")),
        language=str(template.get("language", "")),
        is_approved=template.get("status") == "APPROVED",
        shown=tuple(filter(None, (*map(_words, parts), *titles))),
        parameters=len(set(places)),
        titles=titles,
        is_plain=all(map(_is_words, parts))
        and all(one.get("type") == "QUICK_REPLY" for one in buttons)
        and all(place.isdigit() for place in places),
    )


def _words(part: Json) -> str:
    return str(part.get("text") or "")


def _is_words(part: Json) -> bool:
    """A header of words, the text, a footer or buttons: nothing that would have to be sent along."""
    match part.get("type"):
        case "BODY" | "BUTTONS":
            return True
        case "HEADER" | "FOOTER":
            return part.get("format", "TEXT") == "TEXT" and not _PLACE.search(_words(part))
        case _:
            return False
