"""The templates of an account, as the Cloud API lists them."""

import re
from collections.abc import Iterable
from typing import Any

from bot.core.templates import Approved

Json = dict[str, Any]

_PLACE = re.compile(r"\{\{\w+\}\}")


def read_templates(listed: Iterable[object]) -> list[Approved]:
    """Those that can be read; anything else is no template of ours."""
    return [_read(one) for one in listed if isinstance(one, dict)]


def _read(template: Json) -> Approved:
    parts = [part for part in template.get("components") or () if isinstance(part, dict)]
    text = next((str(part.get("text", "")) for part in parts if part.get("type") == "BODY"), "")
    buttons = [one for part in parts if part.get("type") == "BUTTONS" for one in part.get("buttons") or ()]
    return Approved(
        name=str(template.get("name", "")),
        language=str(template.get("language", "")),
        is_approved=template.get("status") == "APPROVED",
        text=text,
        parameters=len(set(_PLACE.findall(text))),
        buttons=sum(isinstance(one, dict) and one.get("type") == "QUICK_REPLY" for one in buttons),
    )
