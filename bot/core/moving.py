"""A mother moves to another phone, number or messenger: her place goes with her, her words and her case stay (S17)."""

import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from bot.core.event import Event
from bot.core.messages import Language

MOVE_CODE_HOLDS = timedelta(minutes=15)
"""How long her code is good."""
_SPOKEN = re.compile(
    r"(?:(?:код|рамз|kod|ramz|code)\s*:?\s*)?"
    r"(\d{8}|\d{4} +\d{4}|(?:\d\d +){3}\d\d|(?:\d +){7}\d)[.!]?",
    re.IGNORECASE,
)
_DIGIT = re.compile(r"\d")
_LONGEST = 60


def spoken_code(text: str) -> str:
    """The eight digits, in those of any script and in twos or fours, if they are all that is written; empty else."""
    if len(text) > _LONGEST:
        return ""
    written = unicodedata.normalize("NFKC", text)
    if _DIGIT.search(written) is None:
        return ""
    found = _SPOKEN.fullmatch("".join(map(_plain, written)).strip(" *_\"'«»"))
    return re.sub(r"\D", "", found[1]) if found else ""


def _plain(letter: str) -> str:
    """A digit in ours, every space and dash as a space, and nothing of what cannot be seen."""
    match unicodedata.category(letter):
        case "Nd":
            return str(unicodedata.digit(letter))
        case "Pd" | "Zs" | "Zl" | "Cc":
            return " "
        case "Cf":
            return ""
    return letter


@dataclass(frozen=True, slots=True)
class MoveCode:
    """What a code for moving names: whose conversation would come along; only the code's hash is stored."""

    id: str
    conversation_id: str
    expires_at: datetime


class Newcomer(StrEnum):
    """Who is at the new address now: a stranger, one who is being helped, one who joined, or nobody any more."""

    STRANGER = "stranger"
    HELPED = "helped"
    JOINED = "joined"
    GONE = "gone"


# ---- to her conversation


@dataclass(frozen=True, slots=True)
class MoveAsked(Event):
    """A facilitator says that she herself asked for a code."""

    staff_id: str


@dataclass(frozen=True, slots=True)
class MoveAllowed(Event):
    """The owner of her open case says whether she may move now."""

    case_id: str
    staff_id: str
    is_allowed: bool


@dataclass(frozen=True, slots=True)
class MoveUsed(Event):
    """Her code was given at a new address, in that stranger's conversation, at that instant.

    `has_case`: a person is helping somebody there, so nothing may be mixed.  `is_lasting`: nothing can be taken out of
    that chat again.
    """

    move_id: str
    conversation_id: str
    at: datetime
    has_case: bool = False
    is_lasting: bool = False


# ---- to the address she comes to, and the one she left


@dataclass(frozen=True, slots=True)
class MoveRefused(Event):
    """The code opens nothing: told in the same words as any wrong one."""


@dataclass(frozen=True, slots=True)
class AddressClosed(Event):
    """She writes from elsewhere now; one neutral line may go here from `due_at` to `until`, or none (S1)."""

    language: Language
    due_at: datetime | None = None
    until: datetime | None = None


# ---- to members of staff


@dataclass(frozen=True, slots=True)
class MoveCodeMade(Event):
    """Her code, for the facilitator who asked for it."""

    code: str
    code_name: str
    until: datetime


@dataclass(frozen=True, slots=True)
class MoveWanted(Event):
    """The owner of a case is asked whether the mother of it may move now."""

    case_id: str
    number: str
    conversation_id: str
    alias: str


@dataclass(frozen=True, slots=True)
class MoveSettled(Event):
    """What became of a move: `done`, `asked`, or why not (see flows/moving_desk)."""

    how: str
    code_name: str = ""
    number: str = ""
