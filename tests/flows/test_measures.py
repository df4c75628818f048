"""Short questions before, in the middle and after: only when she presses, all can be skipped, numbers alone stay."""

from datetime import timedelta

import pytest

from bot.core.effects import AnswerMeasure, Purpose
from bot.core.events import LessonDue
from bot.core.messages import LANGUAGES
from bot.curriculum.load import load
from tests.flows.chat import mother, participant

CURRICULUM = load()
MEASURES = CURRICULUM.measures
IDS = [question.id for question in MEASURES.questions]


def who_finished(*modules: str, **changes):
    done = {lesson.id for lesson in CURRICULUM.lessons() if lesson.id.split(".")[0] in modules}
    opened = tuple(module.id for module in CURRICULUM.modules)
    return participant(finished=frozenset(done), opened=opened, **changes)


def moment_of(book, *modules):
    """The moment for which she is asked when she has finished these modules."""
    chat = mother(book, participant=who_finished(*modules))
    chat.press("menu")
    if "measure.begin" not in chat.choices:
        return None
    chat.press("measure.begin")
    chat.press("measure.answer:3")
    return chat.asked(AnswerMeasure)[0].moment


def numbers(last):
    return [str(n) for n in range(1, last + 1)]


@pytest.mark.parametrize(
    ("finished", "moment"),
    [(0, "before"), (1, None), (4, None), (5, "middle"), (6, "middle"), (7, None), (9, None), (10, "after")],
)
def test_she_is_asked_before_in_the_middle_and_after(book, finished, moment):
    assert moment_of(book, *numbers(finished)) == moment


def test_there_are_six_questions_with_five_answers_each():
    assert IDS == ["talk", "days", "repair", "ask", "bot", "mother"]
    assert all(len(MEASURES.answers(question)) == 5 for question in MEASURES.questions)


@pytest.mark.parametrize("language", LANGUAGES)
def test_one_question_at_a_time_and_only_numbers_are_kept(book, language):
    chat = mother(book, language=language)
    assert chat.press("measure.begin")[0] == MEASURES.intro.in_language(language)
    kept = []
    for point, asked in enumerate(MEASURES.questions):
        assert asked.in_language(language) in chat.texts[-1]
        chat.press(f"measure.answer:{point % 5 + 1}")
        kept += chat.asked(AnswerMeasure)
    assert kept == [AnswerMeasure("before", name, n % 5 + 1) for n, name in enumerate(IDS)]
    assert chat.texts == [MEASURES.thanks.in_language(language)]
    assert chat.state == "Menu:open"
    assert "measure.begin" not in chat.choices


def test_an_answer_may_be_typed_by_its_number_or_its_words(book):
    chat = mother(book)
    chat.press("measure.begin")
    chat.write("5")
    assert chat.asked(AnswerMeasure) == [AnswerMeasure("before", "talk", 5)]
    chat.write("каждый день")
    assert chat.asked(AnswerMeasure) == [AnswerMeasure("before", "days", 5)]


def test_a_text_is_no_answer(book):
    chat = mother(book)
    chat.press("measure.begin")
    chat.write("Не знаю, что сказать про это")
    assert not chat.asked(AnswerMeasure)
    assert chat.state == "Measures:asking"


def test_every_question_can_be_skipped_and_all_at_once(book):
    chat = mother(book)
    chat.press("measure.begin")
    for _ in IDS:
        assert {"measure.skip", "measure.end"} <= set(chat.choices)
        chat.press("measure.skip")
    assert chat.state == "Menu:open"
    chat = mother(book)
    chat.press("measure.begin")
    chat.press("measure.end")
    assert chat.state == "Menu:open"
    assert "measure.begin" not in chat.choices
    assert not [effect for effect in chat.log if isinstance(effect, AnswerMeasure)]


def test_she_comes_back_to_the_question_where_she_stopped(book):
    chat = mother(book)
    chat.press("measure.begin")
    chat.press("measure.answer:1")
    chat.press("menu")
    chat.press("lesson.next")
    chat.press("menu")
    (text,) = chat.press("measure.begin")
    assert MEASURES.questions[1].ru in text


def test_they_are_never_pushed_and_never_hold_a_page_back(book):
    chat = mother(book)
    chat.press("measure.begin")
    chat.play(LessonDue("1.1"))
    (push,) = [say for say in chat.says if say.purpose is Purpose.PUSH]
    assert "measure" not in str(push.outgoing.rows)
    for say in chat.pass_time(timedelta(days=30)):
        assert not any(question.ru in say.outgoing.text for question in MEASURES.questions)


def test_the_middle_is_offered_with_the_closing_words_of_its_module(book):
    done = who_finished("1", "2", "3", "4").finished | {"5.1", "5.2"}
    chat = mother(book, "Lesson:practice", data={"lesson": "5.3", "step": 0})
    chat.participant = participant(finished=done, opened=("m1", "m2", "m3", "m4", "m5"))
    text, _ = chat.press("practice.later")
    assert "коротких вопросов" in text
    chat.press("harm.skip")
    assert "measure.begin" in chat.choices


@pytest.mark.parametrize("choice", ["measure.answer:0", "measure.answer:6", "measure.answer:", "measure.answer:12"])
def test_a_bent_answer_is_none(book, choice):
    chat = mother(book)
    chat.press("measure.begin")
    chat.press(choice)
    assert not chat.asked(AnswerMeasure)
