"""A message of ours as WhatsApp shows it: plain, with three buttons, as a list, or with numbers to type.

Nothing is ever cut: what does not fit one form goes in the next roomier one.
"""

from typing import Any

from bot.channels.parts import TEXT_UNITS, clean, split, units
from bot.core.messages import Button, Outgoing
from bot.core.templates import Template

Json = dict[str, Any]

BODY_UNITS = 1024
MOST_REPLIES, REPLY_UNITS = 3, 20
MOST_ROWS, ROW_UNITS = 10, 24
ID_LENGTH = 200
OPENS_LIST = "Меню"
"""What opens a list of choices; one word in both languages."""


class Unsendable(ValueError):
    """Raised here and caught by the sender: no message can be made of this; the text is a code."""


def render(outgoing: Outgoing) -> list[Json]:
    """The messages that say it, in order, each with its `type`; raises Unsendable."""
    if outgoing.file:
        raise Unsendable("kind of file")
    text = clean(outgoing.text).strip()
    buttons = [button for row in outgoing.rows for button in row]
    if not text:
        raise Unsendable("no text")
    if not buttons:
        return _texts(text)
    choices = [(_choice(button, outgoing.version), clean(button.label).strip()) for button in buttons]
    action = _replies(choices) or _list(choices)
    if action is None:
        return _texts(f"{text}\n\n{_numbered(choices, outgoing.first)}")
    *before, body = split(text) if units(text) <= BODY_UNITS else split(text, BODY_UNITS)
    interactive = {"type": "button" if "buttons" in action else "list", "body": {"text": body}, "action": action}
    return [*map(_text, _joined(before)), {"type": "interactive", "interactive": interactive}]


def render_template(outgoing: Outgoing, template: Template) -> Json:
    """The approved line that stands for a message, with its choices; not a word of the message goes out.

    Raises Unsendable when the template has other buttons than the message.
    """
    buttons = [button for row in outgoing.rows for button in row]
    if not buttons or len(buttons) != template.buttons:
        raise Unsendable("template buttons")
    components: list[Json] = []
    if template.parameters:
        words = [{"type": "text", "text": word} for word in template.parameters]
        components.append({"type": "body", "parameters": words})
    for index, button in enumerate(buttons):
        payload = {"type": "payload", "payload": _choice(button, outgoing.version)}
        pressed = {"type": "button", "sub_type": "quick_reply", "index": str(index), "parameters": [payload]}
        components.append(pressed)
    language = {"policy": "deterministic", "code": template.language}
    named = {"name": template.name, "language": language, "components": components}
    return {"type": "template", "template": named}


def _texts(text: str) -> list[Json]:
    return [_text(part) for part in split(text)]


def _text(body: str) -> Json:
    return {"type": "text", "text": {"body": body, "preview_url": False}}


def _joined(parts: list[str]) -> list[str]:
    """Short parts before the one with the choices, as few messages as they fit into."""
    joined: list[str] = []
    for part in parts:
        longer = f"{joined[-1]}\n{part}" if joined else part
        if joined and units(longer) <= TEXT_UNITS:
            joined[-1] = longer
        else:
            joined.append(part)
    return joined


def _replies(choices: list[tuple[str, str]]) -> Json | None:
    if len(choices) > MOST_REPLIES or not _fit(choices, REPLY_UNITS):
        return None
    return {"buttons": [{"type": "reply", "reply": {"id": choice, "title": label}} for choice, label in choices]}


def _list(choices: list[tuple[str, str]]) -> Json | None:
    if len(choices) > MOST_ROWS or not _fit(choices, ROW_UNITS):
        return None
    return {"button": OPENS_LIST, "sections": [{"rows": [{"id": id_, "title": label} for id_, label in choices]}]}


def _fit(choices: list[tuple[str, str]], longest: int) -> bool:
    """Whether the labels fit and can be told apart; WhatsApp refuses equal ones."""
    labels = {label for _, label in choices}
    is_distinct = len(labels) == len(choices) == len({choice for choice, _ in choices})
    return is_distinct and all(0 < units(label) <= longest for label in labels)


def _numbered(choices: list[tuple[str, str]], first: int) -> str:
    """The choices by the numbers under which the conversation knows them."""
    return "\n".join(f"{number}. {label}" for number, (_, label) in enumerate(choices, first))


def _choice(button: Button, version: int) -> str:
    choice = f"|{button.choice}" if button.is_standing else f"{version}|{button.choice}"
    if not button.choice or not choice.isascii() or len(choice) > ID_LENGTH or choice != choice.strip():
        raise Unsendable("button id")
    return choice
