"""What people do on WhatsApp; each act makes a webhook in exactly WhatsApp's shape."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count
from typing import Any

from tests.fakes.cloud_api.ids import HERS, message_id
from tests.fakes.cloud_api.limits import choices_of

Json = dict[str, Any]
Brings = Callable[["CloudPerson", Json], None]

FILES: dict[str, Json] = {
    "voice": {"type": "audio", "audio": {"mime_type": "audio/ogg; codecs=opus", "sha256": "aW52=", "voice": True}},
    "audio": {"type": "audio", "audio": {"mime_type": "audio/mpeg", "sha256": "aW52ZW50ZWQ=", "voice": False}},
    "image": {"type": "image", "image": {"mime_type": "image/jpeg", "sha256": "aW52ZW50ZWQ="}},
    "video": {"type": "video", "video": {"mime_type": "video/mp4", "sha256": "aW52ZW50ZWQ="}},
    "document": {"type": "document", "document": {"filename": "invented.pdf", "mime_type": "application/pdf"}},
    "sticker": {"type": "sticker", "sticker": {"mime_type": "image/webp", "animated": False}},
}  # fmt: skip
PLAIN: dict[str, Json] = {
    "location": {"type": "location", "location": {"latitude": 1.5, "longitude": 2.5, "name": "Invented place"}},
    "contacts": {"type": "contacts", "contacts": [{"name": {"formatted_name": "Invented"}, "phones": []}]},
    "unsupported": {"type": "unsupported", "errors": [{"code": 131051, "title": "Message type unknown"}]},
    "order": {"type": "order", "order": {"catalog_id": "0", "text": "", "product_items": []}},
}  # fmt: skip

_IDS = count(1)
"""Two people may have one number after each other, and never an id of a message."""


@dataclass(frozen=True)
class Bubble:
    """A message of ours as her phone shows it."""

    id: str
    body: Json
    at: datetime

    @property
    def text(self) -> str:
        """Its words."""
        kind = self.body["type"]
        if kind == "template":
            return f"template {self.body['template']['name']} {self.body['template']['language']['code']}"
        return str(self.body["text"]["body"] if kind == "text" else self.body["interactive"]["body"]["text"])

    @property
    def choices(self) -> list[tuple[str, str]]:
        """The id and title of what can be chosen under it."""
        if self.body["type"] != "template":
            return choices_of(self.body)
        components = self.body["template"].get("components", ())
        buttons = [one for one in components if one["type"] == "button"]
        return [(one["parameters"][0]["payload"], f"button {one['index']}") for one in buttons]


@dataclass
class CloudPerson:
    """Somebody with WhatsApp: a business-scoped id, and a number unless she hides it behind a username."""

    id: str
    number: str | None
    brings: Brings
    now: Callable[[], datetime]
    is_reachable: bool = True
    is_on: bool = True
    last_in_at: datetime | None = None
    bubbles: list[Bubble] = field(default_factory=list)
    files: dict[str, bytes] = field(default_factory=dict)

    @property
    def address(self) -> str:
        """How we write to her."""
        return self.id or str(self.number)

    def contact(self) -> Json:
        """As she stands beside her messages."""
        profile = {"name": "Invented Name"} | ({} if self.number else {"username": "invented_name"})
        ids = {"user_id": self.id} if self.id else {}
        return {"profile": profile} | ids | ({"wa_id": self.number} if self.number else {})

    # ---- acts

    def says(self, text: str, *, reply_to: str = "", is_forwarded: bool = False) -> str:
        """Write a text; gives the message's id."""
        return self._acts({"type": "text", "text": {"body": text}}, reply_to, is_forwarded=is_forwarded)

    def sends(
        self, kind: str, *, caption: str = "", content: bytes = b"invented content", is_forwarded: bool = False
    ) -> str:
        """Send what is not text: a key of FILES or PLAIN; gives the message's id."""
        shape = FILES.get(kind) or PLAIN[kind]
        body = {name: dict(value) if isinstance(value, dict) else value for name, value in shape.items()}
        if kind in FILES:
            media_id = f"{self.address.rpartition('.')[2]}{len(self.files):04}"
            self.files[media_id] = content
            body[body["type"]] |= {"id": media_id} | ({"caption": caption} if caption else {})
        return self._acts(body, is_forwarded=is_forwarded)

    def presses(self, choice: str) -> str:
        """Choose what is newest on her screen by its title, its choice, or how the choice begins."""
        for bubble in reversed(self.bubbles):
            for number, title in bubble.choices:
                if title == choice or number.partition("|")[2].startswith(choice):
                    return self.presses_exactly(bubble, number, title)
        raise LookupError(f"no choice {choice!r} on this screen: {[b.choices for b in self.bubbles[-3:]]}")

    def presses_exactly(self, bubble: Bubble, choice: str, title: str = "Invented") -> str:
        """Choose this, however old it is."""
        if bubble.body["type"] == "template":
            return self._acts({"type": "button", "button": {"payload": choice, "text": title}}, bubble.id)
        kind = {"button": "button_reply", "list": "list_reply"}[bubble.body["interactive"]["type"]]
        return self._acts(
            {"type": "interactive", "interactive": {"type": kind, kind: {"id": choice, "title": title}}}, bubble.id
        )

    def reacts(self, message_id: str, emoji: str | None = "👍") -> str:
        """Put a sign under a message, or take it back."""
        sign = {"message_id": message_id} | ({"emoji": emoji} if emoji is not None else {})
        return self._acts({"type": "reaction", "reaction": sign})

    def edits(self, message_id: str, text: str) -> str:
        """Change an own message."""
        message = {"type": "text", "text": {"body": text}}
        return self._acts({"type": "edit", "edit": {"original_message_id": message_id, "message": message}})

    def takes_back(self, message_id: str) -> str:
        """Delete an own message for everybody."""
        return self._acts({"type": "revoke", "revoke": {"original_message_id": message_id}})

    def system(self, kind: str, **what: str) -> str:
        """Something WhatsApp says about her, such as another number."""
        return self._acts({"type": "system", "system": {"type": kind, "body": "Invented words"} | what})

    def _acts(self, body: Json, reply_to: str = "", *, is_forwarded: bool = False) -> str:
        self.last_in_at = self.now()
        name = message_id(self.number or self.id, HERS, next(_IDS))
        context = ({"id": reply_to, "from": "0"} if reply_to else {}) | ({"forwarded": True} if is_forwarded else {})
        head: Json = {"id": name, "timestamp": str(int(self.now().timestamp()))}
        head |= {"from": self.number} if self.number else {}
        head |= {"from_user_id": self.id} if self.id else {}
        self.brings(self, head | ({"context": context} if context else {}) | body)
        return name

    # ---- her screen

    @property
    def texts(self) -> list[str]:
        """What stands in her chat, ours only."""
        return [bubble.text for bubble in self.bubbles]

    @property
    def screen(self) -> str:
        """Everything that anybody who holds the phone can read."""
        return "\n".join(self.texts)
