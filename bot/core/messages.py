"""What came in from a channel and what goes out to one; nothing here knows a provider."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Literal, NamedTuple

from bot.core.addresses import Address

Language = Literal["tg", "ru"]
LANGUAGES: tuple[Language, ...] = ("tg", "ru")


class Kind(StrEnum):
    """What sort of message she sent; everything that is not text arrives without its content (S18, S19)."""

    TEXT = "text"
    VOICE = "voice"
    PHOTO = "photo"
    VIDEO = "video"
    DOCUMENT = "document"
    STICKER = "sticker"
    CONTACT = "contact"
    LOCATION = "location"
    OTHER = "other"


class Sort(StrEnum):
    """What sort of update an inbound is."""

    MESSAGE = "message"
    EDIT = "edit"
    PRESS = "press"
    REACH = "reach"  # she blocked or unblocked us; `text` is "yes", "no", "another" (phone behind her) or "elsewhere"
    MEMBER = "member"  # somebody came into or left a group of ours; `text` is "joined" or "left"
    BOT_IN_GROUP = "bot_in_group"  # we were added ("administrator", "member") or removed ("left")
    MIGRATED = "migrated"  # the group got a new address, in `text`
    WITHDRAWN = "withdrawn"  # she took a message of hers back; `message_id` is which
    UNREADABLE = "unreadable"  # authentic, but this release cannot read it


@dataclass(frozen=True, slots=True)
class Inbound:
    """One update after the whitelist of S18: no names, usernames, contacts, places or origins.

    `alias` is another name of the chat on its line, by which its messenger may call the same person: the number beside
    an id of her own.  It is the chat's id itself where a messenger names nothing but a number.

    `external_id` is unique within the line for 8 days.  `chat` is where it was written, `sender` who wrote it (equal
    in a private chat).  `file` is the channel's id of her own voice or photo, never of a forward (S19); where another
    channel must fetch it, it begins with the line and a slash.  `seconds`, `size` (bytes) and `format` are those of a
    voice, where the channel tells.  `album` is the same for what was sent together.  `choice` and `version` come from a
    button of ours; `version` is None on a standing one.
    """

    external_id: str
    sort: Sort
    chat: Address
    sender: Address
    at: datetime
    kind: Kind = Kind.TEXT
    text: str = ""
    message_id: str = ""
    reply_to: str = ""
    is_group: bool = False
    is_forwarded: bool = False
    file: str = ""
    seconds: int = 0
    size: int = 0
    format: str = ""
    album: str = ""
    choice: str = ""
    version: int | None = None
    press_id: str = ""
    alias: str = ""


class Button(NamedTuple):
    """A choice under a message.

    A step button holds for one step of the conversation and dies when the next step is shown; a
    *standing* one (help, hide, take) works whenever it is pressed and must be harmless when pressed twice.
    `choice` is at most 40 bytes of ASCII.
    """

    label: str
    choice: str
    is_standing: bool = False


Rows = tuple[tuple[Button, ...], ...]


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A message to send: plain text (never markup) and rows of buttons, or a file of hers with a caption.

    `version` is stamped into its step buttons by the turn that says it.  `first` is the number by which its first
    button can be typed instead of pressed.
    """

    text: str
    rows: Rows = ()
    version: int = 0
    file: str = ""
    file_kind: Kind = Kind.TEXT
    first: int = 1


@dataclass(frozen=True, slots=True)
class Sent:
    """The channel took it; `message_ids` are its ids there, one per part."""

    message_ids: tuple[str, ...] = ()


class Trouble(StrEnum):
    """Why a send did not succeed, in words that every channel shares."""

    RATE = "rate"  # wait `retry_after` seconds; the whole line if `is_line_wide`
    AGAIN = "again"  # nothing arrived; try again
    AMBIGUOUS = "ambiguous"  # perhaps it arrived, perhaps not
    UNREACHABLE = "unreachable"  # blocked, deactivated, kicked
    REFUSED = "refused"  # this message can never be sent; a dead letter
    GONE = "gone"  # what should be edited, deleted or passed on is no longer there
    TEMPLATE = "template"  # refused, and so is whatever else goes by the same approved line: alarm
    WINDOW = "window"  # a day and more since she last wrote: only a template may go
    MOVED = "moved"  # the group has a new address, in `moved_to`
    TOKEN = "token"  # noqa: S105 - a name of a trouble; the line's token is refused: stop the line, alarm


UNFETCHED = "file not fetched"
"""The code of a file that lies with another channel and does not come just now."""


@dataclass(frozen=True, slots=True)
class SendFailure:
    """A failed send as a value; `code` is the provider's, and carries no text of people."""

    trouble: Trouble
    code: str = ""
    retry_after: float = 0.0
    is_line_wide: bool = False
    moved_to: str = ""


Receipt = Sent | SendFailure


class Stage(StrEnum):
    """How far a message has come, by a later word of the channel."""

    SENT = "sent"
    ARRIVED = "arrived"  # on her phone; whether she read it is nobody's business
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Word:
    """What a channel says of a message after it took it; words come twice, late, and in any order.

    `key` is the outbox row's id that went with the message.  `is_last`: it is the message's last part.  `at` is when
    it became so, by our clock; None where the channel does not say.
    """

    key: str
    message_id: str
    stage: Stage
    is_last: bool = True
    failure: SendFailure | None = None
    at: datetime | None = None

    def since(self, now: datetime) -> datetime:
        """From when what it says counts."""
        return now if self.at is None else min(self.at, now)


class Lane(StrEnum):
    """Order of urgency in a mailbox; a higher lane passes a lower one (architecture §2, rule 9)."""

    ESCALATION = "escalation"
    REPLY = "reply"
    SCHEDULE = "schedule"
    BROADCAST = "broadcast"

    @property
    def rank(self) -> int:
        """0 is first."""
        return _LANE_RANKS[self]


_LANE_RANKS = {Lane.ESCALATION: 0, Lane.REPLY: 1, Lane.SCHEDULE: 2, Lane.BROADCAST: 3}


class Act(StrEnum):
    """What an outbox row does on the channel."""

    SEND = "send"
    EDIT = "edit"
    DELETE = "delete"


@dataclass(frozen=True, slots=True)
class Parcel:
    """One outbox row opened for sending: what to do, where, with which ids.

    `targets` are the channel's message ids to edit (one) or delete (at most 100, younger than 48 h).
    `key` is the outbox row's id; WhatsApp carries it back in its statuses.  `purpose` is why it is sent.  `heard_at` is
    when she last acted by herself from this address, None when that is not known: some messengers bring free words to
    her only for a time after it.
    """

    key: str
    address: Address
    act: Act
    outgoing: Outgoing | None = None
    targets: tuple[str, ...] = field(default=())
    purpose: str = ""
    heard_at: datetime | None = None
