"""What may stand on a locked screen: pushes, cover lines and broadcasts (S1, S4)."""

import re
import unicodedata

from bot.curriculum.wordlist import word_list

LOCK_SCREEN = 60
_REST_OF_WORD = re.compile(r"[\w'’]*")


def offending(text: str) -> str | None:
    """The sensitive entry that begins within the first 60 visible characters of `text`, or None."""
    visible = "".join(letter for letter in text if unicodedata.category(letter) != "Cf")
    line = " ".join(visible.split())
    end = len(line)
    if end > LOCK_SCREEN:
        found = _REST_OF_WORD.match(line, LOCK_SCREEN)
        end = found.end() if found else LOCK_SCREEN
    return word_list("push").first(line[:end])


def is_neutral(text: str) -> bool:
    """Whether a stranger who reads the first 60 characters of `text` learns nothing sensitive."""
    return offending(text) is None
