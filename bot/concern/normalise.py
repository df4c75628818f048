"""A reading of one text: its sentences as words, and what its form says about the tone."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from bot.orthography import Word, read

_SENTENCE_END = re.compile(r"[.!?…;\n\r؟۔]+")
_CLAUSE_END = re.compile(r"[,:()«»\"—–،]|\s-\s")
_LAUGHTER = re.compile(
    r"[😂🤣😹😆😅😜😝]|\){3,}|(?<!\w)(?:а?(?:[хҳ][аеиэо]){2,}[хҳ]?|а?(?:h[aei]){2,}h?|(?:xa){2,}x?|лол|lol)(?!\w)",
    re.IGNORECASE,
)
_WINDOW = 48
_OVERLAP = 12


@dataclass(frozen=True, slots=True)
class Sentence:
    """The words of a sentence and, for each, the number of the clause it stands in."""

    words: tuple[Word, ...]
    clauses: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Reading:
    """One text as screening sees it; `arabic_share` (0..1) is the part of its letters in Arabic script."""

    raw: str
    sentences: tuple[Sentence, ...]
    laughs: bool
    arabic_share: float

    @property
    def keys(self) -> tuple[str, ...]:
        """The skeletons of all words in order, for the model."""
        return tuple(word.key for sentence in self.sentences for word in sentence.words)


def normalise(text: str) -> Reading:
    """Read a text of any alphabet; never raises."""
    return Reading(text, tuple(_sentences(text)), _LAUGHTER.search(text) is not None, _arabic_share(text))


def _sentences(text: str) -> Iterator[Sentence]:
    for part in _SENTENCE_END.split(text):
        numbered = [(word, n) for n, clause in enumerate(_CLAUSE_END.split(part)) for word in read(clause)]
        # A text without any full stop is read in overlapping windows, so that cost grows with length alone.
        for start in range(0, max(len(numbered) - _OVERLAP, 1) if numbered else 0, _WINDOW - _OVERLAP):
            window = numbered[start : start + _WINDOW]
            yield Sentence(tuple(word for word, _ in window), tuple(n for _, n in window))


def _arabic_share(text: str) -> float:
    if text.isascii():
        return 0.0
    letters = [letter for letter in text if letter.isalpha()]
    arabic = sum(unicodedata.name(letter, "").startswith("ARABIC") for letter in letters if letter >= "\u0600")
    return arabic / len(letters) if letters else 0.0
