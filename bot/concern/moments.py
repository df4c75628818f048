"""Moments: where a conversation stands, as far as it says what a text means."""

from enum import StrEnum


class Moment(StrEnum):
    """What she was asked for when she wrote; FREE where nothing was asked."""

    FREE = "free"
    REFLECTION = "reflection"
    CHECK_IN = "check_in"
    CASE = "case"
    NAME = "name"
    MENU = "menu"
    STOPPED = "stopped"


_NAMES = frozenset(one.value for one in Moment)
_STARTS = {
    "Lesson:check_in": Moment.CHECK_IN,
    "Lesson:practice": Moment.CHECK_IN,
    "Lesson:": Moment.REFLECTION,
    "Quiz:": Moment.REFLECTION,
    "Reflection:": Moment.REFLECTION,
    "Menu:": Moment.MENU,
    "Safety:stopped": Moment.STOPPED,
    "Stopped:": Moment.STOPPED,
}


def moment(state: str | None) -> Moment:
    """The moment of a conversation's state; no state, or one that says nothing, is free chat."""
    if not state:
        return Moment.FREE
    if state in _NAMES:
        return Moment(state)
    if state.endswith(":name"):
        return Moment.NAME
    return next((one for start, one in _STARTS.items() if state.startswith(start)), Moment.FREE)
