"""Words and buttons mean the one who is there now: no old button, no old name, no code that is none (S7, S15, S22)."""

from datetime import timedelta

import pytest

from bot.core.cases import Category, Finding, Level
from bot.core.effects import CancelSends, Purpose
from bot.core.events import AnswerGiven, ButtonPressed, CaseRang, PersonConfirmed, Started, TakeAsked, TakeRefused
from bot.core.teamwork import FollowUpBegun
from tests.flows import desk_world
from tests.flows.chat import NOON, invitation, mother, participant, stranger

URGENT = Finding(Level.URGENT, Category.DOMESTIC_VIOLENCE, 0.9, ("concept",), "rules-1")


def answered(book, **how):
    chat = mother(book, **how)
    chat.write("выдуманные слова", URGENT)
    chat.play(TakeAsked(chat.case.id, "facilitator-1"))
    chat.now += timedelta(seconds=5)
    chat.play(AnswerGiven(chat.case.id, "facilitator-1", "Я с Вами."))
    return chat


# ---- the phone is another's now


def test_s22_a_look_at_a_mother_who_was_erased_does_not_reach_who_joined_from_her_phone_since(book):
    for chat in (mother(book), stranger(book)):
        chat.play(FollowUpBegun("facilitator-1", "1234", "anor-00009"))
        assert chat.case is None
        assert [post.to for post in chat.posts(TakeRefused)] == ["chat-facilitator-1"]
    chat = mother(book)
    chat.play(FollowUpBegun("facilitator-1", "1234", chat.participant.code_name))
    assert chat.case is not None


def test_s16_who_joined_from_a_phone_since_is_not_vouched_for_in_anothers_name():
    def cohort(name):
        return desk_world.cohort(participants=((desk_world.id_of("chat-a"), name, False),))

    zara, here = desk_world.facilitator("zara"), desk_world.id_of("chat-a")
    chat = desk_world.Chat.of(zara, cohorts=(cohort("Себ 1"),))
    chat.press("menu.people")
    chat.press_now(f"person:{here}")
    chat.press_now("meet.confirm", cohorts=(cohort("Нок 2"),))
    assert not chat.posts
    chat.press("menu.people")
    chat.press_now(f"person:{here}")
    chat.press_now("meet.confirm")
    assert [post.event for post in chat.posts] == [PersonConfirmed(zara.id)]


# ---- an old button


def test_s15_the_now_of_another_day_is_asked_again_before_anything_is_shown(book):
    chat = answered(book)
    assert chat.press("case.now") == ["Я с Вами."]
    chat.now += timedelta(days=1)
    chat.play(AnswerGiven(chat.case.id, "facilitator-1", "Слова второго дня"))
    chat.press("case.now")
    assert "case.now" in chat.choices
    assert "Слова второго дня" not in chat.texts
    assert chat.press("case.now") == ["Слова второго дня"]


@pytest.mark.parametrize(("language", "typed"), [("ru", "1"), ("ru", "сейчас"), ("tg", "1"), ("tg", "ҳозир")])
def test_s15_what_she_typed_before_the_question_was_asked_is_no_now(book, language, typed):
    chat = answered(book, language=language)
    assert chat.choices[0] == "case.now"
    chat.behind = timedelta(seconds=2)
    assert "Я с Вами." not in chat.write(typed)
    assert chat.choices[0] == "case.now", "she is asked, and now it counts from her own act, by her messenger's clock"
    chat.behind = timedelta(seconds=1)
    assert chat.write(typed) == ["Я с Вами."]


def test_s15_an_old_now_with_nothing_waiting_opens_no_contact(book):
    chat = answered(book)
    chat.press("case.now")
    chat.now += timedelta(days=1)
    chat.press("case.now")
    chat.play(AnswerGiven(chat.case.id, "facilitator-1", "Слова второго дня"))
    assert "Слова второго дня" not in chat.texts


def test_s15_who_leafs_through_the_menu_does_not_keep_the_contact_alive(book):
    chat = answered(book)
    chat.press("case.now")
    for _ in range(3):
        chat.now += timedelta(minutes=5)
        chat.write("меню")
    chat.play(AnswerGiven(chat.case.id, "facilitator-1", "Ещё слова"))
    assert "case.now" in chat.choices
    assert "Ещё слова" not in chat.texts


def test_s15_who_writes_to_her_facilitator_stays_in_contact(book):
    chat = answered(book)
    chat.press("case.now")
    for _ in range(3):
        chat.now += timedelta(minutes=5)
        chat.write("и вот что ещё")
    assert chat.play(AnswerGiven(chat.case.id, "facilitator-1", "Ещё слова")) == ["Ещё слова"]


@pytest.mark.parametrize(
    "quiet", [{"paused_until": NOON + timedelta(days=7)}, {"stopped_at": NOON - timedelta(days=1)}]
)
def test_s1_no_window_is_offered_that_her_own_quiet_would_close(book, quiet):
    chat = mother(book, participant=participant(**quiet))
    chat.write("выдуманные слова", URGENT)
    assert chat.says
    assert not [choice for choice in chat.choices if choice.startswith("window")]


def test_s1_a_window_pressed_in_her_own_pause_promises_nothing(book):
    chat = mother(book, participant=participant(paused_until=NOON + timedelta(days=7)))
    chat.write("выдуманные слова", URGENT)
    (said,) = chat.play(ButtonPressed("window:120"))
    assert said == book.engine.library.texts.say(chat.conversation.language, "All right. Quiet until you write.")


# ---- words that look like a code


@pytest.mark.parametrize("who", [mother, stranger])
def test_s7_words_in_the_shape_of_a_code_are_heard(book, who):
    chat = who(book)
    chat.play(Started("shavharam_maro_mezanad", "hers-1"), URGENT)
    assert chat.posts(CaseRang)
    assert [message.body for message in chat.case.messages] == ["shavharam_maro_mezanad"]


def test_a_code_that_opens_something_is_a_code_whatever_it_looks_like(book):
    chat = stranger(book)
    chat.play(Started("invented-code", "hers-1"), URGENT, invitation())
    assert chat.case is None


# ---- a broadcast on its way


def test_s4_a_broadcast_on_its_way_does_not_reach_one_who_opens_a_case(book):
    chat = mother(book)
    chat.write("выдуманные слова", URGENT)
    assert chat.asked(CancelSends) == [CancelSends((Purpose.BROADCAST,))]
