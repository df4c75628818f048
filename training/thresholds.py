"""Where the model may call somebody: the budget of false alarms decides, on voices that it did not learn from."""

from collections.abc import Callable, Sequence

from bot.concern.fusion import Weighed, fuse
from bot.concern.lexicon import load_lexicons
from bot.concern.model import Model, Thresholds
from bot.concern.screen import Screen
from bot.core.cases import Level
from training.rows import Row

BUDGET, URGENT_BUDGET = 0.05, 0.01
"""So large a part of the hard negatives may be flagged at all, and as urgent."""
NEVER = 1e9
EDGE = 1e-6

Judged = Sequence[tuple[Row, Weighed]]


def weighed(model: Model, chosen: Sequence[Row]) -> list[tuple[Row, Weighed]]:
    """Each row with what screening by this model weighs of it."""
    screen = Screen(load_lexicons(), model)
    return [(row, screen.weigh(row.text, row.state)) for row in chosen]


def fixed(judged: Judged) -> Thresholds:
    """The lowest thresholds whose false alarms on hard negatives, together with the lexicons', keep the budgets.

    One narrator is no measure of the next: a budget fixed on a single voice was exceeded by others.  So all
    voices count that the judging model has not heard.
    """
    ordinary = [one for row, one in judged if not row.is_positive]

    def is_quiet(margin: float) -> bool:
        flagged = sum(fuse(one, Thresholds(margin, NEVER)).level is not Level.NONE for one in ordinary)
        return flagged <= BUDGET * len(ordinary)

    def pages_few(margin: float) -> bool:
        urgent = sum(fuse(one, Thresholds(anything, margin)).level is Level.URGENT for one in ordinary)
        return urgent <= URGENT_BUDGET * len(ordinary)

    anything = _lowest([one.margins[0] for one in ordinary], is_quiet)
    return Thresholds(anything, _lowest([one.margins[1] for one in ordinary], pages_few))


def _lowest(margins: Sequence[float], keeps: Callable[[float], bool]) -> float:
    """The lowest threshold just above one of the margins that keeps the budget: halved until it is found."""
    tried = sorted({margin for margin in margins if margin > -NEVER})
    low, high = 0, len(tried)
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if keeps(tried[middle] + EDGE) else (middle + 1, high)
    return tried[low] + EDGE if low < len(tried) else NEVER


def told(judged: Judged, thresholds: Thresholds) -> str:
    """What a new voice may expect, in one line."""
    levels = [(row, fuse(one, thresholds)) for row, one in judged]
    ordinary = [(row, finding) for row, finding in levels if not row.is_positive]
    urgent = [finding for row, finding in levels if row.level is Level.URGENT]
    found = [(row, finding) for row, finding in levels if row.is_positive and finding.level.rank]
    reports = len(levels) - len(ordinary)
    faithful = [finding.level for row, finding in ordinary if "religiosity" in row.notes]
    return (
        f"voices not learned from ({len({row.narrator for row, _ in judged})}): found {len(found) / reports:.3f} of"
        f" {reports}, urgent found {sum(f.level.rank > 0 for f in urgent) / len(urgent):.3f}, marked urgent"
        f" {sum(f.level is Level.URGENT for f in urgent) / len(urgent):.3f}, category right"
        f" {sum(f.category is row.category for row, f in found) / len(found):.3f}, hard negatives flagged"
        f" {sum(f.level.rank > 0 for _, f in ordinary) / len(ordinary):.3f}, paged"
        f" {sum(f.level is Level.URGENT for _, f in ordinary) / len(ordinary):.3f}, religiosity flagged"
        f" {sum(level.rank > 0 for level in faithful)} of {len(faithful)}"
    )
