"""The gate: a new model is refused when it is surely worse than the old one, or falls below a floor.

Both judge the development split at the same budget of false alarms, each from the threshold that keeps it there:
at its own thresholds the bolder of two models looks like the better one.  One report more or less says nothing, so
the difference is drawn again and again, thresholds and all, over the same rows for both (a paired bootstrap).
"""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import inf

from bot.concern.fusion import Weighed
from bot.concern.model import Model
from bot.core.cases import Level
from training import rows
from training.rows import Row
from training.thresholds import BUDGET, NEVER, URGENT_BUDGET, weighed

DRAWS = 1_000
SURE = 0.975
"""The old model must be the better one in so many of the draws before the new one is refused."""
FLOORS = {"reports found": 0.80, "urgent reports marked urgent": 0.70}
"""Below these no model is written, whatever the old one reaches; raise them when the figures have risen for good."""
SEED = 6


@dataclass(frozen=True, slots=True)
class Mark:
    """What one model makes of one row: `any_at` and `urgent_at` are the highest thresholds that it still passes."""

    level: Level
    any_at: float
    urgent_at: float


@dataclass(frozen=True, slots=True)
class Difference:
    """A share of the new model, of the old one, and how much higher the new one's is: the middle 95 % of the draws."""

    new: float
    old: float
    low: float
    high: float

    @property
    def is_worse(self) -> bool:
        """Whether chance hardly explains that the new one is lower."""
        return self.high < 0

    def __str__(self) -> str:
        return f"new {self.new:.3f}, old {self.old:.3f}, difference {self.low:+.3f} to {self.high:+.3f}"


def marks(model: Model) -> list[Mark]:
    """What a model makes of the development split, in the order of its rows."""
    return [_mark(row, one) for row, one in weighed(model, rows.corpus("development"))]


def found(judged: Sequence[Mark]) -> float:
    """The part of the reports that is found when as many hard negatives are flagged as the budget allows."""
    bar = _bar([one.any_at for one in judged if one.level is Level.NONE], BUDGET)
    reports = [one for one in judged if one.level is not Level.NONE]
    return sum(one.any_at > bar for one in reports) / len(reports)


def paged(judged: Sequence[Mark]) -> float:
    """The part of the urgent reports that is marked urgent when as many hard negatives are paged as allowed."""
    bar = _bar([one.any_at for one in judged if one.level is Level.NONE], BUDGET)
    calls = [(one.level, one.urgent_at if one.any_at > bar else -inf) for one in judged]
    urgent_bar = _bar([at for level, at in calls if level is Level.NONE], URGENT_BUDGET)
    urgent = [at for level, at in calls if level is Level.URGENT]
    return sum(at > urgent_bar for at in urgent) / len(urgent)


MEASURES: dict[str, Callable[[Sequence[Mark]], float]] = {
    "reports found": found,
    "urgent reports marked urgent": paged,
}


def compare(new: Sequence[Mark], old: Sequence[Mark], draws: int = DRAWS) -> dict[str, Difference]:
    """Both models by each measure, over the same drawn rows; as many rows of each level as there are."""
    chance = random.Random(SEED)  # noqa: S311 - a sample, no secret
    groups = [[n for n, one in enumerate(new) if one.level is level] for level in Level]
    drawn = [[n for group in groups for n in chance.choices(group, k=len(group))] for _ in range(draws)]
    return {name: _difference(measure, new, old, drawn) for name, measure in MEASURES.items()}


def refusals(new: Sequence[Mark], differences: dict[str, Difference]) -> list[str]:
    """Why a new model may not be written; nothing when it may."""
    shares = {name: measure(new) for name, measure in MEASURES.items()}
    low = [
        f"{name}: {share:.3f}, the floor is {FLOORS[name]}" for name, share in shares.items() if share < FLOORS[name]
    ]
    return low + [f"{name}: surely worse, {one}" for name, one in differences.items() if one.is_worse]


def _difference(
    measure: Callable[[Sequence[Mark]], float],
    new: Sequence[Mark],
    old: Sequence[Mark],
    drawn: Sequence[Sequence[int]],
) -> Difference:
    gains = sorted(measure([new[n] for n in some]) - measure([old[n] for n in some]) for some in drawn)
    low, high = (gains[min(int(share * len(gains)), len(gains) - 1)] for share in (1 - SURE, SURE))
    return Difference(measure(new), measure(old), low, high)


def _mark(row: Row, one: Weighed) -> Mark:
    stands = one.sure.level if one.judgement is not None else max(one.sure.level, one.likely.level, key=_rank)
    anything, urgent = one.margins
    any_at = NEVER if stands is not Level.NONE else anything
    return Mark(row.level, any_at, NEVER if stands is Level.URGENT else urgent)


def _rank(level: Level) -> int:
    return level.rank


def _bar(margins: Sequence[float], budget: float) -> float:
    """The margin of the first hard negative that may not be flagged any more: what is above it keeps the budget."""
    return sorted(margins, reverse=True)[int(budget * len(margins))]
