"""A lesson is edited while mothers are in the middle of it."""

from dataclasses import replace

import pytest

from bot.core.effects import BeginLesson, KeepReflection
from bot.curriculum.load import load
from bot.flows.book import Book
from bot.flows.policy import Policy
from bot.texts import load_texts
from tests.flows.chat import NOON, mother

CURRICULUM, TEXTS = load(), load_texts()
FIRST = CURRICULUM.lesson("1.1")
CHANGED = "This page has changed a little since you began. Here it is from the beginning."


def edited(*, is_kept: bool, cards: int = 3) -> Book:
    """The next release: every text of lesson 1.1 has other words, and perhaps fewer cards."""
    new = {
        name: text.model_copy(update={"ru": f"Новое: {text.ru}", "tg": f"Нав: {text.tg}"})
        for name, text in FIRST.texts()
        if "." not in name
    }
    new_cards = tuple(card.model_copy(update={"ru": f"Новое: {card.ru}"}) for card in FIRST.cards[:cards])
    lesson = FIRST.model_copy(update={**new, "cards": new_cards, "version": FIRST.version + 1})
    module = CURRICULUM.modules[0].model_copy(update={"lessons": (lesson, *CURRICULUM.modules[0].lessons[1:])})
    modules = (module, *CURRICULUM.modules[1:])
    history = (FIRST,) if is_kept else ()
    return Book(CURRICULUM.model_copy(update={"modules": modules, "history": history}), TEXTS, Policy())


def began(steps: int):
    """A mother who has pressed some steps into lesson 1.1 of this release."""
    chat = mother(Book(CURRICULUM, TEXTS, Policy()))
    chat.press("lesson.next")
    for _ in range(steps):
        chat.press("lesson.next_card")
    return chat


def test_she_finishes_the_version_she_began(book):
    chat = began(1)
    chat.book = edited(is_kept=True, cards=1)
    said = [*chat.press("lesson.next_card"), *chat.press("lesson.next_card"), *chat.press("prompt.skip")]
    said += chat.press("practice.later")
    assert FIRST.cards[2].ru in said
    assert FIRST.prompt.ru in said[1]
    assert FIRST.practice.ru in said[2]
    assert FIRST.practice_calm.ru in said[3]
    assert "Новое" not in "".join(said)


def test_the_practice_she_took_home_is_asked_about_in_the_words_she_knows():
    chat = began(3)
    chat.press("prompt.skip")
    chat.press("practice.yes")
    chat.book = edited(is_kept=True)
    chat.now = NOON.replace(day=28)
    assert chat.press("lesson.check_in") == [FIRST.check_in.ru]


def test_who_begins_now_reads_the_new_version(book):
    chat = mother(edited(is_kept=True))
    assert "Новое" in "".join(chat.press("lesson.next"))
    assert chat.asked(BeginLesson) == [BeginLesson("1.1", FIRST.version + 1)]


@pytest.mark.parametrize("steps", [0, 1, 2])
def test_without_the_old_version_she_reads_the_new_one_from_its_beginning(steps):
    chat = began(steps)
    chat.book = edited(is_kept=False, cards=2)
    said = chat.press("lesson.next_card")
    assert said[0] == TEXTS.say("ru", CHANGED)
    assert f"Новое: {FIRST.cards[0].ru}" in said[1]
    assert "Новое" in chat.press("lesson.next_card")[0]
    assert chat.press("lesson.next_card")[0].startswith("Новое: Когда телефон")
    assert chat.press("prompt.skip")


def test_without_the_old_version_an_answer_she_wrote_is_kept_and_she_goes_on():
    chat = began(3)
    chat.book = edited(is_kept=False, cards=1)
    chat.write("Рано утром")
    assert chat.asked(KeepReflection) == [KeepReflection("1.1", "Рано утром", is_shared=False)]
    assert "Новое" in chat.press("answer.no")[0]


def test_a_conversation_from_before_versions_were_remembered_simply_goes_on():
    chat = began(1)
    data = {key: value for key, value in chat.conversation.data.items() if key != "lesson_version"}
    chat.conversation = replace(chat.conversation, data=data)
    chat.book = edited(is_kept=False)
    assert chat.press("lesson.next_card")[0].startswith("Новое")
