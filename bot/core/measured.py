"""Answers to the short questions as figures in which nobody can be seen."""

from dataclasses import dataclass

from bot.core.event import Event

FEWEST = 5
"""Of fewer answers nothing is told."""
LOWEST, HIGHEST = 1.5, 4.5
"""What is beyond would say that everybody answered the same."""


@dataclass(frozen=True, slots=True)
class Measured:
    """One question at one time in one cohort: a mean in half steps, and how many answered, in steps of five."""

    cohort: str
    moment: str
    question: str
    mean: float
    count: int


@dataclass(frozen=True, slots=True)
class MeasuresCounted(Event):
    """The figures that a coordinator asked for; what fewer than five answered is not among them."""

    figures: tuple[Measured, ...]


def coarse(cohort: str, moment: str, question: str, count: int, total: int) -> Measured | None:
    """Figures too coarse to tell from two of them what one more mother answered; None for too few."""
    if count < FEWEST:
        return None
    mean = min(max(round(2 * total / count) / 2, LOWEST), HIGHEST)
    return Measured(cohort, moment, question, mean, count - count % FEWEST)
