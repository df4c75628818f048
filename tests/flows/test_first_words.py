"""What a mother writes first and most: greetings, thanks, a yes, a word of help before any language was chosen."""

import pytest

from bot.core.effects import Join, KeepReflection, OpenCase, Prefer
from bot.core.messages import LANGUAGES
from tests.flows.chat import invitation, mother, participant, stranger
from tests.flows.test_laws import STATES, URGENT

KIND = (
    "салом",
    "salom",
    "привет",
    "Ассалому алейкум!",
    "раҳмат",
    "rahmat",
    "Спасибо большое",
    "хайр",
    "🙏",
    "Иди шумо муборак",
    "хуб",
)
NOT_UNDERSTOOD = (
    "Received, thank you. A program looks at it first; what is for a person, a facilitator reads and answers here. You "
    "can go on below. The word HELP calls a person at any time."
)
HELP = {"tg": "Раҳмат, ки навиштед", "ru": "Спасибо"}


def not_understood(book) -> set[str]:
    return {book.engine.library.texts.say(language, NOT_UNDERSTOOD) for language in LANGUAGES}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("text", KIND)
def test_a_courtesy_gets_the_like_of_it_and_the_way_on(book, text, language):
    chat = mother(book, language=language)
    said = chat.write(text)
    assert not set(said) & not_understood(book)
    assert len(said) == 2
    assert {"settings", "help", "hide"} <= set(chat.choices)
    assert not chat.asked(OpenCase)


@pytest.mark.parametrize("text", KIND)
def test_no_state_says_to_a_courtesy_that_it_was_not_understood(book, text):
    for state in STATES:
        chat = mother(book, state)
        said = chat.write(text)
        assert said
        assert not set(said) & not_understood(book), state


def test_where_words_of_her_own_are_asked_for_a_courtesy_is_her_answer(book):
    chat = mother(book, "Lesson:asked")
    chat.write("Спасибо")
    assert [effect.text for effect in chat.asked(KeepReflection)] == ["Спасибо"]
    chat = mother(book, "Preferences:name")
    chat.write("Салом")
    assert chat.asked(Prefer) == [Prefer({"name": "Салом"})]


def test_s7_screening_comes_before_any_courtesy(book):
    chat = mother(book)
    chat.write("салом", URGENT)
    assert chat.asked(OpenCase)


# ---- yes on the screens of consent


@pytest.mark.parametrize(
    "yes", ["да", "ҳа", "ҳо", "ho", "хуб", "согласна", "розӣ", "rozi", "Розиям", "ок", "да, согласна", "soglasna"]
)
def test_a_typed_yes_is_the_word_of_the_button_on_every_screen_of_consent(book, yes):
    chat = stranger(book)
    chat.start(invitation())
    chat.press("language:ru")
    for state in ("Consent:keeping", "Consent:abroad", "Onboarding:adult"):
        chat.write(yes)
        assert chat.state == state
    assert not any(isinstance(effect, Join) for effect in chat.log)


@pytest.mark.parametrize(
    "word",
    [
        "да?",
        "ҳа?",
        "хуб؟",
        "не знаю",
        "да нет",
        "может быть",
        "намедонам",
        "а зачем",
        "согласна ли я",
        "понятно",
        "салом",
    ],
)
def test_s6_a_word_that_may_mean_anything_is_no_consent_and_she_is_asked_again(book, word):
    for state in ("Consent:readers", "Consent:keeping", "Consent:abroad"):
        chat = stranger(book)
        chat.start(invitation())
        chat.press("language:ru")
        for choice in ("consent.next", "consent.yes")[
            : ("Consent:readers", "Consent:keeping", "Consent:abroad").index(state)
        ]:
            chat.press(choice)
        chat.write(word)
        assert chat.state == state
        assert "consent.no" in chat.choices


def test_a_yes_elsewhere_presses_no_button_that_means_something_else(book):
    chat = mother(book)
    chat.press("menu")
    for yes in ("да", "ҳо", "согласна"):
        chat.write(yes)
        assert chat.state == "Menu:open"


# ---- before a language was chosen


def test_s6_help_and_hide_on_the_first_screen_are_in_both_languages(book):
    chat = stranger(book)
    chat.start(invitation())
    labels = [button.label for row in chat.says[-1].outgoing.rows for button in row]
    assert labels == ["Тоҷикӣ", "Русский", "Кӯмак / Помощь", "Пинҳон / Спрятать"]


@pytest.mark.parametrize(("word", "language"), [
    ("помощь", "ru"), ("Помогите!", "ru"), ("памогите", "ru"), ("pomogite", "ru"), ("мне нужна помощь", "ru"),
    ("кӯмак", "tg"), ("кумак", "tg"), ("kumak", "tg"), ("ёрӣ диҳед", "tg"), ("yordam", "tg"),
])  # fmt: skip
def test_a_word_of_help_before_a_choice_is_answered_in_its_own_language(book, word, language):
    chat, other = stranger(book), stranger(book)
    said = chat.write(word)
    other.start(invitation())
    other.press(f"language:{language}")
    assert said == other.write(word)
    assert chat.case.language == language


@pytest.mark.parametrize("how", ["help", "sos", "/help", "press"])
def test_s5_help_that_tells_no_language_is_answered_once_in_both(book, how):
    both = {}
    for language in LANGUAGES:
        chat = stranger(book)
        chat.start(invitation())
        chat.press(f"language:{language}")
        (both[language],) = chat.write("help")
    chat = stranger(book)
    chat.start(invitation())
    (said,) = chat.press("help") if how == "press" else chat.write(how)
    assert said == f"{both['tg']}\n\n{both['ru']}"
    labels = [button.label for row in chat.says[-1].outgoing.rows for button in row]
    assert all("/" in label for label in labels)
    assert all(len(row) == 1 or sum(len(b.label) for b in row) <= 32 for row in chat.says[-1].outgoing.rows)
    chat.press("lines")
    assert "Рақами санҷишӣ" in chat.texts[0]
    assert "Выдуманная линия" in chat.texts[0]


@pytest.mark.parametrize(
    ("word", "states"), [("stop", "Safety:stopped"), ("/hide", "Safety:hidden"), ("forget me", "Safety:forget")]
)
def test_s3_stop_hide_and_forget_before_a_choice_speak_both_languages(book, word, states):
    chat = stranger(book)
    chat.start(invitation())
    (said,) = chat.write(word)
    assert chat.state == states
    tg, ru = said.split("\n\n")[0], said.split("\n\n")[-1]
    assert tg != ru
    chat.write("Русский") if states == "Safety:stopped" else None


def test_once_her_words_told_the_language_what_follows_is_in_it(book):
    chat = stranger(book)
    chat.start(invitation())
    (said,) = chat.write("хватит")
    assert "\n\n" not in said
    assert chat.choices == ["start", "help", "hide"]
    chat.press("start")
    assert chat.choices[:2] == ["language:tg", "language:ru"], "the choice itself stays hers"


# ---- the place she lives in


@pytest.mark.parametrize(
    "text",
    [
        "сменить город",
        "Сменить город!",
        "smenit gorod",
        "шаҳрро иваз",
        "shahrro ivaz",
        "шахрро иваз кунед",
        "ивази шаҳр",
    ],
)
def test_the_words_for_another_city_lead_to_the_list(book, text):
    chat = mother(book, "Lesson:reading")
    chat.write(text)
    assert chat.state == "Preferences:city"
    chat.press("city:moscow")
    assert chat.state == "Lesson:reading"
    hidden = mother(book, "Safety:hidden", participant=participant(hidden_at=chat.now))
    hidden.write(text)
    assert hidden.state == "Safety:hidden"
