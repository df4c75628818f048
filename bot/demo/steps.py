"""What can happen on the stage, one step at a time: in words that a practitioner can read and write."""

import re
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum

from bot.core.errors import CommandRefused

TIME = "time"
MISHAP = "mishap"
NEXT = "until the next thing"


class Verb(StrEnum):
    """What somebody does; the value beside it says what with."""

    STARTS = "starts"  # opens her invitation
    WRITES = "writes"
    PRESSES = "presses"
    SENDS = "sends"  # voice, photo, sticker, contact, location, document, video
    FORWARDS = "forwards"
    EDITS = "edits"  # her last message
    REPLIES = "replies"  # to the latest message of the bot
    TURNS = "turns"  # her phone on or off, or to the other messenger
    BLOCKS = "blocks"
    UNBLOCKS = "unblocks"
    JOINS = "joins"  # comes into a group
    PASSES = "passes"  # time
    STRIKES = "strikes"  # a mishap


@dataclass(frozen=True, slots=True)
class Step:
    """Somebody does something: `Zarina presses: Yes`.

    `where` is the group in which it happens (her own chat otherwise).  `back` counts how many later buttons of the
    same label are passed over: 0 is the latest.  `choice` is what the label stood for, to replay in another language.
    """

    actor: str
    verb: Verb
    value: str = ""
    where: str = ""
    back: int = 0
    choice: str = ""

    @property
    def phone(self) -> str:
        """The phone on which it happens."""
        return self.where or self.actor

    @property
    def key(self) -> str:
        """How a script names it: who, does what, where."""
        return f"{self.actor} {self.verb}" + (f" in {self.where}" if self.where else "")


@dataclass(slots=True)
class Seen:
    """What a step changed on the phones: texts that came, by phone, and how many messages went away."""

    came: dict[str, list[str]] = field(default_factory=dict)
    gone: dict[str, int] = field(default_factory=dict)


_KEY = re.compile(rf"(?P<actor>.+?) (?P<verb>{'|'.join(Verb)})(?: in (?P<where>.+))?")
_SPAN = re.compile(r"(?P<count>\d{1,4}) (?P<unit>minute|hour|day)s?")


def parse_key(key: str) -> tuple[str, Verb, str]:
    """Who, does what, where; raises CommandRefused with the words that are known."""
    found = _KEY.fullmatch(key.strip())
    if found is None:
        raise CommandRefused(f"«{key}»: write a name and one of {', '.join(Verb)}, like «mother writes»")
    return found["actor"], Verb(found["verb"]), found["where"] or ""


def parse_span(text: str) -> timedelta | None:
    """How much time passes; None until the next thing happens; raises CommandRefused."""
    if text == NEXT:
        return None
    found = _SPAN.fullmatch(text.strip())
    if found is None:
        raise CommandRefused(f"«{text}»: write how much time passes as «10 minutes», «1 hour», «3 days» or «{NEXT}»")
    return timedelta(**{f"{found['unit']}s": int(found["count"])})
