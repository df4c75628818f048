"""Somebody else's words as staff may see them: nothing to tap, and nothing that turns the line round (S12, S13)."""

import re

_TURNING = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_TAPPED = re.compile(r"[/@#$](?=\w)|(?<=\w)\.(?=[^\W\d_])|:(?=/)")
_JOINER = "\u2060"


def plain(text: str) -> str:
    """The same words: marks of direction are gone, and an invisible joiner parts what a messenger would make a link.

    Messengers find links, mentions, commands and tags by themselves in any text; one tap on «/stop» would be hers.
    """
    return _TAPPED.sub(lambda found: found[0] + _JOINER, _TURNING.sub("", text))
