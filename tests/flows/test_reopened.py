"""What she writes before anybody took her case, and after it was closed, is never lost (S5, S10, S21)."""

from datetime import timedelta

import pytest

from bot.core.cases import Category, Finding, Level, Outcome
from bot.core.effects import OpenCase
from bot.core.events import ActRecorded, CaseCloseAsked, CaseRang, MessageEdited, TakeAsked
from tests.flows.chat import mother

URGENT = Finding(Level.URGENT, Category.DOMESTIC_VIOLENCE, 0.9, ("concept",), "rules-1")
ASKS = {"tg": "апа, шумо ҳастед? боз гап мезанем?", "ru": "сестра, вы здесь? давайте ещё поговорим?"}


def closed(book, outcome=Outcome.HANDLED, **how):
    chat = mother(book, **how)
    chat.write("выдуманные слова", URGENT)
    chat.play(TakeAsked(chat.case.id, "facilitator-1"))
    chat.play(ActRecorded(chat.case.id, "facilitator-1", "Поговорили."))
    chat.play(CaseCloseAsked(chat.case.id, "facilitator-1", outcome, "Поговорили."))
    chat.now += timedelta(hours=1)
    return chat


@pytest.mark.parametrize("state", ["Menu:open", "Lesson:asked"])
def test_s5_what_she_adds_to_an_urgent_case_that_nobody_has_taken_yet_goes_to_it(book, state):
    chat = mother(book, state)
    chat.write("выдуманные слова", URGENT)
    chat.now += timedelta(minutes=11)
    said = chat.write("я сижу во дворе, дети спят")
    assert [message.body for message in chat.case.messages][1:] == ["я сижу во дворе, дети спят"]
    assert said[0].startswith("Получили, спасибо.")
    assert chat.state == state
    assert not chat.posts(CaseRang)


def test_a_page_that_she_opened_since_keeps_her_answer(book):
    chat = mother(book, "Lesson:asked")
    chat.write("выдуманные слова", URGENT)
    chat.press("lesson.next:1.1")
    chat.conversation.data.update(lesson="1.1", step=0)
    assert chat.state == "Lesson:asked"
    chat.now += timedelta(minutes=11)
    chat.write("обычный ответ")
    assert len(chat.case.messages) == 1


@pytest.mark.parametrize("language", ["tg", "ru"])
def test_s10_what_she_writes_after_her_case_was_closed_goes_to_a_person_and_she_is_told_so(book, language):
    chat = closed(book, language=language)
    number = chat.closed[0].number
    (said,) = chat.write(ASKS[language])
    (opened,) = chat.asked(OpenCase)
    assert (opened.finding.level, opened.earlier) == (Level.CONCERN, number)
    assert chat.posts(CaseRang)[0].to == "group-1"
    assert {"tg": "мехонад", "ru": "прочитает"}[language] in said


@pytest.mark.parametrize(
    "text", ["раҳмат", "Раҳмати калон, апаҷон!", "спасибо Вам", "хуб", "Салом", "меню", "менюю", "ҳа", "5", "👍", "🙏"]
)
def test_courtesies_commands_and_slips_after_a_case_wake_nobody(book, text):
    chat = closed(book)
    chat.write(text)
    assert chat.case is None
    assert not chat.posts()


def test_an_answer_to_a_page_after_a_case_stays_an_answer(book):
    chat = closed(book, state="Lesson:asked")
    chat.write("мы читали вместе с дочкой")
    assert chat.case is None


def test_what_is_no_new_word_of_hers_reopens_nothing(book):
    chat = closed(book)
    chat.play(MessageEdited("другие слова", "hers-0"))
    chat.write("чужие слова", is_forwarded=True)
    assert chat.case is None
    chat.now += timedelta(days=15)
    chat.write(ASKS["ru"])
    assert chat.case is None


def test_s21_after_a_false_alarm_she_is_answered_as_if_there_had_been_none(book):
    chat = closed(book, Outcome.FALSE_ALARM)
    other = mother(book)
    other.now = chat.now
    assert chat.write(ASKS["ru"]) == other.write(ASKS["ru"])
    assert chat.case is None


def test_s3_on_a_hidden_screen_what_anyone_writes_is_heard_and_shows_nothing(book):
    chat = closed(book)
    hidden = chat.write("скрыть")
    assert chat.write(ASKS["ru"]) == hidden
    assert chat.case is not None
