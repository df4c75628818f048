"""Fusion: what the lexicons found and what the model believes become one finding; the later voice only raises.

Firm wordings stand by themselves.  Other wordings speak together with the model: voices that nobody had heard
before said them in ordinary messages so often that alone they used up the budget of false alarms.

Where the thresholds stand was fixed on the development split from the alert budget (`make train`); they are
a part of the model's file.
"""

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
LIKELY = {Level.CONCERN: 1.2, Level.URGENT: 1.6}
"""So much a wording that is mostly, not surely, a report brings it nearer, by how pressing its concept is."""
PRESSING = 2.0
"""So much such a wording brings it nearer to calling at once, if its concept is urgent."""
NAMED, HINTED = 1.5, 0.75
"""So much the category that the lexicons name, or hint at, weighs beside what the model leans to."""
HELD_BACK = {
    Context.FAITH: 3.0,
    Context.LAUGHTER: 2.5,
    Context.RESOLVED: 0.85,
    Context.GAME: 0.5,
    Context.NEWS: 0.45,
    Context.OWN: 0.4,
    Context.KITCHEN: 0.25,
    Context.PAST: 0.25,
}
"""So much what stands around holds the model back; it never holds back what the lexicons found.

How much each weighs was learned over voices that the judging model had not heard, but for faith, of which a quarter
would find more reports.  Words of faith hold it back so far that hardly an ordinary row of faith was flagged (S8): only
what is said beside them can raise it again.
"""
SHORT, SHORT_BELOW = 0.7, 5
LONG, LONG_FROM = 0.4, 21
"""So much nearer a text of few words is, and one of many: the model, which judges by their mean, is too shy of both."""
SENTENCE, MOST_SENTENCES = 0.8, 3
"""So much nearer each sentence after the first one brings it: what weighs on somebody is seldom told in one."""
CLEAR = 0.7
"""So much the category that a text speaks of most clearly brings it nearer; each was learned against all else."""
STRANGE = 0.6
"""So much a text of which no category knows anything is held back from calling at once."""
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
    """One text before it is decided: what is sure, likely, hinted at, what stands around it, and the model's belief.

    `sure` is what firm wordings found, `likely` what all wordings did.  `judgement` is None without a model, and for
    a text that is too short for it: then what is likely stands.  `words` and `sentences` are
    how many there are.
    """

    sure: Finding
    likely: Finding = Finding()
    hints: frozenset[Hint] = frozenset()
    contexts: frozenset[Context] = frozenset()
    judgement: Judgement | None = None
    words: int = SHORT_BELOW
    sentences: int = 1

    @property
    def margins(self) -> tuple[float, float]:
        """The model's two margins after wordings and contexts: that anybody is needed, and at once."""
        if self.judgement is None:
            return -inf, -inf
        is_over = not self.contexts.isdisjoint(OVER)
        clearest = self.judgement.clearest
        urgent = self.judgement.urgent + STRANGE * min(clearest, 0) + self._pressing - LONG_OVER * is_over
        anything = self.judgement.any + CLEAR * clearest + self._form
        if self.is_likely:  # what stands around has had its say about the wording
            return anything + LIKELY[self.likely.level], urgent
        held_back = sum(HELD_BACK.get(context, 0.0) for context in self.contexts)
        return anything + HINT * bool(self.hints) - held_back, urgent

    @property
    def _form(self) -> float:
        further = min(max(self.sentences - 1, 0), MOST_SENTENCES)
        return SHORT * (self.words < SHORT_BELOW) + LONG * (self.words >= LONG_FROM) + SENTENCE * further

    @property
    def _pressing(self) -> float:
        if self.likely.level is Level.URGENT:
            return PRESSING
        return HINT * any(hint.level is Level.URGENT for hint in self.hints)

    @property
    def is_likely(self) -> bool:
        """Whether wordings found something, and none that is sure."""
        return self.likely.level is not Level.NONE and self.sure.level is Level.NONE


def fuse(weighed: Weighed, thresholds: Thresholds) -> Finding:
    """What is sure, raised where the model, with likely wordings and hints, is sure enough."""
    sure, likely, judgement = weighed.sure, weighed.likely, weighed.judgement
    if judgement is None:
        return likely if likely.level.rank else sure
    level = max(sure.level, _believed(weighed, thresholds), key=lambda level: level.rank)
    if level is Level.NONE:
        return Finding(rules=sure.rules)
    reasons, score = {*sure.reasons, *likely.reasons}, max(sure.score, likely.score)
    if level is not sure.level:
        reasons |= {REASONS[level], *(hint.reason for hint in weighed.hints)}
        score = max(score, 1 / (1 + exp(-judgement.any)))
    return Finding(level, _category(weighed, judgement), score, tuple(sorted(reasons)), sure.rules)


def _believed(weighed: Weighed, thresholds: Thresholds) -> Level:
    anything, urgent = weighed.margins
    if weighed.sure.level is Level.NONE and anything < thresholds.any:
        return Level.NONE
    return Level.URGENT if urgent >= thresholds.urgent else Level.CONCERN


def _category(weighed: Weighed, judgement: Judgement) -> Category:
    """The category that wordings, hints and the model together lean to most."""
    leanings = dict(zip(Category, judgement.leanings, strict=True))
    named = weighed.sure.category or weighed.likely.category
    if named:
        leanings[named] += NAMED
    for category in {hint.category for hint in weighed.hints}:
        leanings[category] += HINTED
    return max(leanings, key=leanings.__getitem__)
