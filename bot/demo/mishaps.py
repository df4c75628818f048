"""What goes wrong between people and a program, on demand: the stage's faults by one click."""

from datetime import timedelta
from typing import TYPE_CHECKING

from bot.core.errors import CommandRefused
from bot.core.messages import SendFailure, Trouble
from bot.demo.refusals import Refused

if TYPE_CHECKING:
    from bot.demo.stage import Stage

AWAY = timedelta(days=2)
MISHAPS = {
    "duplicate": "the messenger brings the latest update once more",
    "reordered": "of the next two updates the second arrives first",
    "rate": "the messenger asks for 30 seconds of silence (429)",
    "lost answer": "the next message arrives, but its confirmation is lost",
    "outage": "the program is away for two days, then comes back",
    "crash": "the program falls and gets up again",
    "locked": "the database is locked while the next update comes; the messenger brings it again",
}


async def strike(stage: "Stage", mishap: str) -> None:
    """Let it go wrong; raises CommandRefused for a mishap that nobody knows."""
    channel = stage.channel
    if mishap not in MISHAPS:
        raise CommandRefused(f"«{mishap}» is no mishap: {', '.join(MISHAPS)} are")
    if mishap == "duplicate":
        await _repeat(stage)
    elif mishap == "reordered":
        channel.holds_next = True
    elif mishap == "rate":
        channel.faults.append(SendFailure(Trouble.RATE, "429", retry_after=30, is_line_wide=True))
    elif mishap == "lost answer":
        channel.loses_answer = True
    elif mishap == "crash":
        await stage.restart()
        stage.book.note_fault(stage.clock.now(), mishap)
    elif mishap == "outage":
        await stage.restart(away=AWAY)
        stage.book.note_fault(stage.clock.now(), mishap)
    else:
        stage.is_locked = True


async def _repeat(stage: "Stage") -> None:
    """Bring the latest update once more, and note whether it was played again."""
    before = stage.book.log[-1:]
    if not await stage.channel.repeats_latest():
        raise Refused("repeat")
    was_played = stage.book.log[-1:] != before
    stage.book.note_fault(stage.clock.now(), "duplicate_played" if was_played else "duplicate_known")


def armed(stage: "Stage") -> tuple[str, ...]:
    """Mishaps that wait for their moment."""
    channel = stage.channel
    waits = {
        "reordered": channel.holds_next or channel.is_holding,
        "rate": bool(channel.faults),
        "lost answer": channel.loses_answer,
        "locked": stage.is_locked,
    }
    return tuple(name for name, does_wait in waits.items() if does_wait)
