"""Texts as messengers carry them: a long one as several messages, cut where a reader would pause."""

import re
import unicodedata

TEXT_UNITS = 4096
"""The longest message of every messenger here."""
_PAUSES = (re.compile(r"\n\s*\n"), re.compile(r"\n"), re.compile(r"(?<=[.!?…»])\s"), re.compile(r"\s"))
_UNCLEAN = re.compile("[\0\ud800-\udfff]")
_JOINER = "\N{ZERO WIDTH JOINER}"


def units(text: str) -> int:
    """Its length in UTF-16 units, as phones count: most emoji are two."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def split(text: str, at_most: int = TEXT_UNITS) -> list[str]:
    """The text in parts of so many units, cut at a paragraph, a line, a sentence, a word, or where it must be."""
    parts: list[str] = []
    rest = text.strip()
    while units(rest) > at_most:
        cut = _cut(rest, at_most)
        parts.append(rest[:cut].rstrip())
        rest = rest[cut:].lstrip()
    return [*parts, rest]


def _cut(text: str, at_most: int) -> int:
    """How many letters go into the first part: at least half of what would fit, if there is any pause."""
    most = len(text.encode("utf-16-le")[: 2 * at_most].decode("utf-16-le", "ignore"))
    for pause in _PAUSES:
        ends = [found.start() for found in pause.finditer(text, most // 2, most + 1)]
        if ends:
            return ends[-1]
    return next((n for n in range(most, most // 2, -1) if not _is_joined(text, n)), most)


def _is_joined(text: str, n: int) -> bool:
    """Whether a cut before the n-th letter would tear one sign apart."""
    return text[n - 1] == _JOINER or text[n] == _JOINER or bool(unicodedata.category(text[n]) in {"Mn", "Me", "Sk"})


def clean(text: str) -> str:
    """The text without what databases and wires cannot carry: NUL is dropped, half letters become �."""
    if _UNCLEAN.search(text) is None:
        return text
    return text.replace("\0", "").encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
