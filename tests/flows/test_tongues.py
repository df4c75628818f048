"""Another language than she chose is offered once and never taken by itself; other tongues get kind words (S8)."""

from datetime import timedelta

import pytest

from bot.core.effects import OpenCase, Post
from bot.core.events import DeskAlarmed, MessageReceived
from bot.core.messages import LANGUAGES
from bot.flows.coordinator import ALARMS
from bot.flows.tongues import OFFERED_AGAIN
from tests.flows.chat import mother, stranger
from tests.flows.test_laws import STATES, URGENT

RUSSIAN = ("Я сегодня прочитала страницу", "У меня сегодня совсем нет времени", "Когда будет следующий урок")
TAJIK = ("Ман имрӯз дарсро хондам", "ман имруз вакт надорам, чи кор кунам", "man imruz dars nakhondam, bachaho kasal")
OTHERS = (
    "Men bugun darsni o'qidim",
    "Мен тожикча тушунмайман",
    "السلام عليكم ورحمة الله",
    "عید شما مبارک",
    "درس امروز را خواندم",
)


def offers(chat) -> list[str]:
    return [choice for choice in chat.choices if choice.startswith("tongue.take")]


@pytest.mark.parametrize(("chosen", "texts", "other"), [("tg", RUSSIAN, "ru"), ("ru", TAJIK, "tg")])
def test_the_second_message_in_the_other_language_brings_a_button_and_changes_nothing(book, chosen, texts, other):
    chat = mother(book, language=chosen)
    chat.write(texts[0])
    assert not offers(chat)
    chat.write(texts[1])
    assert offers(chat) == [f"tongue.take:{other}"]
    assert chat.conversation.language == chosen
    chat.press(f"tongue.take:{other}")
    assert chat.conversation.language == other
    assert chat.texts


def test_it_is_offered_once_and_then_not_for_a_long_while(book):
    chat = mother(book, language="tg")
    said = []
    for day in range(OFFERED_AGAIN.days + 3):
        chat.write(RUSSIAN[day % 3])
        said += [day] if offers(chat) else []
        chat.pass_time(timedelta(days=1))
    assert said == [1, 1 + OFFERED_AGAIN.days]


def test_a_message_in_her_own_language_begins_the_count_anew(book):
    chat = mother(book, language="tg")
    for text in (RUSSIAN[0], TAJIK[0], RUSSIAN[1]):
        chat.write(text)
        assert not offers(chat)


@pytest.mark.parametrize("text", ["спасибо", "хорошо", "да", "Меню", "салом раҳмат"])
def test_single_words_bring_no_offer(book, text):
    chat = mother(book, language="tg")
    for _ in range(4):
        chat.write(text)
        assert not offers(chat)


@pytest.mark.parametrize("text", OTHERS)
@pytest.mark.parametrize("language", ["tg", "ru"])
def test_s8_uzbek_and_arabic_script_get_kind_words_and_nobody_is_told_by_itself(book, language, text):
    chat = mother(book, language=language)
    assert len(chat.write(text)) >= 2
    assert "tongue.person" in chat.choices
    assert not chat.asked(OpenCase)
    assert not chat.asked(Post)
    assert chat.case is None


def test_s8_a_wish_for_her_language_is_a_neutral_line_to_her_facilitators_and_no_case(book):
    chat = mother(book)
    chat.write(OTHERS[0])
    chat.press("tongue.person")
    assert [post.event.what for post in chat.posts(DeskAlarmed)] == ["language", "language"]
    assert not chat.asked(OpenCase)
    chat.press("tongue.person")
    assert not chat.posts()
    assert chat.texts, "she is answered all the same"


def test_uzbek_is_answered_in_the_letters_she_used(book):
    latin, cyrillic = (mother(book).write(text)[-1] for text in OTHERS[:2])
    assert "Rahmat" in latin
    assert "Раҳмат" in cyrillic


def test_s5_nothing_is_added_to_the_answer_about_a_case(book):
    chat = mother(book, language="tg")
    chat.write(RUSSIAN[0])
    chat.write(RUSSIAN[1], URGENT)
    chat.write(RUSSIAN[2])
    assert not offers(chat)
    chat.write(OTHERS[0])
    assert "tongue.person" not in chat.choices


def test_on_a_hidden_or_stopped_screen_nothing_is_offered(book):
    for state in ("Safety:hidden", "Safety:stopped"):
        chat = mother(book, state, language="tg")
        for text in (*RUSSIAN, *OTHERS):
            chat.write(text)
            assert not [choice for choice in chat.choices if choice.startswith("tongue")]


@pytest.mark.parametrize("text", [*OTHERS, RUSSIAN[1]])
def test_s8_in_every_state_another_language_worries_nobody_more_than_her_own(book, text):
    for state in STATES:
        chats = [mother(book, state, language="tg") for _ in range(2)]
        for chat, written in zip(chats, (TAJIK[0], text), strict=True):
            chat.play(MessageReceived(written, message_id="hers"))
        assert len(chats[1].asked(OpenCase)) <= len(chats[0].asked(OpenCase)), state
        assert len(chats[1].posts()) <= len(chats[0].posts()), state


def test_the_line_for_facilitators_stands_in_both_languages(book):
    assert all(book.engine.library.texts.say(language, ALARMS["language"]) for language in LANGUAGES)


@pytest.mark.parametrize(("text", "language"), [("Я боюсь, он меня убьёт", "ru"), ("Шавҳарам маро мезанад", "tg")])
def test_a_worried_stranger_is_answered_in_the_language_in_which_she_writes_and_the_card_says_so(book, text, language):
    chat = stranger(book)
    (answer,) = chat.write(text, URGENT)
    assert answer == mother(book, language=language, participant=None).write(text, URGENT)[0]
    assert chat.asked(OpenCase)[0].language == language


def test_a_worried_stranger_whose_words_tell_no_language_is_answered_in_both(book):
    chat = stranger(book)
    (answer,) = chat.write("helpme", URGENT)
    each = [mother(book, language=language, participant=None).write("helpme", URGENT)[0] for language in LANGUAGES]
    assert answer == "\n\n".join(each)


def test_a_worried_stranger_who_chose_a_language_keeps_it(book):
    chat = stranger(book)
    chat.start()
    chat.press("language:tg")
    chat.write("Я боюсь, он меня убьёт", URGENT)
    assert chat.asked(OpenCase)[0].language == "tg"
