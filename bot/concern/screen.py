"""The screen: what one text gives, with every reason named."""

import functools
import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from math import inf

from bot.concern.answers import is_plain_answer
from bot.concern.fusion import LABELS, Hint, Weighed, fuse
from bot.concern.lexicon import Concept, Context, Lexicon, load_lexicons
from bot.concern.model import Model, Thresholds, load_model
from bot.concern.moments import Moment, moment
from bot.concern.normalise import Sentence, normalise
from bot.concern.patterns import Index, Place, parse
from bot.core.cases import Category, Finding, Level
from bot.core.messages import Language
from bot.orthography import words
from bot.orthography.commands import command

_SCORES = {Level.URGENT: 0.9, Level.CONCERN: 0.6}
_FIRM_BONUS = 0.05
# Which category names the finding when several have the same level: the rarest and least reversible first.
_ORDER = (
    Category.SELF_HARM,
    Category.VIOLENT_EXTREMISM,
    Category.CHILD_AT_RISK,
    Category.DOMESTIC_VIOLENCE,
    Category.MEDICAL,
    Category.DISTRESS,
)
# Her own child or husband makes a sign of a lesson, or one seen on television, a sign at home.
_UNLESS_OWN = frozenset({Context.NEWS, Context.LESSON})
_TO_NOTHING = frozenset({Context.NEWS, Context.LESSON, Context.HYPOTHETICAL, Context.KITCHEN, Context.GAME})
# «Now it is quiet» may be tonight only: an urgent sign that is not also long past stays a concern.
_LONG_OVER = frozenset({Context.PAST, Context.RESOLVED})
_ONE_STEP = frozenset({Context.PAST, Context.RESOLVED, Context.LAUGHTER})
_CONCERN_TO_NOTHING = frozenset({Context.RESOLVED, Context.LAUGHTER})
# What lowers the other sentences of a text too.
_EVERYWHERE = frozenset({Context.LAUGHTER, Context.RESOLVED})
_SUREST = 0.99
_FEWEST_WORDS = 2

Matches = Sequence[tuple[int, Place]]


@dataclass(frozen=True, slots=True)
class Rule:
    """What one pattern stands for: a wording of a concept, a context, or an idiom."""

    language: str
    concept: Concept | None = None
    context: Context | None = None
    is_firm: bool = False
    is_hint: bool = False
    is_exception: bool = False

    @property
    def is_idiom(self) -> bool:
        """Whether the words mean nothing by themselves («умираю от смеха»)."""
        return self.concept is None and self.context is None


@dataclass(frozen=True, slots=True)
class Sign:
    """A concept that a text shows, at the level that its context leaves; or the level that a weak wording hints at."""

    reason: str
    level: Level
    category: Category
    score: float
    rules: tuple[str, ...] = ()
    hints_at: Level = Level.NONE
    is_firm: bool = False


class Screen:
    """Judges texts by the lexicons of all languages at once, whatever the language of the text (S8)."""

    def __init__(self, lexicons: Iterable[Lexicon], model: Model | None = None) -> None:
        lexicons = tuple(lexicons)
        self._model = model
        self._thresholds = model.thresholds if model else Thresholds(inf, inf)
        entries = [(rule, parse(text, lexicon.groups)) for lexicon in lexicons for rule, text in _entries(lexicon)]
        self._rules = [rule for rule, _ in entries]
        self._index = Index([pattern for _, pattern in entries])
        self._before = {lexicon.language: _keys(lexicon.negation_before) for lexicon in lexicons}
        self._after = {lexicon.language: _keys(lexicon.negation_after) for lexicon in lexicons}
        self.labels = {f"{lexicon.language}.{c.id}": c.label for lexicon in lexicons for c in lexicon.concepts}
        wordings = (lexicon.model_dump_json(exclude={"concepts": {"__all__": {"label"}}}) for lexicon in lexicons)
        digest = hashlib.sha256("".join(wordings).encode())
        self.rules = f"lexicon-{digest.hexdigest()[:10]}" + (f"+{model.version}" if model else "")

    def screen(self, text: str, state: str | None = None) -> Finding:
        """The finding for one text; `state` is where the conversation stood, None means free chat."""
        return fuse(self.weigh(text, state), self._thresholds)

    def weigh(self, text: str, state: str | None = None) -> Weighed:
        """What the lexicons find, at what they only hint, what is around it, and what the model believes."""
        reading, where = normalise(text), moment(state)
        found = [(sentence, list(self._index.find(sentence.words, sentence.clauses))) for sentence in reading.sentences]
        contexts = {context for _, matches in found for context in self._contexts(matches)}
        contexts |= {Context.LAUGHTER} if reading.laughs else set()
        signs = self._signs(found, contexts & _EVERYWHERE | ({Context.LESSON} if where is Moment.REFLECTION else set()))
        meant = command(text)
        if meant == "help":
            signs.append(Sign("rule.help_word", Level.CONCERN, Category.DISTRESS, _SCORES[Level.CONCERN], is_firm=True))
        # A word that steers, a plain call for help, one word, or a plain answer to a question that stands says no more
        # than that: the model does not guess why, nor what digits alone say.
        is_plain = meant is not None or is_plain_answer(text, reading.keys, where) or _is_digits(reading.keys)
        is_judged = len(reading.keys) >= _FEWEST_WORDS and not is_plain
        judgement = self._model.judge(reading.keys, where.learned) if self._model and is_judged else None
        sure = _merged((sign for sign in signs if sign.is_firm), self.rules)
        likely, hints, length = _merged(signs, self.rules), _hints(signs), len(reading.keys)
        return Weighed(sure, likely, hints, frozenset(contexts), judgement, length, len(found))

    def _signs(self, found: Sequence[tuple[Sentence, Matches]], everywhere: set[Context]) -> list[Sign]:
        """The signs of each sentence; what is said to be resolved lowers the sentences before it too."""
        return [
            sign
            for sentence, matches in found
            for sign in self._judged(sentence, matches, everywhere | self._contexts(matches))
        ]

    def _contexts(self, matches: Matches) -> set[Context]:
        contexts = (self._rules[number].context for number, _ in matches)
        return {context for context in contexts if context is not None}

    def _judged(self, sentence: Sentence, matches: Matches, contexts: set[Context]) -> list[Sign]:
        ruled = [(self._rules[number], place) for number, place in matches]
        idioms = [frozenset(place) for rule, place in ruled if rule.is_idiom]
        excepted = {(rule.language, rule.concept) for rule, _ in ruled if rule.concept and rule.is_exception}
        # «муж бьёт жену»: whose family it is says the exception, not the word for a husband.
        of_others = {concept.category for _, concept in excepted}
        return [
            _sign(rule, rule.concept, contexts - {Context.OWN} if rule.concept.category in of_others else contexts)
            for rule, place in ruled
            if rule.concept
            and not rule.is_exception
            and (rule.is_firm or (rule.language, rule.concept) not in excepted)
            and not any(_swallows(idiom, place) for idiom in idioms)
            and not self._is_denied(rule, sentence, place)
        ]

    def _is_denied(self, rule: Rule, sentence: Sentence, place: Place) -> bool:
        """Whether a denying word stands right beside the match, in the same clause and outside the match."""
        before = any(_stands(self._before[rule.language], sentence, at, at - 1, place) for at in place)
        last = max(place)
        return before or _stands(self._after[rule.language], sentence, last, last + 1, place)


@functools.cache
def load_screen() -> Screen:
    """The screen with the lexicons and the model of the package; reads files the first time."""
    return Screen(load_lexicons(), load_model())


def label(reason: str, language: Language) -> str | None:
    """What staff read for a reason of a finding; None for one that is no concept of the lexicons."""
    found = LABELS.get(reason) or load_screen().labels.get(reason)
    return None if found is None else found.ru if language == "ru" else found.tg


def explain(finding: Finding) -> dict[str, object]:
    """The finding as the command line prints it: level, category, score, reasons."""
    return {
        "level": finding.level.value,
        "category": finding.category.value if finding.category else None,
        "score": round(finding.score, 3),
        "reasons": list(finding.reasons),
    }


def _entries(lexicon: Lexicon) -> Iterator[tuple[Rule, str]]:
    language = lexicon.language
    yield from ((Rule(language), text) for text in lexicon.idioms)
    for context, texts in lexicon.contexts.items():
        yield from ((Rule(language, context=context), text) for text in texts)
    for concept in lexicon.concepts:
        yield from ((Rule(language, concept, is_firm=True), text) for text in concept.firm)
        yield from ((Rule(language, concept), text) for text in concept.patterns)
        yield from ((Rule(language, concept, is_hint=True), text) for text in concept.hints)
        yield from ((Rule(language, concept, is_exception=True), text) for text in concept.unless)


def _swallows(idiom: frozenset[int], place: Place) -> bool:
    """Whether an idiom explains a match away: they share words, and the match does not say more than the idiom."""
    return not idiom.isdisjoint(place) and not idiom < set(place)


def _stands(denying: frozenset[str], sentence: Sentence, at: int, beside: int, place: Place) -> bool:
    if not 0 <= beside < len(sentence.words) or beside in place:
        return False
    return sentence.words[beside].key in denying and sentence.clauses[beside] == sentence.clauses[at]


def _hints(signs: Iterable[Sign]) -> frozenset[Hint]:
    return frozenset(Hint(sign.reason, sign.hints_at, sign.category) for sign in signs if sign.hints_at.rank)


def _sign(rule: Rule, concept: Concept, contexts: set[Context]) -> Sign:
    if Context.OWN in contexts:
        contexts = contexts - _UNLESS_OWN
    reason = f"{rule.language}.{concept.id}"
    if rule.is_hint:
        level, _ = _lowered(concept.level, contexts)
        return Sign(reason, Level.NONE, concept.category, 0, hints_at=level)
    level, rules = (concept.level, ()) if rule.is_firm else _lowered(concept.level, contexts)
    score = _SCORES.get(level, 0.0) + (_FIRM_BONUS if rule.is_firm else 0.0)
    return Sign(reason, level, concept.category, score, rules, is_firm=rule.is_firm)


def _lowered(level: Level, contexts: set[Context]) -> tuple[Level, tuple[str, ...]]:
    """The level that the contexts leave, and the names of those that lowered it by a step."""
    if contexts & _TO_NOTHING or contexts >= _LONG_OVER:
        return Level.NONE, ()
    if level is Level.CONCERN:
        return (Level.NONE if contexts & _CONCERN_TO_NOTHING else level), ()
    lowering = tuple(sorted(f"rule.{context}" for context in contexts & _ONE_STEP))
    return (Level.CONCERN if lowering else level), lowering


def _is_digits(keys: Sequence[str]) -> bool:
    return all(key.isdigit() for key in keys)


def _merged(signs: Iterable[Sign], version: str) -> Finding:
    """One finding for all signs of a text: the highest level names it, every sign adds to the score."""
    kept = [sign for sign in signs if sign.level is not Level.NONE]
    if not kept:
        return Finding(rules=version)
    level = max((sign.level for sign in kept), key=lambda level: level.rank)
    category = min((sign.category for sign in kept if sign.level is level), key=_ORDER.index)
    doubt = 1.0
    for score in {sign.reason: sign.score for sign in kept}.values():
        doubt *= 1 - score
    reasons = sorted({reason for sign in kept for reason in (sign.reason, *sign.rules)})
    return Finding(level, category, min(1 - doubt, _SUREST), tuple(reasons), version)


def _keys(spellings: Iterable[str]) -> frozenset[str]:
    return frozenset(key for spelling in spellings for key in words(spelling))
