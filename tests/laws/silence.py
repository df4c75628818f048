"""What a facilitators' group must never show: a word of hers, of the lexicons, or of a category (S12)."""

import re
from collections.abc import Iterable
from functools import cache

from bot.concern.lexicon import load_lexicons
from bot.core.cases import Category
from bot.core.messages import LANGUAGES
from bot.core.speech import Unit, say_duration
from bot.flows.cards import CATEGORIES, LEVELS
from bot.flows.cards import LANGUAGES as TONGUES
from bot.flows.ringing import STATES
from bot.texts import load_texts

_WORD = re.compile(r"[^\W\d_]{4,}")
_CARD = "No. {number} · {level} · {tongue} · waiting {wait}"
_UNITS: tuple[Unit, ...] = ("minute", "hour", "day")
_BOUND = (
    "Thank you. From now on I bring cards here. Whoever presses Take goes on in the private "
    "chat with me. Please keep me as administrator."
)


def words(text: str) -> set[str]:
    """What of a text can be recognised: words of at least four letters."""
    return set(_WORD.findall(text.casefold()))


def _said(keys: Iterable[str]) -> set[str]:
    texts = load_texts()
    blanks = dict.fromkeys(("number", "level", "tongue", "wait", "alias"), "")
    return set().union(*(words(texts.say(language, key, **blanks)) for language in LANGUAGES for key in keys))


@cache
def of_the_desk() -> frozenset[str]:
    """The few words of ours that a group is made of; a lexicon uses some of them as well: «срочно», «соат»."""
    waits = (say_duration(n, unit, language) for n in (1, 2, 5) for unit in _UNITS for language in LANGUAGES)
    return frozenset(
        _said((_CARD, _BOUND, *LEVELS.values(), *TONGUES.values(), *STATES.values())).union(*map(words, waits))
    )


@cache
def of_categories() -> frozenset[str]:
    """The names of categories, in every language."""
    plain = (category.value.replace("_", " ") for category in Category)
    return frozenset(_said(name for name in CATEGORIES.values() if name != CATEGORIES[""]).union(*map(words, plain)))


@cache
def of_lexicons() -> frozenset[str]:
    """Every word of a wording and of a group of words."""
    lexicons = load_lexicons()
    concepts = [concept for lexicon in lexicons for concept in lexicon.concepts]
    patterns = [text for concept in concepts for text in (*concept.firm, *concept.patterns)]
    groups = [text for lexicon in lexicons for text in lexicon.groups.values()]
    return frozenset(set().union(*map(words, (*patterns, *groups))))


def betrayed(shown: Iterable[str], hers: Iterable[str]) -> set[str]:
    """The words of a group's transcript that should not be there."""
    seen = set().union(*map(words, shown))
    return seen & ((of_lexicons().union(*map(words, hers)) - of_the_desk()) | of_categories())
