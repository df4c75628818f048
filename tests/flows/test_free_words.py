"""WhatsApp takes free words for a day: an answer that waits comes back when the day ends, not two hours later (S1)."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.core.events import AnswerSettled, TakeAsked
from bot.flows.book import Book
from tests.flows.chat import mother
from tests.flows.test_case import URGENT, WORDS, answer

SECRET = "Тайный ответ"
HALF_AN_HOUR, MINUTE = timedelta(minutes=30), timedelta(minutes=1)


def waiting(book, language="ru"):
    """An answer waits outside her hours, and the day ends in half an hour."""
    chat = mother(book, language=language)
    chat.write(WORDS, URGENT)
    chat.play(TakeAsked(chat.case.id, "facilitator-1"))
    chat.now += timedelta(hours=20)
    chat.free_until = chat.now + HALF_AN_HOUR
    answer(chat, SECRET)
    return chat


@pytest.fixture(params=["tg", "ru"])
def waits(book, request):
    return waiting(book, request.param)


def settled(chat):
    """All that its owner was ever told of it."""
    events = [effect.event for effect in chat.log if hasattr(effect, "to")]
    return [(event.how, event.text) for event in events if isinstance(event, AnswerSettled)]


def test_s1_an_answer_comes_back_at_the_moment_the_day_for_free_words_ends(waits):
    assert [post.event.until for post in waits.posts(AnswerSettled)] == [waits.free_until]
    waits.pass_time(HALF_AN_HOUR - MINUTE)
    assert settled(waits) == [("held", "")]
    waits.pass_time(MINUTE)
    assert settled(waits)[1:] == [("window", SECRET)]
    assert waits.case.acted_at is None, "the case wants an act again (S10)"
    waits.pass_time(timedelta(hours=3))
    assert len(settled(waits)) == 2, "told once"


def test_who_writes_meanwhile_has_another_day_and_the_answer_its_two_hours(waits):
    waits.pass_time(timedelta(minutes=10))
    waits.write("салом")
    waits.free_until = waits.now + timedelta(days=1)
    waits.pass_time(timedelta(minutes=40))
    assert settled(waits) == [("held", "")]
    waits.pass_time(timedelta(hours=2))
    assert settled(waits)[1:] == [("expired", SECRET)]


def test_s1_after_the_day_an_answer_comes_back_at_once(waits):
    waits.pass_time(timedelta(hours=1))
    waits.log.clear()
    assert answer(waits, SECRET) == []
    assert settled(waits) == [("window", SECRET)]


def test_where_an_approved_line_stands_for_it_an_answer_waits_its_two_hours(book):
    library = book.engine.library
    chat = waiting(Book(library.curriculum, library.texts, replace(library.policy, is_cover_approved=True)))
    chat.pass_time(timedelta(hours=1))
    assert settled(chat) == [("held", "")]
