"""The skeleton: a key that stays equal when the same word is typed on another keyboard.

It is for comparing only and is never shown to a person: it folds ж with ҷ and ч, й with и, and so on.
"""

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from itertools import count, groupby
from typing import NamedTuple

_LATIN_GROUPS = {
    "g'": "г", "shch": "ш", "dzh": "ч", "sh": "ш", "dj": "ч", "zh": "ч", "ch": "ч",
    "kh": "х", "gh": "г", "ts": "с", "yo": "е", "yu": "у", "ya": "а", "ye": "е",
}  # fmt: skip
_LATIN_LETTERS = str.maketrans("abcdefghijklmnopqrstuvwxyz", "абсдефгхичклмнопкрстувшхиз")
# What a Latin letter looks like inside a Cyrillic word; h stands for һ and j for ј.
_LOOK_ALIKES = str.maketrans("abcehikmnoptuxyj", "авсехикмпортихуч")
# What a mark or a second letter says, told while the marks are still there: š and ş are sh, йо is ё.
_MARKED = {
    "s\u030c": "sh", "s\u0327": "sh", "c\u030c": "ch", "c\u0327": "ch", "z\u030c": "zh", "o\u0308": "o'",
    "и\u0306о": "е", "и\u0306у": "у", "и\u0306а": "а",
}  # fmt: skip
# Digits that stand for a letter, between two letters alone: «ме4оҳам», "me6avad".
_DIGITS = {"4": "ч", "6": "ш", "3": "з", "0": "о"}
_LATIN_DIGITS = {"4": "ch", "6": "sh", "3": "z", "0": "o"}
# Combining marks are gone by now, so ӣ й ї are и, ӯ ў are у, ё is е, ќ is к and ѓ is г already.
_FOLDED = str.maketrans({
    "ғ": "г", "қ": "к", "ҳ": "х", "ҷ": "ч", "ж": "ч", "ы": "и", "і": "и", "ю": "у", "я": "а", "э": "е",
    "щ": "ш", "ц": "с", "ъ": None, "ь": None, "'": None,
    "љ": "ч", "њ": "х", "һ": "х", "ј": "ч", "ҹ": "ч", "ҝ": "к", "ԛ": "к", "є": "е",
})  # fmt: skip
# Two letters that Latin spellings cannot tell from one («исҳол» and «ишол» are both "ishol").
_CYRILLIC_GROUPS = {"дч": "ч", "зх": "ч", "чх": "ч", "сх": "ш", "кх": "х", "гх": "г", "тс": "с", "тш": "ш"}

_APOSTROPHES = dict.fromkeys(map(ord, "’‘ʼʻ`´ʹʽ′＇"), "'")
_PARTING = "´"  # would come apart into a space and a mark
# An apostrophe belongs to a word inside it, and after o and g also at its end (Uzbek o' and g').
_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)*(?:(?<=[og])')?")
_LATIN_GROUP = re.compile("|".join(_LATIN_GROUPS))
_CYRILLIC_GROUP = re.compile("|".join(_CYRILLIC_GROUPS))
_MARK = re.compile("(?:" + "|".join(_MARKED) + ")(?![\u0304\u0306])")  # йӯ and йў are two sounds
_DIGIT = re.compile(r"(?<=[^\W\d_])[0346](?=[^\W\d_])")
_DOUBLE = re.compile(r"([^\W\d_])\1+")
_LATIN = re.compile("[a-z]")
_CYRILLIC = re.compile("[\u0400-\u052f]")
_INVISIBLE = frozenset({"Mn", "Me", "Cf", "Cs"})

# ﷺ alone stands for eighteen letters; a message of nothing else would be read as a whole page.
_BLESSING = re.compile("[\ufdfa\ufdfb]")
_MOST_SPELLED = 50
LONGEST_REMEMBERED = 40
_LATEST = 8
"""So many texts are remembered as read: one message is compared with many things, one after the other."""
_FEWEST_SPACED = 4
_FEWEST_DIFFERENT = 3


class _Seen(dict[int, int | str | None]):
    """Every sign that was met: as itself, an apostrophe as one kind of it, what is invisible as nothing."""

    def __missing__(self, sign: int) -> int | None:
        is_seen = sign < 128 or unicodedata.category(chr(sign)) not in _INVISIBLE
        return self.setdefault(sign, sign if is_seen else None)  # type: ignore[return-value]


_SEEN = _Seen(_APOSTROPHES)


def skeleton(text: str) -> str:
    """The folded words of `text`, joined by single spaces; punctuation and emoji fall away."""
    return " ".join(words(text))


@lru_cache(maxsize=_LATEST)
def words(text: str) -> tuple[str, ...]:
    """The skeleton of every word of `text`, in order; a number counts as a word."""
    return tuple(word.key for word in read(text))


class Word(NamedTuple):
    """One word: `plain` as typed, in small letters without marks, and `key`, its skeleton."""

    plain: str
    key: str


@lru_cache(maxsize=_LATEST)
def read(text: str) -> tuple[Word, ...]:
    """Every word of `text` that has a skeleton, in order."""
    found = [word for plain in _WORD.findall(_plain(text)) if (word := Word(plain, _fold(plain))).key]
    singles = sum(len(word.key) == 1 for word in found)
    return tuple(found if singles < _FEWEST_SPACED else _unspaced(found))


def _unspaced(found: list[Word]) -> Iterator[Word]:
    """The words with «к ӯ м а к» read as one: four single letters or more in a row, not all of them «и»."""
    for is_single, run in groupby(found, key=lambda word: len(word.key) == 1 and word.key.isalpha()):
        letters = list(run)
        if is_single and len(letters) >= _FEWEST_SPACED and len(set(letters)) >= _FEWEST_DIFFERENT:
            yield Word("".join(x.plain for x in letters), _fold("".join(x.key for x in letters)))
        else:
            yield from letters


def _plain(text: str) -> str:
    """Small letters without marks, invisible characters or fancy forms, one kind of apostrophe."""
    if text.isascii():
        return text.casefold().replace("`", "'")
    letters = unicodedata.normalize("NFKD", _briefly(text).replace(_PARTING, "'")).casefold()
    letters = _MARK.sub(lambda found: _MARKED[found[0]], unicodedata.normalize("NFKD", letters).casefold())
    return letters.translate(_SEEN)


def _briefly(text: str) -> str:
    """Blessings of one sign are spelled out so many times; each one after that parts words and says nothing new."""
    spelled = count()
    return _BLESSING.sub(lambda sign: sign[0] if next(spelled) < _MOST_SPELLED else " ", text)


def _fold(word: str) -> str:
    return _remembered(word) if len(word) <= LONGEST_REMEMBERED else _folded(word)


def _folded(word: str) -> str:
    if not word.isalpha():
        digits = _DIGITS if _CYRILLIC.search(word) else _LATIN_DIGITS
        word = _DIGIT.sub(lambda found: digits[found[0]], word)
    if _LATIN.search(word):
        if _CYRILLIC.search(word):
            word = word.translate(_LOOK_ALIKES)
        else:
            # The Uzbek o' first, so that yo'q is й + ў + қ.
            word = _LATIN_GROUP.sub(lambda found: _LATIN_GROUPS[found[0]], word.replace("o'", "у"))
        word = word.translate(_LATIN_LETTERS)
    return _settled(word.translate(_FOLDED))


def _settled(word: str) -> str:
    """Shrink groups and doubled letters until nothing changes, so that the key is a fixed point."""
    while True:
        shorter = _CYRILLIC_GROUP.sub(lambda found: _CYRILLIC_GROUPS[found[0]], _DOUBLE.sub(r"\1", word))
        if shorter == word:
            return word
        word = shorter


_remembered = lru_cache(maxsize=20_000)(_folded)
