"""What a member of staff sees of her cases besides their texts: counts, history, words for what screening found."""

import re
from dataclasses import replace

import pytest

from bot.core.cases import Level
from bot.core.events import CaseGiven
from tests.flows.desk_world import NOW, Chat, facilitator, id_of, open_case

ZARA = facilitator("zara")


def test_s1_answers_that_wait_or_came_back_are_shown_to_their_owner():
    chat = Chat.of(ZARA, cases=(open_case("one", "4821", ZARA, waits=2, unread=1),))
    chat.press("menu.mine")
    assert "ждут, пока она откроет: 2" in chat.said
    assert "не дошли: 1" in chat.said
    chat.knows(cases=(open_case("one", "4821", ZARA),))
    chat.press("menu.mine")
    assert "ждут, пока" not in chat.said


def given(*reasons, **changes):
    event = CaseGiven(
        id_of("one"),
        "4821",
        Level.URGENT,
        "Себ 7",
        "tg",
        "domestic_violence",
        reasons,
        (("m1", "hers", "text", NOW, "…"),),
    )
    return replace(event, **changes)


@pytest.mark.parametrize(("language", "words"), [("ru", "говорит, что её бьют сейчас"), ("tg", "ҳоло ӯро мезананд")])
def test_why_it_rang_is_told_in_words_of_the_reader_and_never_by_the_name_of_a_rule(language, words):
    chat = Chat.of(replace(ZARA, language=language), cases=(open_case("one", "4821", ZARA),))
    chat.play(given("ru.beaten_now", "rule.laughter", "tg.beaten_now", "model.urgent", "model.category"))
    assert chat.said.count(words) == 1
    assert not re.search(r"beaten_now|rule\.|model\.|ru\.|tg\.", chat.said)
    assert chat.said.count({"ru": "прочтите сами", "tg": "худатон хонед"}[language]) == 1
