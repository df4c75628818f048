"""The JSON that Telegram makes: users, members, media, origins of forwards. Every person here is invented."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

Json = dict[str, Any]
COMMAND = re.compile(r"(?<!\S)/[A-Za-z0-9_]{1,32}(@\w+)?")
RIGHTS = (
    "can_manage_chat can_delete_messages can_manage_video_chats can_restrict_members can_promote_members "
    "can_change_info can_invite_users can_post_stories can_edit_stories can_delete_stories"
).split()


@dataclass(frozen=True)
class StoredFile:
    """A file that Telegram keeps: what it is, and its bytes."""

    kind: str
    number: int
    content: bytes
    size: int

    @property
    def ids(self) -> Json:
        """The three fields that every file object has."""
        return {
            "file_id": f"AgACAgIAAxkBAAI{self.kind}{self.number:06d}",
            "file_unique_id": f"AQAD{self.kind[:4]}{self.number:06d}",
            "file_size": self.size,
        }


def entities(text: str) -> list[Json]:
    """The bot commands in a text, with offsets in UTF-16 units."""
    return [
        {"type": "bot_command", "offset": _units(text[: found.start()]), "length": _units(found.group())}
        for found in COMMAND.finditer(text)
    ]


def member(user: Json, status: str) -> Json:
    """A ChatMember of that status."""
    body: Json = {"user": user, "status": status}
    if status == "administrator":
        body |= {"can_be_edited": False, "is_anonymous": False} | dict.fromkeys(RIGHTS, True)
    if status == "creator":
        body["is_anonymous"] = False
    if status == "kicked":
        body["until_date"] = 0
    return body


def origin(kind: str, date: int) -> Json:
    """Where a forwarded message comes from: `user`, `hidden_user` or `channel`."""
    shapes: Json = {
        "user": {"sender_user": {"id": 9_000_001, "is_bot": False, "first_name": "Invented", "last_name": "Forwarder"}},
        "hidden_user": {"sender_user_name": "Invented Hidden"},
        "channel": {
            "chat": {"id": -1_009_000_000_001, "type": "channel", "title": "Invented channel"},
            "message_id": 7,
        },
    }
    return {"type": kind, "date": date, **shapes[kind]}


def _sized(width: int, height: int) -> Json:
    return {"width": width, "height": height}


def _poll() -> Json:
    options = [{"persistent_id": str(n), "text": text, "voter_count": 0} for n, text in enumerate(("Red", "Blue"))]
    flags = {"is_closed": False, "is_anonymous": True, "allows_multiple_answers": False, "allows_revoting": True}
    question = {"id": "5000000000000000001", "question": "Invented question?", "options": options}
    return question | flags | {"total_voter_count": 0, "type": "regular", "members_only": False}


FILE_SHAPES: dict[str, Callable[[Json], object]] = {
    "voice": lambda ids: ids | {"duration": 3, "mime_type": "audio/ogg"},
    "photo": lambda ids: [
        ids | {"file_id": ids["file_id"] + "s", "file_size": 900} | _sized(90, 67),
        ids | _sized(800, 600),
    ],
    "video": lambda ids: ids | _sized(640, 360) | {"duration": 5, "mime_type": "video/mp4", "file_name": "v.mp4"},
    "document": lambda ids: ids | {"file_name": "invented.pdf", "mime_type": "application/pdf"},
    "audio": lambda ids: ids | {"duration": 60, "mime_type": "audio/mpeg", "title": "Invented tune"},
    "sticker": lambda ids: (
        ids
        | _sized(512, 512)
        | {"type": "regular", "is_animated": False, "is_video": False, "emoji": "🙂", "set_name": "invented_set"}
    ),
    "video_note": lambda ids: ids | {"length": 240, "duration": 4},
    "animation": lambda ids: ids | _sized(320, 240) | {"duration": 2, "mime_type": "video/mp4"},
}
"""Media that are files, by the field of Message that holds them."""

PLAIN_SHAPES: dict[str, Callable[[], object]] = {
    "contact": lambda: {"phone_number": "+000000000000", "first_name": "Invented", "user_id": 9_000_002},
    "location": lambda: {"latitude": 0.5, "longitude": 0.25},
    "poll": _poll,
    "dice": lambda: {"emoji": "🎲", "value": 4},
}
"""Other things a person can send."""

KINDS = tuple(FILE_SHAPES) + tuple(PLAIN_SHAPES)


def _units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2
