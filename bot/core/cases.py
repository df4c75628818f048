"""What screening finds and what a case is: levels, categories, findings, outcomes."""

from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """How soon a person must act on a text."""

    NONE = "none"
    CONCERN = "concern"
    URGENT = "urgent"

    @property
    def rank(self) -> int:
        """0, 1 or 2: a higher rank is more pressing."""
        return _RANKS[self]


_RANKS = {Level.NONE: 0, Level.CONCERN: 1, Level.URGENT: 2}


class Category(StrEnum):
    """What a finding is about; seen only by the person who took the case (S12)."""

    VIOLENT_EXTREMISM = "violent_extremism"
    DOMESTIC_VIOLENCE = "domestic_violence"
    SELF_HARM = "self_harm"
    CHILD_AT_RISK = "child_at_risk"
    MEDICAL = "medical"
    DISTRESS = "distress"


@dataclass(frozen=True, slots=True)
class Finding:
    """What screening one text gave.

    `score` is in 0..1; `reasons` name concepts and rules, for the taker of the case; `rules` is the
    version of lexicons and model that judged.  For `Level.NONE` nothing of it is kept (S18).
    """

    level: Level = Level.NONE
    category: Category | None = None
    score: float = 0.0
    reasons: tuple[str, ...] = ()
    rules: str = ""


NOTHING = Finding()


class Outcome(StrEnum):
    """How a case ended, in the words of the person who closed it."""

    HANDLED = "handled"
    REFERRED = "referred"
    NO_ANSWER = "no_answer"
    FALSE_ALARM = "false_alarm"
