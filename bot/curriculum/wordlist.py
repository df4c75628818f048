"""Lists of words that practitioners own, found in a text however it is typed."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from importlib.resources import files

from bot.orthography import words

_STEM = "*"


@dataclass(frozen=True, slots=True)
class Entry:
    """A word, a stem or a phrase of them; `shown` is how its author wrote it."""

    shown: str
    parts: tuple[tuple[str, bool], ...]

    def begins(self, text: tuple[str, ...]) -> bool:
        """Whether the first words of `text`, folded, are this entry."""
        pairs = zip(self.parts, text, strict=False)
        return len(text) >= len(self.parts) and all(
            word.startswith(part) if is_stem else word == part for (part, is_stem), word in pairs
        )


@dataclass(frozen=True)
class WordList:
    """Entries of one section of `words.txt`."""

    entries: tuple[Entry, ...]

    @cached_property
    def _by_letter(self) -> dict[str, list[Entry]]:
        """The entries by the letter with which they begin: a word is compared with few of them."""
        found: dict[str, list[Entry]] = {}
        for entry in self.entries:
            found.setdefault(entry.parts[0][0][0], []).append(entry)
        return found

    def found(self, text: str) -> Iterator[str]:
        """The entries that stand in `text`, in the order of the text, as their author wrote them."""
        folded = words(text)
        for n, word in enumerate(folded):
            entries = self._by_letter.get(word[0], ())
            yield from (entry.shown for entry in entries if entry.begins(folded[n:]))

    def first(self, text: str) -> str | None:
        """The first entry that stands in `text`, or None."""
        return next(self.found(text), None)


@cache
def word_list(section: str) -> WordList:
    """A section of `words.txt`; raises `KeyError` when there is none."""
    return _sections()[section]


@cache
def _sections() -> dict[str, WordList]:
    sections: dict[str, list[Entry]] = {}
    name = ""
    for line in (files("bot.curriculum") / "words.txt").read_text("utf-8").splitlines():
        entry = line.partition("#")[0].strip()
        if entry.startswith("["):
            name = entry.strip("[]")
        elif entry:
            sections.setdefault(name, []).append(_entry(entry))
    return {name: WordList(tuple(entries)) for name, entries in sections.items()}


def _entry(line: str) -> Entry:
    parts = [(part.removesuffix(_STEM), part.endswith(_STEM)) for part in line.split()]
    return Entry(line.replace(_STEM, "…"), tuple((" ".join(words(word)), is_stem) for word, is_stem in parts))
