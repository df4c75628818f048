"""What a member of staff sees of her cases besides their texts: counts, history, words for what screening found."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.core.cases import CaseStep, Level
from bot.core.effects import Audit, Purpose, Say
from bot.core.events import CaseGiven, MessageEdited, TakeRefused
from bot.core.teamwork import HistoryAsked, HistoryGiven
from tests.flows.chat import mother
from tests.flows.desk_world import NOW, Chat, facilitator, id_of, open_case
from tests.flows.test_case import CONCERN, URGENT, WORDS, answer, taken

ZARA, LOLA = facilitator("zara"), facilitator("lola")


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


def test_the_taker_sees_which_page_she_is_on_or_how_far_she_has_come():
    chat = Chat.of(ZARA, cases=(open_case("one", "4821", ZARA),))
    chat.play(given(lesson="1.1", card=2))
    assert "Её страница: 1.1 «" in chat.said
    assert "карточка 2" in chat.said
    chat.play(given(finished=3))
    assert "прочла 3 из" in chat.said


def test_a_changed_message_is_told_from_a_new_one():
    chat = Chat.of(ZARA, cases=(open_case("one", "4821", ZARA),))
    lines = (("m1", "hers", "text", NOW, "первое"), ("m2", "edited", "text", NOW, "второе"))
    chat.play(given(lines=lines))
    assert "первое" in chat.said
    assert "изменила своё сообщение на" in chat.said


# ---- the history


def test_the_history_tells_equal_steps_once_and_no_words():
    chat = Chat.of(ZARA, cases=(open_case("one", "4821", ZARA),))
    chat.press(f"case.history:{id_of('one')}")
    (post,) = chat.posts
    assert (post.event, post.to) == (HistoryAsked(id_of("one"), ZARA.id), id_of("mother-one"))
    rings = tuple((NOW + timedelta(minutes=n), "escalate", "") for n in (5, 10, 15))
    done = (
        (NOW, "open", ""),
        *rings,
        (NOW + timedelta(hours=1), "take", "Zara"),
        (NOW + timedelta(hours=2), "new", ""),
    )
    chat.play(HistoryGiven(id_of("one"), "4821", done))
    (say,) = chat.asked(Say)
    assert say.purpose is Purpose.CASE_TEXT, "it leaves the chat with the case"
    assert say.outgoing.text.count("снова пришла тревога") == 1
    assert "×3" in say.outgoing.text
    assert "Zara: взяла" in say.outgoing.text
    assert "что-то ещё" in say.outgoing.text


def test_a_long_history_says_how_much_of_it_is_not_shown():
    chat = Chat.of(ZARA, cases=(open_case("one", "4821", ZARA),))
    steps = tuple((NOW + timedelta(minutes=n), "wrote" if n % 2 else "answered", "") for n in range(50))
    chat.play(HistoryGiven(id_of("one"), "4821", steps))
    assert "не показаны: 10" in chat.said


def test_the_history_of_a_case_that_is_anothers_is_not_asked_for_or_shown():
    chat = Chat.of(ZARA, [LOLA], cases=(open_case("one", "4821", LOLA),))
    chat.press(f"case.history:{id_of('one')}")
    assert not chat.posts
    chat.play(HistoryGiven(id_of("one"), "4821", ((NOW, "open", ""),)))
    assert not chat.said


def test_that_a_case_became_urgent_is_part_of_its_history(book):
    chat = mother(book)
    chat.write(WORDS, CONCERN)
    chat.write(WORDS, URGENT)
    assert Audit("raise", "", chat.case.id) in chat.asked(Audit)
    chat.write(WORDS, URGENT)
    assert not chat.asked(Audit)


def test_the_history_is_given_only_to_the_owner_and_whoever_looks_along(book):
    case_chat = taken(book)
    case_chat.now += timedelta(minutes=1)
    case_chat.play(MessageEdited("иначе", case_chat.case.messages[0].external_id))
    answer(case_chat)
    case_chat.steps = (CaseStep(case_chat.now, "take", "facilitator-1"), CaseStep(case_chat.now, "read", "gone"))
    case_chat.play(HistoryAsked(case_chat.case.id, "facilitator-2"))
    assert not case_chat.posts(HistoryGiven)
    assert case_chat.posts(TakeRefused)
    case_chat.play(HistoryAsked(case_chat.case.id, "facilitator-1"))
    (given_,) = case_chat.posts(HistoryGiven)
    told = [(what, by) for _, what, by in given_.event.steps]
    assert told[:2] == [("open", ""), ("wrote", "")]
    assert {("take", "Facilitator-1"), ("read", ""), ("edited", ""), ("answer_waits", "")} <= set(told)
    assert "иначе" not in repr(given_)
