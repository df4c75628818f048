"""Rules for one text in one language; each says where in the text it is broken and what to do."""

import re
import unicodedata
from collections.abc import Collection, Iterator
from typing import NamedTuple

from bot.curriculum.model import HELP_LINES, Language
from bot.curriculum.wordlist import word_list

LONGEST_TEXT = 320
LONGEST_SENTENCE = 12

ALPHABETS: dict[Language, frozenset[str]] = {
    "tg": frozenset("абвгғдеёжзиӣйкқлмнопрстуӯфхҳчҷшъэюя"),
    "ru": frozenset("абвгдеёжзийклмнопрстуфхцчшщъыьэюя"),
}
_LATIN = frozenset("abcdefghijklmnopqrstuvwxyz")
_OLD_FONT = dict(zip("ўїќњљѓһ", "ӯӣқҳҷғҳ", strict=True))
_OTHER_SIGNS = frozenset(" \n.,:;!?…«»()–—-’%•{}")
_FAMILIAR: dict[Language, frozenset[str]] = {
    "tg": frozenset(("ту", "туро", "бароят")),
    "ru": frozenset(("ты", "тебя", "тебе", "тобой", "твой", "твоя", "твоё", "твои", "твою")),
}

_WORD = re.compile(r"[^\W\d_]+(?:[’'-][^\W\d_]+)*")
_LETTERS = re.compile(r"[^\W\d_]+")
_SENTENCE = re.compile(r"[^.!?…\n]+")
_NUMBER = re.compile(r"\+?\d(?:[\s().-]*\d){2,}")
_LINK = re.compile(r"https?:|www\.|@\w|\b[a-z0-9-]+\.(?:[a-z]{2,4})\b", re.IGNORECASE)
_PLACEHOLDER = re.compile(r"\{[^{}\s]*\}")
_QUOTED = re.compile(r"«[^»]*»")


class Slip(NamedTuple):
    """A broken rule: where in the text, what is wrong and what to do."""

    at: int
    what: str


def slips(words: str, language: Language, long_sentences: Collection[str] = ()) -> Iterator[Slip]:
    """Every rule for authors that `words` break; listed `long_sentences` may be long."""
    yield from _length(words)
    yield from _sentences(words, long_sentences)
    yield from _letters(words, language)
    yield from numbers_and_links(words)
    yield from _placeholders(words)
    yield from familiar(words, language)
    yield from (
        Slip(_where(words, entry), f"«{entry}» has no place in a lesson, say it otherwise")
        for entry in word_list("banned").found(words)
    )


def sentences(words: str) -> Iterator[tuple[int, str]]:
    """Where each sentence begins, and its words."""
    for found in _SENTENCE.finditer(words):
        sentence = found[0].strip(" «»—–-")
        if _LETTERS.search(sentence):
            yield found.start() + found[0].index(sentence), sentence


def placeholders(words: str) -> list[str]:
    """The placeholders of a text, sorted."""
    return sorted(_PLACEHOLDER.findall(words))


def _length(words: str) -> Iterator[Slip]:
    if len(words) > LONGEST_TEXT:
        yield Slip(0, f"{len(words)} characters, shorten it to {LONGEST_TEXT}")


def _sentences(words: str, long_sentences: Collection[str]) -> Iterator[Slip]:
    for at, sentence in sentences(words):
        count = len(_WORD.findall(sentence))
        if count > LONGEST_SENTENCE and sentence not in long_sentences:
            yield Slip(at, f"{count} words in a sentence, divide it so that none has more than {LONGEST_SENTENCE}")


def spelling(words: str, language: Language) -> Iterator[Slip]:
    """Every letter that is not one of the language: from an old font, another alphabet, or made of two characters."""
    if words != unicodedata.normalize("NFC", words):
        yield Slip(_first_loose_mark(words), "a letter made of two characters, type it anew (Unicode NFC)")
        return
    for found in _LETTERS.finditer(words):
        if wrong := _wrong_letter(found[0].lower(), language):
            yield Slip(found.start(), f"«{found[0]}»: {wrong}")


def _letters(words: str, language: Language) -> Iterator[Slip]:
    yield from spelling(words, language)
    if not unicodedata.is_normalized("NFC", words):
        return
    for at, sign in enumerate(words):
        if not sign.isalnum() and sign not in _OTHER_SIGNS:
            name = unicodedata.name(sign, f"U+{ord(sign):04X}")
            yield Slip(at, f"the sign {name} is not used in lessons, remove it (quotes are «»)")


def _wrong_letter(word: str, language: Language) -> str | None:
    strange = [letter for letter in word if letter not in ALPHABETS[language]]
    if not strange or _LATIN.issuperset(word):
        return None
    letter = strange[0]
    if letter in _LATIN:
        return f"Latin «{letter}» inside a Cyrillic word, type it in Cyrillic"
    if letter in _OLD_FONT and language == "tg":
        return f"«{letter}» is an old-font letter, write «{_OLD_FONT[letter]}»"
    return f"«{letter}» is not a letter of this language, correct it"


def numbers_and_links(words: str) -> Iterator[Slip]:
    """Whatever looks like a telephone number or a link."""
    for found in _NUMBER.finditer(words):
        yield Slip(found.start(), f"digits that look like a telephone number, use {HELP_LINES}")
    for found in _LINK.finditer(words):
        yield Slip(found.start(), "a link, remove it")


def _placeholders(words: str) -> Iterator[Slip]:
    for found in _PLACEHOLDER.finditer(words):
        if found[0] != HELP_LINES:
            yield Slip(found.start(), f"unknown placeholder {found[0]}, use {HELP_LINES} or none")
    rest = _PLACEHOLDER.sub(lambda found: " " * len(found[0]), words)
    for found in re.finditer(r"[{}]", rest):
        yield Slip(found.start(), "a lone brace, close or remove it")


def familiar(words: str, language: Language) -> Iterator[Slip]:
    """She is addressed as «шумо» and «Вы»; only people in quotes may say «ту» and «ты»."""
    rest = _QUOTED.sub(lambda found: " " * len(found[0]), words)
    for found in _LETTERS.finditer(rest):
        if found[0].lower() in _FAMILIAR[language]:
            yield Slip(found.start(), f"«{found[0]}» outside quotes, address her as «шумо» and «Вы»")


def _where(words: str, entry: str) -> int:
    """Where an entry stands when it is spelled as in the list, else the beginning."""
    return max(0, words.lower().find(entry.partition("…")[0].lower()))


def _first_loose_mark(words: str) -> int:
    return next((at for at, sign in enumerate(words) if unicodedata.combining(sign)), 0)
