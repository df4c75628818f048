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
    CHOICE = "choice"

    @property
    def learned(self) -> "Moment":
        """The moment as the model has learned it: a question with choices is free chat to it."""
        return Moment.FREE if self is Moment.CHOICE else self


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
    "Onboarding:adult": Moment.CHOICE,
    "Onboarding:phone": Moment.CHOICE,
    "Onboarding:hours": Moment.CHOICE,
    "Onboarding:own_hours": Moment.CHOICE,
    "Preferences:phone": Moment.CHOICE,
    "Preferences:hours": Moment.CHOICE,
    "Preferences:own_hours": Moment.CHOICE,
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
