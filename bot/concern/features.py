"""Features: what the model sees of a text, the same when it learns and when it judges.

A feature is a number made of a piece of a word's skeleton (two to five letters, the edge of the word is a
letter too), of a whole word, or of two words in a row.
"""

from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import pairwise
from zlib import crc32

from bot.concern.moments import Moment

LENGTHS = range(2, 6)
WINDOW = 48
"""So many words are judged at once: a report inside a long text is not drowned."""
OVERLAP = 12
_REMEMBERED = 8_000
_LONGEST_WORD = 40


def windows(words: Sequence[str]) -> Iterator[Sequence[str]]:
    """The words in portions that overlap; every word is in one, a short text is one portion."""
    for start in range(0, max(len(words) - OVERLAP, 1), WINDOW - OVERLAP):
        yield words[start : start + WINDOW]


def features(words: Sequence[str], moment: Moment = Moment.FREE) -> set[int]:
    """The features of one window of skeletons and of the moment in which it was written."""
    found = {crc32(f"@{moment}".encode())}
    for word in words:
        found |= pieces(word) if len(word) <= _LONGEST_WORD else _pieces(word)
    found.update(crc32(f"{one} {other}".encode()) for one, other in pairwise(words))
    return found


def _pieces(word: str) -> frozenset[int]:
    edged = f"<{word}>"
    numbers = {crc32(edged[at : at + n].encode()) for n in LENGTHS for at in range(len(edged) - n + 1)}
    return frozenset(numbers | {crc32(f"={word}".encode())})


pieces = lru_cache(maxsize=_REMEMBERED)(_pieces)
