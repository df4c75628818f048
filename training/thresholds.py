"""Where the model may call somebody: the budget of false alarms decides, on the development split alone."""

from collections.abc import Callable, Sequence

from bot.concern.fusion import fuse
from bot.concern.lexicon import load_lexicons
from bot.concern.model import Model, Thresholds
from bot.concern.screen import Screen
from bot.core.cases import Level
from training.rows import Row

BUDGET, URGENT_BUDGET = 0.05, 0.01
"""So large a part of the hard negatives may be flagged at all, and as urgent; of ordinary faith nothing (S8)."""
NEVER = 1e9
EDGE = 1e-6


def fixed(model: Model, development: Sequence[Row]) -> Thresholds:
    """The lowest thresholds whose false alarms on hard negatives, together with the lexicons', keep the budgets."""
    screen = Screen(load_lexicons(), model)
    weighed = [screen.weigh(row.text, row.state) for row in development if not row.is_positive]
    faithful = {n for n, row in enumerate(r for r in development if not r.is_positive) if "religiosity" in row.notes}

    def is_quiet(margin: float) -> bool:
        flagged = {n for n, one in enumerate(weighed) if fuse(one, Thresholds(margin, NEVER)).level is not Level.NONE}
        return len(flagged) <= BUDGET * len(weighed) and not flagged & faithful

    def pages_few(margin: float) -> bool:
        urgent = sum(fuse(one, Thresholds(anything, margin)).level is Level.URGENT for one in weighed)
        return urgent <= URGENT_BUDGET * len(weighed)

    anything = _lowest([one.margins[0] for one in weighed], is_quiet)
    return Thresholds(anything, _lowest([one.margins[1] for one in weighed], pages_few))


def _lowest(margins: Sequence[float], keeps: Callable[[float], bool]) -> float:
    """The lowest threshold just above one of the margins that keeps the budget."""
    best = NEVER
    for margin in sorted(set(margins), reverse=True):
        if margin < -NEVER or not keeps(margin + EDGE):
            break
        best = margin + EDGE
    return best


def recall(screen: Screen, development: Sequence[Row]) -> float:
    """The part of the reports that is found."""
    reports = [row for row in development if row.is_positive]
    return sum(screen.screen(row.text, row.state).level is not Level.NONE for row in reports) / len(reports)
