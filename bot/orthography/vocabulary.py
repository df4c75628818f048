"""Vocabulary: whole messages that mean one thing, whatever the spelling."""

import unicodedata
from collections.abc import Iterable, Mapping

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
    What is a slip away is a guess: whoever asks decides whether to act on it or to ask her first.
    """

    def __init__(self, phrases: Mapping[str, Iterable[str]], neighbours: Iterable[str] = ()) -> None:
        self._meanings: dict[tuple[str, ...], str] = {}
        self._exact: dict[str, str] = {}
        for meaning, spellings in phrases.items():
            for spelling in spellings:
                self._learn(meaning, spelling)
        self._by_shape: dict[tuple[int, int], list[tuple[str, ...]]] = {}
        for known in self._meanings:
            self._by_shape.setdefault(_shape(known), []).append(known)
        self._barred = {words(text) for text in (*self._exact, *neighbours)} - {()}

    def _learn(self, meaning: str, spelling: str) -> None:
        key = words(spelling)
        if spelling.startswith(_EXACT) or not key:
            self._exact[_trimmed(spelling.removeprefix(_EXACT))] = meaning
        elif self._meanings.setdefault(key, meaning) != meaning:
            raise ValueError(f"{spelling!r} means both {meaning} and {self._meanings[key]}")

    def meaning(self, text: str) -> str | None:
        """What the whole message means, by itself or with one slip; None when it says anything more or else."""
        return self.sure(text) or self.guess(text)

    def sure(self, text: str) -> str | None:
        """What the whole message means, in any spelling but without a slip."""
        return self._exact.get(_trimmed(text)) or self._known(words(text))

    def guess(self, text: str) -> str | None:
        """What the whole message would mean if one letter of it were a slip; None when there is none or a choice."""
        key = words(text)
        if key in self._barred or key in self._meanings:
            return None
        count, letters = _shape(key)
        alike = (known for n in (-1, 0, 1) for known in self._by_shape.get((count, letters + n), ()))
        near = {self._meanings[known] for known in alike if _differ_by_a_slip(key, known)}
        return near.pop() if len(near) == 1 else None

    def _known(self, key: tuple[str, ...]) -> str | None:
        return None if key in self._barred else self._meanings.get(key)


def _shape(key: tuple[str, ...]) -> tuple[int, int]:
    """How many words and letters: a slip changes the letters by one at most."""
    return len(key), sum(map(len, key))


def _differ_by_a_slip(key: tuple[str, ...], known: tuple[str, ...]) -> bool:
    """Whether one long word of as many differs by a slip; called for every phrase, so the cheapest look comes first."""
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
    inside = [n for n, letter in enumerate(plain) if letter.isalnum()]
    if inside:
        return plain[inside[0] : inside[-1] + 1]
    return "".join(x for x in plain if unicodedata.category(x) not in _COLOURINGS)
