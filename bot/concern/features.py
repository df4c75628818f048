"""Features: what the model sees of a text, the same when it learns and when it judges.

A feature is a number made of a piece of a word's skeleton (three to five letters, the edge of the word is a letter
too), of a whole word, of two words in a row, of the beginnings of two words that stand near each other, of the first
or last word, or of how many words there are.  The beginnings make up for the many endings of Tajik and Russian.
"""

from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import pairwise
from zlib import crc32

from bot.concern.moments import Moment

LENGTHS = range(3, 6)
BEGINNING = 4
STEM = 3
"""A shorter beginning, for two words in a row: three letters are often all that an inflected or hurried word keeps."""
ENDING = 3
NEAR = (2, 3)
STEP, LONGEST = 4, 8
"""How long a text is, is told in steps of so many words, and up to so many steps."""
WINDOW = 48
"""So many words are judged at once: a report inside a long text is not drowned."""
OVERLAP = 12
_REMEMBERED = 8_000
_LONGEST_WORD = 40


def windows(words: Sequence[str]) -> Iterator[Sequence[str]]:
    """The words in portions that overlap; every word is in one, a short text is one portion."""
    for start in range(0, max(len(words) - OVERLAP, 1), WINDOW - OVERLAP):
        yield words[start : start + WINDOW]


def features(words: Sequence[str], moment: Moment = Moment.FREE) -> list[int]:
    """The features of one window of skeletons and of the moment; a piece of two different words counts twice."""
    return [*(piece for word in set(words) for piece in pieces(word)), *between(words, moment)]


def pieces(word: str) -> frozenset[int]:
    """The features of one word by itself."""
    return _remembered(word) if len(word) <= _LONGEST_WORD else _pieces(word)


def between(words: Sequence[str], moment: Moment) -> set[int]:
    """The features of the window that are not of one word alone."""
    found = {crc32(f"@{moment}".encode())}
    if not words:
        return found
    whole = [word.encode() for word in words]
    starts = [word[:BEGINNING].encode() for word in words]
    found.update(crc32(one + b" " + other) for one, other in pairwise(whole))
    found.update(crc32(b"+" + one + b" " + other) for one, other in pairwise(starts))
    found.update(crc32(b"-" + one + b" " + other) for one, other in pairwise(word[:STEM].encode() for word in words))
    for far in NEAR:
        found.update(crc32(b"~" + one + b" " + other) for one, other in zip(starts, starts[far:], strict=False))
    length = f"#{min(len(words) // STEP, LONGEST)}".encode()
    edges = (b"^" + starts[0], b"$" + starts[-1], b"$$" + words[-1][-ENDING:].encode(), length)
    return found.union(map(crc32, edges))


def _pieces(word: str) -> frozenset[int]:
    edged = f"<{word}>"
    numbers = {crc32(edged[at : at + n].encode()) for n in LENGTHS for at in range(len(edged) - n + 1)}
    return frozenset(numbers | {crc32(f"={word}".encode())})


_remembered = lru_cache(maxsize=_REMEMBERED)(_pieces)
