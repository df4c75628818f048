"""The window that she presses for a case: when we may write to her about it (S1)."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.core.effects import CancelSends, Purpose
from bot.core.events import TakeAsked
from tests.flows.chat import mother, participant
from tests.flows.test_case import URGENT, WORDS, answer, taken


def test_s1_the_automatic_answer_offers_two_windows_and_her_own_hours(book):
    chat = mother(book)
    chat.write(WORDS, URGENT)
    assert {"window:30", "window:120", "window:hours"} <= set(chat.choices)
    labels = [button.label for row in chat.says[-1].outgoing.rows for button in row]
    assert "Только в мои часы" in labels
    without = mother(book, participant=participant(hours=None))
    without.write(WORDS, URGENT)
    labels = [button.label for row in without.says[-1].outgoing.rows for button in row]
    assert "Только когда я пишу" in labels, "who chose no hours is not promised any"


def test_s1_without_a_press_nothing_goes_outside_her_hours(book):
    chat = taken(book)
    chat.now += timedelta(hours=4)
    answer(chat, "Тайный ответ")
    assert chat.case.window_until is None
    assert not chat.pass_time(timedelta(hours=3))


def test_s1_only_in_my_hours_ends_a_window_and_takes_back_the_line_that_waits(book):
    chat = mother(book)
    chat.now += timedelta(hours=4)
    chat.write(WORDS, URGENT)
    chat.press("window:120")
    chat.play(TakeAsked(chat.case.id, "facilitator-1"))
    chat.now += timedelta(minutes=11)
    answer(chat)
    assert chat.press("window:hours")
    assert chat.case.window_until is None
    assert [effect.purposes for effect in chat.asked(CancelSends)] == [(Purpose.COVER,)]
    assert not [say for say in chat.pass_time(timedelta(hours=3)) if say.purpose is Purpose.COVER]


def test_s1_a_window_pressed_while_an_answer_waits_asks_at_once_whether_she_can_read(book):
    chat = taken(book)
    chat.now += timedelta(hours=4)
    answer(chat, "Тайный ответ")
    said = chat.press("window:30")
    assert "case.now" in chat.choices
    assert "Тайный ответ" not in said
    assert chat.press("case.now") == ["Тайный ответ"]


@pytest.mark.parametrize("language", ["tg", "ru"])
@pytest.mark.parametrize("window", ["window:30", "window:120", "window:hours"])
def test_s5_whoever_presses_help_reads_the_same_whatever_she_has_allowed_before(book, window, language):
    chat, other = mother(book, language=language), mother(book, language=language)
    chat.write(WORDS, URGENT)
    chat.press(window)
    allowed = chat.case.window_until
    chat.now += timedelta(minutes=20)
    other.now = chat.now
    assert chat.press("help") == other.press("help")
    assert chat.choices == other.choices
    assert chat.case.window_until == allowed, "what she allowed holds until she presses another"
    chat.press("window:hours")
    assert chat.case.window_until is None


@pytest.mark.parametrize(
    ("state", "choice", "comes"),
    [("hours", "hours:18", 1), ("hours", "hours.skip", 0), ("city", "city:warsaw", 1), ("days", "days:56", 0)],
)
def test_s1_other_hours_take_back_the_line_that_waits_by_the_old_ones(book, state, choice, comes):
    chat = taken(book)
    chat.now += timedelta(hours=4, minutes=30)
    answer(chat, "Тайный ответ")
    chat.conversation = replace(chat.conversation, state=f"Preferences:{state}")
    chat.press(choice)
    called_back = {purpose for effect in chat.asked(CancelSends) for purpose in effect.purposes}
    assert called_back == {Purpose.COVER, Purpose.PUSH, Purpose.BROADCAST}
    assert ("lesson" in chat.timers) == (choice != "hours.skip")
    came = [say for say in chat.pass_time(timedelta(hours=5)) if say.purpose is Purpose.COVER]
    assert len(came) == comes
