"""Somebody else's words as staff may see them: nothing to tap, and nothing that turns the line round (S12, S13)."""

import re

_TURNING = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_TAPPED = re.compile(r"[/@#$](?=\S)|(?<=\w)[.\u3002\uff0e\uff61](?=[^\W\d_])|:(?=/)")
"""Behind what a messenger begins a link, a mention, a command or a tag."""
_NUMBER = re.compile(r"\d(?:[\W_]{0,4}\d){2,}")
"""Perhaps a telephone, a card or an address of numbers: three figures or more, with whatever stands between them."""
_FIGURE = re.compile(r"(?<!^)(?=\d)")
_PARTING = "\u2063"
"""Invisible, and no messenger reads on over it; a joiner (U+2060) would still be a telephone number to a phone."""


def plain(text: str) -> str:
    """The same words: marks of direction are gone, and something invisible parts what a messenger would make a link.

    Messengers find links, mentions, commands, tags, telephone and card numbers by themselves in any text; one tap on
    «/stop» would be hers, and one on a number would ring at somebody's home.
    """
    parted = _NUMBER.sub(lambda found: _FIGURE.sub(_PARTING, found[0]), _TURNING.sub("", text))
    return _TAPPED.sub(lambda found: found[0] + _PARTING, parted)
