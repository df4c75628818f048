"""Reading, answering, practising, and coming back to the exact step."""

from datetime import timedelta

import pytest

from bot.core.effects import AddToReflection, BeginLesson, FinishLesson, KeepReflection, RecordCheckIn, ShareReflection
from bot.core.events import CommandGiven, LessonDue
from bot.core.messages import LANGUAGES
from bot.curriculum.load import load
from bot.flows.book import Book
from tests.flows.chat import mother, participant


def test_a_lesson_is_played_from_the_first_card_to_the_end(book):
    chat = mother(book)
    chat.press("lesson.next")
    assert chat.asked(BeginLesson)[0].lesson == "1.1"
    cards = len(book.engine.library.curriculum.lesson("1.1").cards)
    for _ in range(cards):
        assert chat.state == "Lesson:reading"
        chat.press("lesson.next_card")
    assert chat.state == "Lesson:asked"
    chat.write("Рано утром")
    assert chat.asked(KeepReflection) == [KeepReflection("1.1", "Рано утром", is_shared=False)]
    chat.press("answer.no")
    chat.press("practice.yes")
    assert chat.asked(FinishLesson) == [FinishLesson("1.1", "chosen")]
    assert f"1 из {sum(1 for _ in book.engine.library.curriculum.lessons())}" in chat.texts[0]
    assert chat.state == "Menu:open"
    assert "lesson.next" in chat.choices


@pytest.mark.parametrize("choice", ["prompt.think", "prompt.skip"])
def test_nothing_is_kept_when_she_only_thinks_or_skips(book, choice):
    chat = mother(book, "Lesson:asked")
    chat.press(choice)
    assert chat.state == "Lesson:practice"
    assert not chat.asked(KeepReflection)


def test_s20_an_answer_is_private_until_she_shares_it(book):
    chat = mother(book, "Lesson:asked")
    chat.write("Ответ")
    assert not chat.asked(KeepReflection)[0].is_shared
    chat.press("answer.yes")
    assert chat.asked(ShareReflection) == [ShareReflection("1.1")]


def test_s20_an_answer_in_several_messages_is_one_answer(book):
    chat = mother(book, "Lesson:asked")
    for text in ("Утром", "мне тепло", "ва ман чой менӯшам"):
        chat.now += timedelta(seconds=40)
        chat.write(text)
        assert "answer.yes" in chat.choices
    assert [effect.text for effect in chat.log if isinstance(effect, AddToReflection)] == [
        "мне тепло",
        "ва ман чой менӯшам",
    ]
    assert not [text for text in chat.texts if "программа" in text]
    chat.write("2")
    assert chat.asked(ShareReflection) == [ShareReflection("1.1")]


@pytest.mark.parametrize(
    ("text", "later"),
    [
        ("спасибо", 1),
        ("Толко для меня", 1),
        ("можно прочитать", 1),
        ("нахонад", 1),
        ("мумкин", 1),
        ("что дальше делать", 20),
    ],
)
def test_a_courtesy_a_slip_a_decision_and_what_comes_much_later_are_not_put_into_her_answer(book, text, later):
    chat = mother(book, "Lesson:asked")
    chat.write("Утром")
    chat.now += timedelta(minutes=later)
    chat.write(text)
    assert not chat.asked(AddToReflection)


def test_s20_a_lesson_that_never_stores_keeps_no_answer():
    curriculum = load()
    module = curriculum.modules[0]
    lesson = module.lessons[0].model_copy(update={"store": "never"})
    changed = module.model_copy(update={"lessons": (lesson, *module.lessons[1:])})
    from tests.flows import conftest  # noqa: PLC0415

    book = Book(curriculum.model_copy(update={"modules": (changed,)}), conftest.load_texts(), conftest.Policy())
    chat = mother(book, "Lesson:asked")
    chat.write("Ответ, который нигде не остаётся")
    assert not chat.asked(KeepReflection)
    assert "нигде не остаётся" not in repr(chat.conversation.data)
    assert chat.state == "Lesson:practice"


def test_not_now_leads_to_the_calm_words_without_any_question(book):
    chat = mother(book, "Lesson:practice")
    chat.press("practice.later")
    assert chat.asked(FinishLesson)[0].practice == "calm"
    assert book.engine.library.curriculum.lesson("1.1").practice_calm.ru in chat.texts[0]
    assert "check_in" not in chat.timers


def test_the_day_after_a_practice_she_is_asked_how_it_went(book):
    chat = mother(book, "Lesson:practice")
    chat.press("practice.yes")
    (line,) = chat.pass_time(timedelta(hours=26))
    lesson = book.engine.library.curriculum.lesson("1.1")
    assert lesson.check_in.ru not in line.outgoing.text
    assert chat.press("push.open")[-1] == lesson.check_in.ru
    assert chat.press("check.hard")[0] == lesson.check_in_hard.ru
    assert chat.asked(RecordCheckIn) == [RecordCheckIn("1.1", "hard")]


def test_without_hours_the_check_in_is_offered_in_the_menu(book):
    chat = mother(book, "Lesson:practice", participant=participant(hours=None))
    chat.press("practice.yes")
    assert "lesson.check_in" not in chat.choices
    chat.now += timedelta(days=1)
    chat.press("menu")
    assert "lesson.check_in" in chat.choices


def test_weeks_later_she_resumes_at_the_exact_step(book):
    chat = mother(book, "Lesson:reading", data={"lesson": "1.1", "step": 1})
    chat.now += timedelta(days=40)
    text = chat.start()[-1]
    assert text == book.engine.library.curriculum.lesson("1.1").cards[1].ru


def test_another_language_in_the_middle_keeps_the_place(book):
    chat = mother(book, "Lesson:reading", data={"lesson": "1.1", "step": 1})
    chat.write("забон")
    text = chat.press("language:tg")[-1]
    assert text == book.engine.library.curriculum.lesson("1.1").cards[1].tg
    assert chat.state == "Lesson:reading"


def test_a_detour_to_the_menu_leads_back_to_the_same_card(book):
    chat = mother(book, "Lesson:reading", data={"lesson": "1.1", "step": 1})
    chat.play(CommandGiven("menu"))
    chat.press("settings")
    chat.press("menu")
    chat.press("menu.resume")
    assert chat.texts[-1] == book.engine.library.curriculum.lesson("1.1").cards[1].ru


@pytest.mark.parametrize("word", ["Продолжить", "ПРОДОЛЖИТЬ!", "Prodolzhit", "Давом додан", "start"])
@pytest.mark.parametrize("beside", ["menu", "settings"])
def test_going_on_is_understood_as_a_word_and_leads_back_to_the_same_card(book, word, beside):
    chat = mother(book, "Lesson:reading", data={"lesson": "1.1", "step": 1})
    chat.press("menu")
    chat.press(beside)
    chat.write(word)
    assert chat.texts[-1] == book.engine.library.curriculum.lesson("1.1").cards[1].ru
    assert chat.state == "Lesson:reading"


def test_a_finished_page_can_be_read_again_and_the_unfinished_one_is_not_lost(book):
    her = participant(finished=frozenset({"1.1"}))
    chat = mother(book, "Lesson:reading", data={"lesson": "1.2", "step": 1}, participant=her)
    for choice in ("menu", "menu.finished", "lesson.repeat:1.1"):
        chat.press(choice)
    assert chat.conversation.data["lesson"] == "1.1"
    assert not chat.asked(BeginLesson)
    while chat.state != "Lesson:asked":
        chat.press("lesson.next_card")
    chat.press("prompt.skip")
    chat.press("practice.yes")
    assert not chat.asked(FinishLesson)
    chat.press("menu.resume")
    assert (chat.conversation.data["lesson"], chat.conversation.data["step"]) == ("1.2", 1)


def test_the_last_page_of_a_module_ends_with_its_closing_words(book):
    her = participant(finished=frozenset({"1.1", "1.2"}))
    chat = mother(book, "Lesson:practice", data={"lesson": "1.3", "step": 0}, participant=her)
    chat.press("practice.yes")
    assert book.engine.library.curriculum.module("m1").closing.ru in chat.texts[0]
    assert "lesson.next" not in chat.choices


@pytest.mark.parametrize("state", ["Lesson:reading", "Lesson:asked", "Lesson:kept", "Lesson:practice"])
def test_a_lesson_that_vanished_leads_gently_to_the_menu(book, state):
    for act in (
        lambda chat: chat.press("lesson.next_card"),
        lambda chat: chat.write("текст"),
        lambda chat: chat.start(),
    ):
        chat = mother(book, state, data={"lesson": "99.9", "step": 7})
        act(chat)
        assert chat.state == "Menu:open"
        assert len(chat.texts) >= 2


def test_a_step_beyond_a_lesson_that_became_shorter_shows_its_last_card(book):
    chat = mother(book, "Lesson:reading", data={"lesson": "1.1", "step": 17})
    assert chat.start()[-1] == book.engine.library.curriculum.lesson("1.1").cards[-1].ru


def test_the_next_page_waits_until_the_session_was_held(book):
    chat = mother(book, participant=participant(opened=()))
    chat.press("lesson.next")
    assert chat.state == "Menu:open"
    assert "встреч" in chat.texts[0]
    chat.play(LessonDue("2.1"))
    assert not chat.says


@pytest.mark.parametrize("typed", ["1", "дальше", "Дальше!", "ДАЛЬШЕ"])
def test_a_number_or_a_typed_word_chooses_like_a_button(book, typed):
    chat = mother(book)
    chat.press("lesson.next")
    chat.write(typed)
    assert chat.conversation.data["step"] == 1


def test_every_screen_of_every_lesson_can_be_said_in_both_languages(book):
    for language in LANGUAGES:
        for lesson in book.engine.library.curriculum.lessons():
            for state in ("Lesson:reading", "Lesson:asked", "Lesson:kept", "Lesson:practice"):
                chat = mother(book, state, language, data={"lesson": lesson.id, "step": 0})
                assert all(chat.start())
