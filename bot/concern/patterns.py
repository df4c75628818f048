"""Patterns of words, as practitioners write them in the lexicons, and where they occur in a sentence.

бьет              the word, in any spelling that has its skeleton
избива*           any word that begins so
=бил              this word letter by letter (its skeleton is also another word: был)
муж|супруг*       one of them
$child            one of a named group of the lexicon
хочу ... умереть  up to four other words may stand between
меня & бьет       both, in any order, at most eight words apart; a comma counts as a word
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import islice

from bot.core.errors import ContentError
from bot.orthography import Word, words

_GAP = 4
_REACH = 8
_STOP = 1
"""A comma between two parts counts as so many words: who stands in one clause seldom does what the next one tells."""
_MOST_PLACES = 16
_SHORTEST_STEM = 3
_REMEMBERED = 8_000
_LONGEST_WORD = 40

Place = tuple[int, ...]
Link = tuple[int, int]
"""The number of a choice, and how many other words may stand before it."""
Chain = tuple[Link, ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """The words that may stand at one place of a pattern."""

    keys: frozenset[str]
    stems: frozenset[str]
    spellings: frozenset[str]


@dataclass(frozen=True, slots=True)
class Step:
    """A choice, and how many other words may stand before it."""

    choice: Choice
    gap: int = 0


@dataclass(frozen=True, slots=True)
class Pattern:
    """Parts in any order, each of them steps in this order."""

    text: str
    parts: tuple[tuple[Step, ...], ...]


def parse(text: str, groups: Mapping[str, str]) -> Pattern:
    """Read one pattern; raises `ContentError`."""
    return Pattern(text, tuple(tuple(_steps(part, groups)) for part in text.split(" & ")))


def _steps(part: str, groups: Mapping[str, str]) -> Iterator[Step]:
    gap = 0
    for item in part.split():
        if item == "...":
            gap = _GAP
            continue
        yield Step(_choice(item, groups), gap)
        gap = 0


def _choice(item: str, groups: Mapping[str, str]) -> Choice:
    keys, stems, spellings = set[str](), set[str](), set[str]()
    for word in _spread(item, groups):
        if word.startswith("="):
            spellings.add(word[1:])
        elif word.endswith("*"):
            stems.add(_key(word[:-1], _SHORTEST_STEM))
        else:
            keys.add(_key(word, 1))
    return Choice(frozenset(keys), frozenset(stems), frozenset(spellings))


def _spread(item: str, groups: Mapping[str, str]) -> Iterator[str]:
    for word in item.split("|"):
        if not word.startswith("$"):
            yield word
        elif word[1:] in groups:
            yield from _spread(groups[word[1:]].replace(" ", ""), groups)
        else:
            raise ContentError(f"pattern {item!r}: there is no group {word!r}")


@cache
def _key(word: str, shortest: int) -> str:
    """Remembered: the same words stand in many patterns, and every pattern is read twice, checked and then sought."""
    found = words(word)
    if len(found) != 1 or len(found[0]) < shortest:
        raise ContentError(f"pattern: {word!r} is not one word of at least {shortest} letters")
    return found[0]


class Index:
    """All patterns at once: a sentence is looked up word by word, not pattern by pattern."""

    def __init__(self, patterns: Sequence[Pattern]) -> None:
        self._numbers: dict[Choice, int] = {}
        self._of_key: dict[str, list[int]] = defaultdict(list)
        self._of_stem: dict[str, list[int]] = defaultdict(list)
        self._of_spelling: dict[str, list[int]] = defaultdict(list)
        self._needing: dict[int, list[int]] = defaultdict(list)
        for number, pattern in enumerate(patterns):
            steps = [step for part in pattern.parts for step in part]
            # The choice with the fewest words is the rarest: it alone wakes the pattern.
            rarest = min(steps, key=lambda step: len(step.choice.keys) + 3 * len(step.choice.stems))
            for step in steps:
                self._learn(step.choice)
            self._needing[self._numbers[rarest.choice]].append(number)
        self._lengths = sorted({len(stem) for stem in self._of_stem})
        self._parts = [tuple(tuple(map(self._numbered, part)) for part in pattern.parts) for pattern in patterns]
        self._wanted = [frozenset(choice for part in parts for choice, _ in part) for parts in self._parts]
        self._remembered = lru_cache(maxsize=_REMEMBERED)(self._chosen)

    def _numbered(self, step: Step) -> Link:
        return self._numbers[step.choice], step.gap

    def _learn(self, choice: Choice) -> None:
        if choice in self._numbers:
            return
        number = self._numbers[choice] = len(self._numbers)
        for table, entries in (
            (self._of_key, choice.keys),
            (self._of_stem, choice.stems),
            (self._of_spelling, choice.spellings),
        ):
            for entry in entries:
                table[entry].append(number)

    def find(self, sentence: Sequence[Word], clauses: Sequence[int] = ()) -> Iterator[tuple[int, Place]]:
        """The number of each pattern that occurs, with the positions of its words; several times if it does.

        `clauses` tells for each word the number of its clause; without it all stand in one.
        """
        spots, clauses = self._spots(sentence), clauses or (0,) * len(sentence)
        for choice in spots:
            for number in self._needing.get(choice, ()):
                if self._wanted[number] <= spots.keys():
                    for place in islice(_places(self._parts[number], spots, clauses), _MOST_PLACES):
                        yield number, place

    def _spots(self, sentence: Sequence[Word]) -> dict[int, list[int]]:
        """For each choice that occurs, the positions of its words, in order."""
        spots: dict[int, list[int]] = {}
        for position, word in enumerate(sentence):
            for choice in self._choices(word):
                found = spots.setdefault(choice, [])
                if not found or found[-1] != position:
                    found.append(position)
        return spots

    def _choices(self, word: Word) -> tuple[int, ...]:
        return self._remembered(word) if len(word.key) <= _LONGEST_WORD else self._chosen(word)

    def _chosen(self, word: Word) -> tuple[int, ...]:
        """The choices that a word belongs to."""
        found = [*self._of_key.get(word.key, ()), *self._of_spelling.get(word.plain, ())]
        for length in self._lengths:
            if length > len(word.key):
                break
            found += self._of_stem.get(word.key[:length], ())
        return tuple(found)


def _places(parts: Sequence[Chain], spots: Mapping[int, list[int]], clauses: Sequence[int]) -> Iterator[Place]:
    runs = [list(islice(_runs(part, spots), _MOST_PLACES)) for part in parts]
    for first in runs[0]:
        place = first
        for others in runs[1:]:
            near = [other for other in others if _within_reach(other, place, clauses)]
            if not near:
                break
            place = (*place, *min(near, key=lambda other: abs(other[0] - first[0])))
        else:
            yield place


def _runs(part: Chain, spots: Mapping[int, list[int]]) -> Iterator[Place]:
    """The places where the links of a part follow each other within their gaps."""
    lists = [spots[choice] for choice, _ in part]
    for start in lists[0]:
        place = _follow((start,), part, lists)
        if place:
            yield place


def _follow(place: Place, part: Chain, lists: Sequence[list[int]]) -> Place | None:
    if len(place) == len(part):
        return place
    (_, gap), last = part[len(place)], place[-1]
    for position in lists[len(place)]:
        if last < position <= last + 1 + gap:
            whole = _follow((*place, position), part, lists)
            if whole:
                return whole
    return None


def _within_reach(other: Place, place: Place, clauses: Sequence[int]) -> bool:
    if set(other) & set(place):
        return False
    first, last = min(*other, *place), max(*other, *place)
    return last - first + _STOP * (clauses[last] - clauses[first]) <= _REACH + len(place)
