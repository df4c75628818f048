"""One act that comes several times: the photos of an album, a button pressed ten times.

A picture is heard as ever, and a person gets each; said is something once.  A press that only repeats the one before
it, under the same message, does nothing at all: a frightened double tap on Hide or Pause is one.
"""

from datetime import datetime, timedelta

from bot.core.cases import Level
from bot.core.events import ButtonPressed, MessageReceived
from bot.core.messages import Kind
from bot.flows.interpret import is_stale
from bot.flows.turn import Audience, Turn, audience_of

MOMENT = timedelta(seconds=5)
"""So soon after one another equal presses are one, and pictures, files or forwarded messages without an album too."""
_SENT_TOGETHER = frozenset({Kind.PHOTO, Kind.VIDEO, Kind.DOCUMENT})


def listen(turn: Turn) -> bool:
    """Whether this is a press once more, with which it is over; anything else that repeats an act is played in silence.

    What screening found is answered all the same.  How soon it was done counts, not how soon it came.
    """
    before = turn.data.pop("echo", None)
    act, wait = _act(turn)
    if not act:
        return False
    is_same = before is not None and before["act"] == act
    at = turn.facts.acted_at or turn.now
    is_soon = is_same and abs(at - datetime.fromisoformat(before["at"])) <= wait
    turn.is_hushed = is_soon and turn.facts.finding.level is Level.NONE
    is_first_that_counts = is_soon and wait > MOMENT
    turn.data["echo"] = before if is_first_that_counts else {"act": act, "at": at.isoformat()}
    return is_soon and isinstance(turn.event, ButtonPressed)


def _act(turn: Turn) -> tuple[str, timedelta]:
    """What may come several times, and for how long it is the same; empty for everything else."""
    event = turn.event
    audience = audience_of(turn.conversation.owner)
    if isinstance(event, ButtonPressed):
        if is_stale(turn) or event.choice == "stale":
            return f"{event.version}|{event.choice}", turn.reply_window
        is_standing = event.version is None and audience is not Audience.GROUP
        return (f"{event.message_id}|{event.choice}" if is_standing else ""), MOMENT
    if not isinstance(event, MessageReceived) or audience is not Audience.MOTHER:
        return "", MOMENT
    if event.album:
        return f"album {event.album}", turn.reply_window
    if event.is_forwarded:
        return f"forwarded {event.kind.value}", MOMENT
    return (event.kind.value if event.kind in _SENT_TOGETHER else ""), MOMENT
