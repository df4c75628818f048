"""Fusion: what the lexicons found and what the model believes become one finding; the later voice only raises.

Where the thresholds stand was fixed on the development split from the alert budget (`make train`); they are
a part of the model's file.
"""

from collections.abc import Collection
from dataclasses import dataclass
from math import exp, inf

from bot.concern.lexicon import Context, Label
from bot.concern.model import Judgement, Thresholds
from bot.core.cases import Category, Finding, Level

REASONS = {Level.CONCERN: "model.concern", Level.URGENT: "model.urgent"}
LABELS = {
    "model.concern": Label(
        tg="сухан дар маҷмӯъ ба нақли ташвишовар монанд аст", ru="по складу похоже на тревожное сообщение"
    ),
    "model.urgent": Label(
        tg="сухан дар маҷмӯъ ба хабари бетаъхир монанд аст", ru="по складу похоже на срочное сообщение"
    ),
    "rule.repeated": Label(tg="дар як шабонарӯз чанд бор нигаронӣ", ru="несколько тревог за сутки"),
}
HINT = 0.5
"""So much a wording that is no report by itself brings the model nearer to its threshold."""
HELD_BACK = {
    Context.FAITH: 2.0,
    Context.LAUGHTER: 1.0,
    Context.NEWS: 0.5,
    Context.KITCHEN: 0.5,
    Context.GAME: 0.5,
    Context.RESOLVED: 0.5,
}
"""So much what stands around holds the model back; it never holds back what the lexicons found.

Words of faith hold it back so far that no ordinary row of faith was flagged by a model that had not learned from its
narrator (S8): only what is said beside them can raise it again.
"""
OVER = frozenset({Context.PAST, Context.RESOLVED})
LONG_OVER = 3.0
"""So much the model is held back from calling at once where harm is said to be past."""


@dataclass(frozen=True, slots=True)
class Hint:
    """A weak wording that occurred."""

    reason: str
    level: Level
    category: Category


@dataclass(frozen=True, slots=True)
class Weighed:
    """One text before it is decided: what was found, hinted at, what stands around it, and the model's belief.

    `judgement` is None without a model, and for a text without a word.
    """

    found: Finding
    hints: frozenset[Hint] = frozenset()
    contexts: frozenset[Context] = frozenset()
    judgement: Judgement | None = None

    @property
    def margins(self) -> tuple[float, float]:
        """The model's two margins after hints and contexts: that anybody is needed, and at once."""
        if self.judgement is None:
            return -inf, -inf
        held_back = sum(HELD_BACK.get(context, 0.0) for context in self.contexts)
        pressing = any(hint.level is Level.URGENT for hint in self.hints)
        is_over = not self.contexts.isdisjoint(OVER)
        urgent = self.judgement.urgent + HINT * pressing - LONG_OVER * is_over
        return self.judgement.any + HINT * bool(self.hints) - held_back, urgent


def fuse(weighed: Weighed, thresholds: Thresholds) -> Finding:
    """The finding of the lexicons, raised where the model, or the model with a hint, is sure enough."""
    found, judgement = weighed.found, weighed.judgement
    level = max(found.level, _believed(weighed, thresholds), key=lambda level: level.rank)
    if level is found.level or judgement is None:
        return found
    reasons = {*found.reasons, *(hint.reason for hint in weighed.hints), REASONS[level]}
    score = max(found.score, 1 / (1 + exp(-judgement.any)))
    category = found.category or _category(weighed.hints, judgement)
    return Finding(level, category, score, tuple(sorted(reasons)), found.rules)


def _believed(weighed: Weighed, thresholds: Thresholds) -> Level:
    anything, urgent = weighed.margins
    if weighed.found.level is Level.NONE and anything < thresholds.any:
        return Level.NONE
    return Level.URGENT if urgent >= thresholds.urgent else Level.CONCERN


def _category(hints: Collection[Hint], judgement: Judgement) -> Category:
    named = {hint.category for hint in hints}
    return named.pop() if len(named) == 1 else judgement.category
