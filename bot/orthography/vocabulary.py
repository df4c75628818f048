"""Vocabulary: whole messages that mean one thing, whatever the spelling."""

import unicodedata
from collections.abc import Collection, Iterable, Mapping

from bot.orthography.skeleton import words

_SHORTEST_WITH_TYPO = 5
_EXACT = "="
# Skin tones and variation signs: 👍🏽 is 👍.
_COLOURINGS = frozenset({"Sk", "Mn", "Cf"})


def is_near(one: str, other: str) -> bool:
    """Whether two words differ by at most one slip: a letter more, less, changed, or two swapped."""
    if one == other:
        return True
    if abs(len(one) - len(other)) > 1:
        return False
    start = _common(one, other)
    left, right = one[start:], other[start:]
    if len(left) == len(right):
        return left[1:] == right[1:] or (left[:2] == right[1::-1] and left[2:] == right[2:])
    return left[1:] == right if len(left) > len(right) else left == right[1:]


def _common(one: str, other: str) -> int:
    """How many letters two words share at their beginning."""
    pairs = zip(one, other, strict=False)
    return next((n for n, (a, b) in enumerate(pairs) if a != b), min(len(one), len(other)))


class Vocabulary:
    """Phrases and their meanings, matched against a whole message only (S7).

    A phrase is compared by its skeleton, and one slip is forgiven in a word of five letters or more.
    A phrase that begins with "=" is compared letter by letter, because its skeleton is also another
    word («баъд», later, and «бад», bad).  `neighbours` are other words that look like a slip of a phrase.
    What is a slip away is a guess: whoever asks decides whether to act on it or to ask her first.  Of several that are
    as near, one of the meanings in `first` is guessed.
    """

    def __init__(
        self,
        phrases: Mapping[str, Iterable[str]],
        neighbours: Iterable[str] = (),
        first: Collection[str] = (),
    ) -> None:
        self._first = frozenset(first)
        self._meanings: dict[tuple[str, ...], str] = {}
        self._exact: dict[str, str] = {}
        for meaning, spellings in phrases.items():
            for spelling in spellings:
                self._learn(meaning, spelling)
        self._by_edge: dict[tuple[int, str, bool], list[tuple[str, ...]]] = {}
        for known in self._meanings:
            for edge in _edges(known):
                self._by_edge.setdefault(edge, []).append(known)
        self._barred = {words(text) for text in (*self._exact, *neighbours)} - {()}

    def _learn(self, meaning: str, spelling: str) -> None:
        key = words(spelling)
        if spelling.startswith(_EXACT) or not key:
            self._exact[_trimmed(spelling.removeprefix(_EXACT))] = meaning
        elif self._meanings.setdefault(key, meaning) != meaning:
            raise ValueError(f"{spelling!r} means both {meaning} and {self._meanings[key]}")

    def meaning(self, text: str) -> str | None:
        """What the whole message means, by itself or with one slip; None when it says anything more or else."""
        sure, guessed = self.both(text)
        return sure or guessed

    def both(self, text: str) -> tuple[str | None, str | None]:
        """What the whole message means without a slip, else what `guess` makes of it; the text is read once."""
        key = words(text)
        sure = self._exact.get(_trimmed(text)) or self._known(key)
        return sure, None if sure else self._guessed(key)

    def sure(self, text: str) -> str | None:
        """What the whole message means, in any spelling but without a slip."""
        return self._exact.get(_trimmed(text)) or self._known(words(text))

    def guess(self, text: str) -> str | None:
        """What the whole message would mean if one letter of it were a slip; None when there is none or a choice."""
        return self._guessed(words(text))

    def _guessed(self, key: tuple[str, ...]) -> str | None:
        if key in self._barred or key in self._meanings:
            return None
        alike = {known for edge in _edges(key) for known in self._by_edge.get(edge, ())}
        near = {self._meanings[known] for known in alike if _differ_by_a_slip(key, known)}
        near = near & self._first or near
        return near.pop() if len(near) == 1 else None

    def _known(self, key: tuple[str, ...]) -> str | None:
        return None if key in self._barred else self._meanings.get(key)


def _edges(key: tuple[str, ...]) -> tuple[tuple[int, str, bool], tuple[int, str, bool]]:
    """How many words, and the first and the last two letters: a slip in a word of five or more leaves one of them."""
    joined = " ".join(key)
    return (len(key), joined[:2], True), (len(key), joined[-2:], False)


def _differ_by_a_slip(key: tuple[str, ...], known: tuple[str, ...]) -> bool:
    """Whether one long word of as many differs by a slip; the cheapest look comes first."""
    other = None
    for a, b in zip(key, known, strict=True):
        if a != b:
            if other is not None or len(b) < _SHORTEST_WITH_TYPO or abs(len(a) - len(b)) > 1:
                return False
            other = (a, b)
    return other is not None and is_near(*other)


def _trimmed(text: str) -> str:
    """The text in small letters without spaces, punctuation or pictures around it."""
    plain = unicodedata.normalize("NFC", text).casefold().strip()
    begin = next((n for n, letter in enumerate(plain) if letter.isalnum()), None)
    if begin is not None:
        end = next(n for n in range(len(plain), 0, -1) if plain[n - 1].isalnum())
        return plain[begin:end]
    return "".join(x for x in plain if unicodedata.category(x) not in _COLOURINGS)
