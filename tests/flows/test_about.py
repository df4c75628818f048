"""Is this safe for me? The screens are near, say the truth, and move nothing."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.core.messages import LANGUAGES
from bot.flows.about import page
from bot.flows.book import Book
from storage import cases, progress, retention
from tests.flows.chat import NOON, mother, participant
from tests.flows.conftest import WORDS
from tests.flows.test_case import taken


@pytest.mark.parametrize("language", LANGUAGES)
def test_from_the_menu_it_is_one_tap_and_three_screens_that_fit_a_phone(book, language):
    chat = mother(book, language=language)
    chat.write("/menu")
    seen = []
    choice = "about"
    while choice:
        assert choice in chat.choices
        seen += chat.press(choice)
        choice = next((one for one in chat.choices if one.startswith("about")), "")
        assert {"menu", "help", "hide"} <= set(chat.choices)
    assert len(seen) == 3
    assert all(len(text) <= 900 for text in seen)
    assert WORDS.text[language] in seen[-1], "when our people must tell others, in the operator's words"


def test_it_keeps_her_step_and_stays_away_from_a_hidden_screen(book):
    chat = mother(book, "Lesson:asked")
    chat.press("about")
    assert chat.state == "Lesson:asked"
    hidden = mother(book, "Safety:hidden", participant=participant(hidden_at=NOON))
    hidden.press("about")
    assert hidden.choices == ["hidden.open"]


@pytest.mark.parametrize("state", ["Menu:open", "Lesson:reading", "Lesson:asked", "Preferences:name", "Safety:pause"])
@pytest.mark.parametrize(
    ("language", "words"), [("ru", "Кто это видит?"), ("ru", "кто это прочитает"), ("tg", "Инро кӣ мебинад?")]
)
def test_she_may_ask_it_in_words_in_the_middle_of_anything(book, state, language, words):
    chat = mother(book, state, language)
    asked = chat.write(words)
    assert asked == chat.press("about")
    assert chat.state == state


def test_what_it_says_of_days_and_minutes_is_what_the_code_does(book):
    lives = (progress.REFLECTIONS_LIVE, cases.CLOSED_LIVE, retention.STUBS_LIVE)
    assert lives == (timedelta(days=90), timedelta(days=90), timedelta(days=30))
    chat = mother(book)
    (kept,) = chat.press("about:2")
    assert kept.count("90 дней") == 2
    assert "30 дней" in kept
    policy = replace(book.engine.library.policy, case_text_stays=timedelta(minutes=20))
    other = Book(book.engine.library.curriculum, book.engine.library.texts, policy)
    assert "через 20 минут" in mother(other).press("about:1")[0]


def test_it_is_there_while_a_person_has_her_conversation(book):
    chat = taken(book)
    assert chat.press("about")
    assert chat.conversation.held_by == "facilitator-1"


def test_the_page_to_print_says_what_the_bot_says(book):
    """Make it again with: python -c "from bot.flows.about import page; print(page(), end='')"."""
    printed = Path(__file__).parents[2] / "docs" / "reference" / "is-this-safe-for-me.md"
    assert printed.read_text(encoding="utf-8") == page()
    for language in LANGUAGES:
        for choice in ("about", "about:1", "about:2"):
            shown = mother(book, language=language).press(choice)[0].replace(WORDS.text[language], "")
            assert all(line in page() for line in shown.split("\n\n")[:3])
