"""A shift that ends: who misses it when nobody else of a cohort is on duty."""

from dataclasses import replace

import pytest

from bot.core.events import DeskAlarmed
from tests.flows.desk_world import Chat, cohort, coordinator, facilitator, id_of

ZARA, NIGORA = facilitator("zara"), coordinator("nigora")
BAHOR, TIR = {id_of("bahor")}, {id_of("tir")}


@pytest.mark.parametrize(
    ("hers", "others", "told"),
    [(BAHOR, TIR, ["cohort_alone"]), (set(), TIR, ["cohort_alone"]), (BAHOR, set(), []), (BAHOR, BAHOR | TIR, [])],
)
def test_the_last_of_a_cohort_is_missed_although_another_cohort_has_somebody(hers, others, told):
    mehr = facilitator("mehr", cohorts=frozenset(others))
    chat = Chat.of(replace(ZARA, cohorts=frozenset(hers)), [NIGORA, mehr], cohorts=(cohort("bahor"),))
    chat.press("menu.shift")
    assert [(post.event.what, post.to) for post in chat.posts] == [(what, NIGORA.conversation_id) for what in told]


@pytest.mark.parametrize(("language", "word"), [("tg", "навбат"), ("ru", "дежур")])
def test_who_left_a_cohort_alone_is_named_in_words_of_its_own(language, word):
    chat = Chat.of(replace(NIGORA, language=language))
    chat.play(DeskAlarmed("cohort_alone", "Zara"))
    assert word in chat.said
    assert "Zara" in chat.said
