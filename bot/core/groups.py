"""What happens to a group of staff: who comes and goes, and that it is bound (S14)."""

from dataclasses import dataclass

from bot.core.event import Event


@dataclass(frozen=True, slots=True)
class GroupChanged(Event):
    """A group: somebody `joined`, `left` or `pressed`, or the bot became `administrator`, `member` or `lost`.

    `staff_id` is set when the person is or was one of us; a `pressed` comes here only from a stranger.
    """

    change: str
    staff_id: str = ""


@dataclass(frozen=True, slots=True)
class GroupBound(Event):
    """Somebody sent `/bind CODE` in a group; Facts.invitation is what the code names."""

    by_staff_id: str = ""
    code: str = ""
