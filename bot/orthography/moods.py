"""Whether a short answer to “how is it for you?” says that it got harder, or that it is well."""

from collections.abc import Iterable
from typing import Literal

from bot.orthography.skeleton import words

Mood = Literal["harder", "well"]

_STEMS: dict[Mood, str] = {
    "harder": """
        трудн сложн тяжел тяжк хуже ухудш плохо плохая невынос страшн душвор вазнин бадтар мушкил азоб қийин оғир
    """,
    "well": """
        хорош отличн нормальн норм порядк понрав легче полезн интересн прекрасн хуб нағз осон беҳтар писанд маъқул тинҷ
        яхши
    """,
}
_NOT_BEFORE = frozenset(words("не ничего нисколько нимагаам ҳеҷ"))
_NOT_AFTER = frozenset(words("нест не набуд нашуд намешавад эмас йўқ"))
_PHRASES: dict[str, Mood] = {"так себе": "harder", "не очень": "harder"}
_LATER = "баъд"
"""«Баъдтар» (later) has the key of «бадтар» (worse)."""
_OTHER: dict[Mood, Mood] = {"harder": "well", "well": "harder"}
_KEYS: dict[Mood, tuple[str, ...]] = {mood: words(stems) for mood, stems in _STEMS.items()}


def mood(text: str) -> Mood | None:
    """What it says; harder where it says both, None where it says neither."""
    said = words(text)
    whole = " ".join(said)
    found = {one for phrase, one in _PHRASES.items() if " ".join(words(phrase)) in whole}
    is_later = _LATER in text.casefold()
    found |= set(_moods(said, is_later=is_later))
    return "harder" if "harder" in found else "well" if found else None


def _moods(said: tuple[str, ...], *, is_later: bool) -> Iterable[Mood]:
    """The mood of each word that has one; a word that is denied says the other."""
    for n, word in enumerate(said):
        for one, keys in _KEYS.items():
            if not word.startswith(keys) or (is_later and word.startswith(words("бадтар"))):
                continue
            is_denied = (n > 0 and said[n - 1] in _NOT_BEFORE) or (n + 1 < len(said) and said[n + 1] in _NOT_AFTER)
            yield _OTHER[one] if is_denied else one
