"""Recorded pages: a voice note for a lesson in one language, brought by a person of the team."""

from dataclasses import dataclass

from bot.core.messages import Language

LONGEST = 60
"""Seconds of a voice note."""
KILOBYTE = 1024
MOST_A_MINUTE = 120 * KILOBYTE
"""Bytes of a minute: what an average phone plan can bear."""
SHORTEST_COUNTED = 5
"""Seconds that even the shortest one may take the room of: a file has a beginning of its own."""
FORMAT = "audio/ogg"
"""Opus in Ogg, as messengers record it."""


@dataclass(frozen=True, slots=True)
class VoiceNote:
    """A page read aloud; `file` is the channel's id of it on one line of ours, `version` that of the page."""

    lesson: str
    language: Language
    version: int
    line: str
    file: str
    seconds: int
    size: int


def kilobytes(size: int) -> int:
    """A size as people read it, rounded up."""
    return -(-size // KILOBYTE)


def most(seconds: int) -> int:
    """The most bytes that a recording of so many seconds may have."""
    return MOST_A_MINUTE * min(max(seconds, SHORTEST_COUNTED), LONGEST) // 60
