"""Several concerns within a day press more than each alone; what was a false alarm is not remembered."""

from datetime import timedelta

import pytest

from bot.concern.screen import label
from bot.core.cases import Category, Finding, Level, Outcome
from bot.core.effects import OpenCase
from bot.core.events import CaseCloseAsked, MessageEdited, TakeAsked
from bot.flows.repeats import KEY, MANY, PAUSE, REASON, WITHIN
from tests.flows.chat import mother

CONCERN = Finding(Level.CONCERN, Category.DISTRESS, 0.6, ("concept",), "rules-1")
WORDS = "выдуманные тревожные слова"
OWNER = "facilitator-1"
AN_HOUR = timedelta(hours=1)


def worried(book, times, wait=AN_HOUR):
    chat = mother(book)
    for n in range(times):
        if n:
            chat.pass_time(wait)
        chat.write(WORDS, CONCERN)
    return chat


def test_the_third_concern_of_a_day_makes_the_case_urgent_and_says_why(book):
    assert worried(book, MANY - 1).case.level is Level.CONCERN
    chat = worried(book, MANY)
    assert chat.case.level is Level.URGENT
    assert chat.case.finding.reasons == ("concept", REASON)
    assert label(REASON, "tg")
    assert label(REASON, "ru")


@pytest.mark.parametrize("wait", [PAUSE - timedelta(seconds=1), WITHIN / 2 + timedelta(seconds=1)])
def test_what_is_told_in_one_go_or_over_days_is_not_many_concerns(book, wait):
    assert worried(book, MANY, wait).case.level is Level.CONCERN


def test_an_edit_is_no_new_concern(book):
    chat = worried(book, MANY - 1)
    chat.pass_time(AN_HOUR)
    chat.play(MessageEdited(WORDS, "hers-0"), CONCERN)
    assert chat.case.level is Level.CONCERN


def test_ordinary_words_between_leave_no_time_behind(book):
    chat = mother(book)
    chat.write("Салом")
    assert KEY not in chat.conversation.data


@pytest.mark.parametrize(("outcome", "level"), [(Outcome.FALSE_ALARM, Level.CONCERN), (Outcome.HANDLED, Level.URGENT)])
def test_s21_a_false_alarm_is_taken_out_of_the_memory_of_repeats(book, outcome, level):
    chat = worried(book, MANY - 1)
    chat.play(TakeAsked(chat.case.id, OWNER))
    chat.play(CaseCloseAsked(chat.case.id, OWNER, outcome, "Говорили."))
    assert (KEY in chat.conversation.data) == (outcome is Outcome.HANDLED)
    chat.pass_time(AN_HOUR)
    chat.write(WORDS, CONCERN)
    assert [effect.finding.level for effect in chat.asked(OpenCase)] == [level]
