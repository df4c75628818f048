"""Repeats: several concerns of one person within a day press more than each of them alone.

Only the times are remembered, in her conversation; a false alarm takes them away (S21).
"""

from dataclasses import replace
from datetime import datetime, timedelta

from bot.core.cases import Finding, Level
from bot.flows.turn import Turn

KEY = "concerns"
REASON = "rule.repeated"
WITHIN = timedelta(hours=24)
PAUSE = timedelta(minutes=10)
"""What she writes without such a pause is one concern, in however many messages she tells it."""
MANY = 3


def weigh(turn: Turn) -> Finding:
    """What screening said of her words, urgent when it is the third concern of a day."""
    found = turn.facts.finding
    if found.level is Level.NONE:
        return found
    told = [at for at in map(datetime.fromisoformat, turn.data.get(KEY, ())) if turn.now - at < WITHIN]
    is_the_same = told and turn.now - told[-1] < PAUSE
    told = [*(told[:-1] if is_the_same else told), turn.now][-MANY:]
    turn.data[KEY] = [at.isoformat() for at in told]
    if len(told) < MANY or found.level is Level.URGENT:
        return found
    return replace(found, level=Level.URGENT, reasons=(*found.reasons, REASON))


def forget(turn: Turn) -> None:
    """Nothing of it was a concern (S21)."""
    turn.data.pop(KEY, None)
