"""What a taker reads: the words that opened the case, and which of our answers are not with her (S14)."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.core.effects import Audit
from bot.core.events import CaseGiven, CaseHandedBack, CaseMessageArrived, TakeAsked
from bot.core.teamwork import NoteLeft, OpinionAsked, OpinionGiven
from bot.flows.reading import VOICES
from tests.flows.desk_world import NOW, Chat, facilitator, id_of, open_case, staff_texts
from tests.flows.test_carrying import desk
from tests.flows.test_case import URGENT, WORDS, answer, taken

ZARA = facilitator("zara")
CASE = open_case("one", "4821", ZARA)


def given(lines, language="ru"):
    chat = Chat.of(replace(ZARA, language=language), cases=(CASE,))
    chat.play(CaseGiven(CASE.id, "4821", CASE.level, "lola-00001", "tg", "", (), lines))
    return chat.said


def test_what_opened_a_case_is_shown_however_much_she_wrote_since():
    lines = tuple((id_of(f"m{n}"), "hers", "text", NOW, f"слово-{n}-конец") for n in range(60))
    said = given(lines)
    shown = [n for n in range(60) if f"слово-{n}-конец" in said]
    assert shown == [*range(10), *range(40, 60)]
    assert "не показаны: 30" in said


@pytest.mark.parametrize("language", ["tg", "ru"])
@pytest.mark.parametrize("voice", ["answer_waits", "answer_unread"])
def test_s13_an_answer_that_is_not_with_her_is_not_read_as_said(language, voice):
    assert staff_texts().say(language, VOICES[voice]) in given(((id_of("m"), voice, "text", NOW, "Ответ"),), language)


def test_s13_the_next_owner_sees_which_answers_never_reached_her(book):
    chat = taken(book)
    chat.now += timedelta(minutes=20)
    answer(chat, "В пятницу")
    chat.play(CaseHandedBack(chat.case.id, "facilitator-1", ""))
    chat.play(TakeAsked(chat.case.id, "facilitator-2"))
    [post] = chat.posts(CaseGiven)
    assert ("answer_unread", "В пятницу") in {(line[1], line[4]) for line in post.event.lines}


def test_s14_new_words_of_hers_come_to_her_owner_with_a_row_of_the_audit(book):
    chat = taken(book)
    chat.write(WORDS, URGENT)
    assert chat.posts(CaseMessageArrived)
    assert chat.asked(Audit) == [Audit("bring", "facilitator-1", chat.case.id)]


def test_s14_a_supervisors_note_comes_to_her_owner_with_a_row_of_the_audit(book):
    chat = taken(book, roster=desk())
    chat.play(OpinionAsked(chat.case.id, "facilitator-1", "supervisor-1"))
    chat.play(OpinionGiven(chat.case.id, "supervisor-1", "Заметка"))
    assert chat.posts(NoteLeft)
    assert Audit("bring", "facilitator-1", chat.case.id) in chat.asked(Audit)
