"""Limits that WhatsApp's description does not write down, and the refusals of the real server."""

from collections import deque
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

Json = dict[str, Any]

LONGEST_TEXT = 4096
MOST_ROWS = 10
DAY = timedelta(hours=24)


@dataclass(frozen=True)
class Refusal:
    """An answer with an error: the HTTP status and WhatsApp's code."""

    status: int
    code: int
    subcode: int = 0

    def body(self) -> Json:
        """As the Graph API writes it."""
        error = {"message": f"(#{self.code}) Invented words", "type": "OAuthException", "code": self.code}
        more = {"error_subcode": self.subcode} if self.subcode else {}
        return {"error": error | more | {"fbtrace_id": "Invented"}}


TOKEN = Refusal(401, 190)
UNKNOWN_NUMBER = Refusal(400, 100)
WRONG = Refusal(400, 100)
OUTSIDE_WINDOW = Refusal(400, 131047)
PAIR = Refusal(400, 131056)
THROUGHPUT = Refusal(429, 130429)
NO_TEMPLATE = Refusal(404, 132001)
PARAMETERS = Refusal(400, 132000)
UNDELIVERABLE = 131026


def too_much(message: Json) -> list[str]:
    """What of a message is over the real limits, though its description allows it."""
    if message["type"] == "text":
        body = message["text"]["body"]
        return [] if len(body.strip()) > 0 and len(body) <= LONGEST_TEXT else ["text.body: 1 to 4096 characters"]
    if message["type"] != "interactive":
        return []
    interactive = message["interactive"]
    choices = choices_of(message)
    wrong = [] if interactive["body"]["text"].strip() else ["body: empty"]
    for name, values in (("id", [choice for choice, _ in choices]), ("title", [title for _, title in choices])):
        if len(set(values)) < len(values) or any(not value or value != value.strip() for value in values):
            wrong.append(f"{name}: empty, padded or twice")
    if interactive["type"] == "list" and len(choices) > MOST_ROWS:
        wrong.append("more than ten rows")
    has_buttons = "buttons" in interactive["action"]
    return [*wrong, *([] if has_buttons == (interactive["type"] == "button") else ["another kind of action"])]


def choices_of(message: Json) -> list[tuple[str, str]]:
    """The id and title of everything that can be chosen under a message."""
    action = message.get("interactive", {}).get("action", {})
    if "buttons" in action:
        return [(one["reply"]["id"], one["reply"]["title"]) for one in action["buttons"]]
    return [(row["id"], row["title"]) for section in action.get("sections", ()) for row in section["rows"]]


@dataclass(frozen=True)
class Rates:
    """80 a second for a number; one in six seconds to a person, with 45 borrowed from the future."""

    line_per_second: int = 80
    pair_seconds: float = 6.0
    pair_burst: int = 45


class Meter:
    """Counts what was sent and says which limit the next message would break."""

    def __init__(self, rates: Rates) -> None:
        self._rates = rates
        self._line: deque[datetime] = deque()
        self._pairs: dict[str, tuple[float, datetime]] = {}

    def refuse(self, person: str, now: datetime) -> Refusal | None:
        """Count one message; why it is refused, if it is."""
        while self._line and self._line[0] <= now - timedelta(seconds=1):
            self._line.popleft()
        if len(self._line) >= self._rates.line_per_second:
            return THROUGHPUT
        tokens, since = self._pairs.get(person, (float(self._rates.pair_burst), now))
        tokens += (now - since).total_seconds() / self._rates.pair_seconds
        tokens = min(float(self._rates.pair_burst), tokens)
        if tokens < 1:
            return PAIR
        self._pairs[person] = (tokens - 1, now)
        self._line.append(now)
        return None
