"""The words by which she steers call nobody: what she asked for happens, no help answer stands in its place."""

import pytest

from bot.concern.moments import Moment
from bot.concern.screen import load_screen
from bot.core.cases import Level
from bot.orthography.commands import PHRASES

SCREEN = load_screen()


@pytest.mark.parametrize("meaning", sorted(set(PHRASES) - {"help"}))
def test_s3_s22_no_word_that_steers_is_a_finding(meaning: str) -> None:
    said = [phrase.lstrip("=") for phrase in PHRASES[meaning]]
    called = [
        (phrase, state)
        for phrase in said
        for state in (None, *Moment)
        if SCREEN.screen(phrase, state).level is not Level.NONE
    ]
    assert called == []
