"""The one conversation that everybody plays: a mother who has joined says hello, chooses her language, reads a page."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

AT_ONCE = 100
"""The most updates that a line hands out before the first of them is confirmed: the Bot API's own limit."""
FIRST_ID = 700_000_000
"""The Telegram number of the first invented mother."""
ANSWER = "Дар хонаи мо шом оромтар аст, вақте ки ҳама якҷоя менишинем."
STEPS = (
    ("writes", "/start"),
    ("writes", "/language"),
    ("presses", "language:tg"),
    ("presses", "lesson.next"),
    ("presses", "lesson.next_card"),
    ("presses", "lesson.next_card"),
    ("presses", "lesson.next_card"),
    ("writes", ANSWER),
    ("presses", "answer.no"),
    ("presses", "practice.yes"),
    ("writes", "Танзимот"),
    ("presses", "menu"),
)
"""What she does, in words or by the choice of a button on her screen."""


@dataclass(frozen=True, slots=True)
class Reply:
    """A message that answers a step: its text, and rows of (label, data) buttons."""

    text: str
    rows: list[list[tuple[str, str]]]


@dataclass(frozen=True, slots=True)
class Step:
    """One update of hers (`kind` is writes or presses) and what the bot says to it."""

    kind: str
    value: str
    replies: list[Reply]


def save(path: Path, steps: Sequence[Step]) -> None:
    """Write the rehearsed conversation down."""
    path.write_text(json.dumps([asdict(step) for step in steps], ensure_ascii=False), encoding="utf-8")


def load(path: Path) -> list[Step]:
    """The rehearsed conversation."""
    return [
        Step(step["kind"], step["value"], [Reply(**reply) for reply in step["replies"]])
        for step in json.loads(path.read_text(encoding="utf-8"))
    ]


def pages(
    steps: Sequence[Step], mothers: int, at: int, first: int = 100_000_000, first_mother: int = FIRST_ID
) -> list[bytes]:
    """Answers of getUpdates: every mother's first step, then every mother's second one, at most 100 in an answer."""
    screens = [Reply("…", []), *(step.replies[-1] for step in steps)]
    updates = [
        update(step, screen, first_mother + n, at, first + number * mothers + n)
        for number, (step, screen) in enumerate(zip(steps, screens, strict=False))
        for n in range(mothers)
    ]
    return [page_of(updates[n : n + AT_ONCE]) for n in range(0, len(updates), AT_ONCE)]


def page_of(updates: Sequence[dict[str, Any]]) -> bytes:
    """One answer of getUpdates."""
    return json.dumps({"ok": True, "result": updates}, ensure_ascii=False).encode()


def update(step: Step, screen: Reply, person: int, at: int, number: int) -> dict[str, Any]:
    """One update as Telegram writes it; a press comes with the message that carries the button."""
    chat = {"id": person, "first_name": "Invented", "last_name": "Person", "type": "private"}
    hers = {"id": person, "is_bot": False, "first_name": "Invented", "last_name": "Person", "language_code": "tg"}
    if step.kind == "presses":
        shown = message(chat, screen, at, number)
        press = {"id": str(number), "from": hers, "message": shown, "chat_instance": str(person), "data": step.value}
        return {"update_id": number, "callback_query": press}
    written = {"message_id": number, "from": hers, "chat": chat, "date": at, "text": step.value}
    if step.value.startswith("/"):
        written["entities"] = [{"offset": 0, "length": len(step.value.split()[0]), "type": "bot_command"}]
    return {"update_id": number, "message": written}


def message(chat: dict[str, Any], reply: Reply, at: int, number: int) -> dict[str, Any]:
    """A message of the bot as Telegram shows it, in updates and in the answer to sendMessage."""
    keyboard = [[{"text": label, "callback_data": data} for label, data in row] for row in reply.rows]
    return {
        "message_id": number,
        "from": {"id": 1, "is_bot": True, "first_name": "Hamroh", "username": "invented_bot"},
        "chat": chat,
        "date": at,
        "text": reply.text,
        "link_preview_options": {"is_disabled": True},
        **({"reply_markup": {"inline_keyboard": keyboard}} if keyboard else {}),
        "has_protected_content": True,
    }
