"""What comes several times is heard each time and answered once: albums, forwards, a dead button pressed ten times."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.core.cases import Category, Finding, Level
from bot.core.effects import AddToCase
from bot.core.events import AnswerGiven, ButtonPressed, MessageReceived, TakeAsked
from bot.core.messages import LANGUAGES, Kind
from tests.flows import desk_world as desk
from tests.flows.chat import mother, stranger
from tests.flows.test_laws import STATES

URGENT = Finding(Level.URGENT, Category.DOMESTIC_VIOLENCE, 0.9, ("invented",), "rules-1")


def photo(n: int, album: str = "album-1", text: str = "") -> MessageReceived:
    return MessageReceived(text, Kind.PHOTO, f"photo-{n}", file=f"file-{n}", album=album)


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_album_is_answered_once_and_every_photo_reaches_the_case(book, language):
    chat = mother(book, language=language)
    said = [chat.play(photo(n)) for n in range(10)]
    assert [len(texts) for texts in said] == [1] + [0] * 9
    assert [effect.file for effect in chat.log if isinstance(effect, AddToCase)] == [f"file-{n}" for n in range(10)]
    assert chat.write("меню"), "what follows is answered"


def test_the_photos_of_an_album_that_come_late_belong_to_it(book):
    chat = mother(book)
    chat.play(photo(1))
    chat.now += timedelta(minutes=4)
    assert chat.play(photo(2)) == []
    assert chat.play(photo(3, "album-2")), "another album is another message"


def test_photos_of_the_same_moment_are_one_message_where_the_channel_names_no_album(book):
    chat = mother(book)
    assert [len(chat.play(photo(n, ""))) for n in range(3)] == [1, 0, 0]
    chat.now += timedelta(minutes=1)
    assert chat.play(photo(4, ""))


@pytest.mark.parametrize("state", [state for state in STATES if state != "Onboarding:new"])
def test_in_every_state_an_album_is_answered_and_leaves_the_step(book, state):
    chat = mother(book, state)
    assert chat.play(photo(1))
    was, choices = chat.state, chat.conversation.data.get("options")
    for n in range(2, 5):
        assert chat.play(photo(n)) == []
    assert (chat.state, chat.conversation.data.get("options")) == (was, choices)


def test_s7_a_worry_under_a_later_photo_is_answered(book):
    chat = mother(book)
    chat.play(photo(1))
    assert chat.play(photo(2, text="он меня бьёт"), URGENT)
    assert chat.case.level is Level.URGENT


def test_two_voices_are_two_messages(book):
    chat = mother(book)
    assert chat.send(Kind.VOICE)
    assert chat.send(Kind.VOICE)


def test_ten_forwarded_messages_are_refused_once(book):
    chat = mother(book)
    said = [chat.play(MessageReceived("чужое", message_id=str(n), is_forwarded=True)) for n in range(10)]
    assert [bool(texts) for texts in said] == [True] + [False] * 9


# ---- dead buttons


@pytest.mark.parametrize("make", [mother, stranger])
def test_ten_presses_of_a_dead_button_give_one_fresh_screen(book, make):
    chat = make(book)
    chat.conversation = replace(chat.conversation, version=7)
    said = [chat.play(ButtonPressed("consent.yes", 3)) for _ in range(10)]
    assert [bool(texts) for texts in said] == [True] + [False] * 9


def test_the_buttons_of_the_fresh_screen_are_good_after_all_the_presses(book):
    chat = mother(book)
    chat.conversation = replace(chat.conversation, version=7)
    for _ in range(10):
        chat.play(ButtonPressed("lesson.next_card", 3))
    chat.press("settings")
    assert chat.state == "Preferences:menu"
    assert chat.texts


@pytest.mark.parametrize("choice", ["menu", "about", "pause", "help", "hide", "stop"])
def test_ten_presses_of_a_button_that_is_always_good_are_answered_once(book, choice):
    chat = mother(book)
    said = [chat.play(ButtonPressed(choice)) for _ in range(10)]
    assert [bool(texts) for texts in said] == [True] + [False] * 9
    chat.now += timedelta(seconds=6)
    assert chat.play(ButtonPressed(choice)), "later it is another press"


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("choice", ["hide", "pause", "stop", "help", "about", "menu"])
def test_s3_a_double_tap_does_what_one_tap_does(book, choice, language):
    once, twice = mother(book, language=language), mother(book, language=language)
    once.play(ButtonPressed(choice))
    twice.play(ButtonPressed(choice))
    before = twice.log[:]
    for seconds in (0, 4):
        twice.now += timedelta(seconds=seconds)
        assert twice.play(ButtonPressed(choice)) == []
    assert twice.log == before, "no neutral screen is taken away, and no quiet begins that she did not choose"
    assert (twice.state, twice.participant) == (once.state, once.participant)


def test_s15_the_now_under_the_question_that_an_old_now_brought_is_no_echo_of_that(book):
    chat = mother(book)
    chat.write("выдуманные слова", URGENT)
    chat.play(TakeAsked(chat.case.id, "facilitator-1"))
    chat.play(AnswerGiven(chat.case.id, "facilitator-1", "Я с Вами."))
    chat.now += timedelta(hours=3)
    chat.play(AnswerGiven(chat.case.id, "facilitator-1", "Второй ответ"))
    chat.play(ButtonPressed("case.now", None, "yesterday"))
    assert "case.now" in chat.choices
    chat.now += timedelta(seconds=1)
    assert "Второй ответ" in chat.play(ButtonPressed("case.now", None, "today"))


def test_s3_two_presses_an_hour_apart_that_come_together_are_two(book):
    chat = mother(book)
    chat.now += timedelta(hours=3)
    chat.behind = timedelta(hours=2)
    chat.play(ButtonPressed("hide"))
    chat.behind = timedelta(hours=1)
    chat.play(ButtonPressed("hide"))
    assert chat.participant.hidden_at == chat.now - timedelta(hours=1), "what she did before it shows nothing after it"


def test_ten_presses_in_the_staff_menu_are_answered_once(book):
    chat = desk.Chat.of(desk.facilitator("zara"), (desk.coordinator("nigora"),))
    conversation, said = chat.conversation, []
    for _ in range(10):
        played = book.play(conversation, ButtonPressed("menu.queue"), chat.facts, desk.IDS)
        conversation = played.conversation
        said.append(bool(desk.outgoings(played.effects)))
    assert said == [True] + [False] * 9


def test_a_dead_button_speaks_again_after_anything_else_or_after_a_while(book):
    chat = mother(book)
    chat.conversation = replace(chat.conversation, version=7)
    dead = ButtonPressed("lesson.next_card", 3)
    assert chat.play(dead)
    assert not chat.play(dead)
    assert chat.write("меню")
    assert chat.play(dead)
    chat.now += timedelta(minutes=11)
    assert chat.play(dead)
    assert chat.play(ButtonPressed("lesson.next_card", 4)), "another dead button is another question"


def test_a_dead_button_of_staff_speaks_once_too(book):
    chat = desk.Chat.of(desk.facilitator("zara"), (desk.coordinator("nigora"),))
    conversation, said = replace(chat.conversation, version=7), []
    for _ in range(5):
        played = book.play(conversation, ButtonPressed("no.such", 3), chat.facts, desk.IDS)
        conversation = played.conversation
        said.append(bool(desk.outgoings(played.effects)))
    assert said == [True, False, False, False, False]
