"""She says that others use her phone now: what concerns a case leaves it, and no text comes to it first (S2)."""

from datetime import timedelta

import pytest

from bot.core.cases import Finding, Level, Outcome
from bot.core.effects import CancelSends, Purpose, Unsay
from bot.core.events import ActRecorded, CaseCloseAsked, TakeAsked
from bot.core.people import Shared
from tests.flows.chat import mother, participant


def in_case(book, **how):
    chat = mother(book, **how)
    chat.write("выдуманные слова", Finding(Level.URGENT))
    chat.play(TakeAsked(chat.case.id, "facilitator-1"))
    return chat


def says(chat, choice):
    chat.write("меню")
    for one in ("settings", "phone", choice):
        chat.press(one)


def swept(chat):
    chat.pass_time(timedelta(minutes=30))
    return {effect.case_id or effect.every_case for effect in chat.log if isinstance(effect, Unsay)}


@pytest.mark.parametrize("choice", ["phone.yes", "phone.unknown", "phone.skip"])
@pytest.mark.parametrize("language", ["tg", "ru"])
def test_s2_the_texts_of_a_case_leave_a_phone_that_others_use_from_now_on(book, choice, language):
    chat = in_case(book, language=language)
    says(chat, choice)
    assert CancelSends((Purpose.BROADCAST,)) in chat.log[-20:]
    assert swept(chat) == {True}


@pytest.mark.parametrize("outcome", [Outcome.HANDLED, Outcome.FALSE_ALARM])
def test_s2_the_texts_of_a_case_that_was_closed_leave_it_too(book, outcome):
    chat = in_case(book)
    chat.play(ActRecorded(chat.case.id, "facilitator-1", "Поговорила лично."))
    chat.play(CaseCloseAsked(chat.case.id, "facilitator-1", outcome, "Готово."))
    says(chat, "phone.yes")
    assert swept(chat) == {True}


def test_s2_on_a_phone_that_is_hers_alone_they_stay(book):
    chat = in_case(book)
    says(chat, "phone.no")
    assert swept(chat) == set()
    shared = mother(book, participant=participant(phone_shared=Shared.YES))
    says(shared, "phone.yes")
    assert swept(shared) == set()
