"""What she types instead of pressing: labels, numbers, yes and no in every spelling; a slip is only asked about."""

import pytest

from bot.core.effects import Effect, KeepReflection, Prefer, Stand
from bot.core.events import ButtonPressed
from bot.core.messages import LANGUAGES
from bot.orthography.commands import command, guess
from tests.flows.chat import mother, stranger


def kept(chat, kind: type[Effect]) -> list[Effect]:
    return [effect for effect in chat.log if isinstance(effect, kind)]


@pytest.mark.parametrize("text", ["1", "1.", "№1", "1️⃣", "якум", "yakum", "первый", "один", "як", "birinchi"])
def test_a_choice_is_named_by_its_number_in_digits_and_in_words(book, text):
    chat = stranger(book)
    chat.start()
    chat.write(text)
    assert (chat.conversation.language, chat.state) == ("tg", "Onboarding:code")


@pytest.mark.parametrize("text", ["2", "дуюм", "вторая", "русский", "Russkiy", "РУССКИЙ!", "рақами 2"])
def test_the_other_choice_is_named_as_well(book, text):
    chat = stranger(book)
    chat.start()
    chat.write(text)
    assert chat.conversation.language == "ru"


@pytest.mark.parametrize(("text", "begin"), [("9", 9), ("соати 12", 12), ("15", 15), ("понздаҳ", 15)])
def test_an_hour_is_not_taken_for_the_place_of_its_button(book, text, begin):
    chat = mother(book, "Preferences:hours")
    chat.press("no such choice")
    chat.write(text)
    assert kept(chat, Prefer)[-1].changes["hours"].begin.hour == begin


@pytest.mark.parametrize(
    ("text", "state"), [("6", "Preferences:hours"), ("шаш", "Preferences:hours"), ("3", "Safety:pause")]
)
def test_a_number_with_two_readings_is_asked_about(book, text, state):
    chat = mother(book, state)
    chat.press("no such choice")
    chat.write(text)
    assert chat.state == state
    assert not kept(chat, Prefer)
    assert not kept(chat, Stand)
    assert [choice.split(":")[0] for choice in chat.choices[:3]] == ["guess.one", "guess.one", "guess.no"]
    chat.write("ҳа")
    assert chat.state == state, "yes to two things is no answer"


def test_one_of_two_readings_is_chosen_by_a_press_or_its_label(book):
    for answer in ("guess.one:pause.days:3", "3 дня"):
        chat = mother(book, "Safety:pause")
        chat.press("no such choice")
        chat.write("три")
        chat.press(answer) if answer.startswith("guess") else chat.write(answer)
        assert [(stand.changes["paused_until"] - chat.now).days for stand in kept(chat, Stand)] == [3]


@pytest.mark.parametrize(("text", "days"), [("14", 14), ("чордаҳ", 14), ("30", 30), ("тридцать", None)])
def test_a_number_of_days_that_is_no_place_is_the_days(book, text, days):
    chat = mother(book, "Safety:pause")
    chat.press("no such choice")
    chat.write(text)
    until = [effect.changes["paused_until"] for effect in kept(chat, Stand)]
    assert [(at - chat.now).days for at in until] == ([] if days is None else [days])


@pytest.mark.parametrize("text", ["2", "один", "се", "дуюм"])
def test_where_words_of_her_own_are_asked_for_a_number_is_her_answer(book, text):
    chat = mother(book, "Lesson:asked")
    chat.press("no such choice")
    chat.write(text)
    assert [effect.text for effect in kept(chat, KeepReflection)] == [text]


@pytest.mark.parametrize("text", ["пропустил", "закон", "занон", "ночать", "меню бар"])
def test_where_words_of_her_own_are_asked_for_a_slip_is_her_answer(book, text):
    chat = mother(book, "Lesson:asked")
    chat.press("no such choice")
    chat.write(text)
    assert [effect.text for effect in kept(chat, KeepReflection)] == [text]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("yes", ["ҳа", "ха", "ha", "да", "👍🏽", "ok", "хоп", "майлаш", "+", "press"])
def test_a_slip_is_asked_about_and_yes_does_it(book, yes, language):
    chat = mother(book, language=language)
    assert guess("пауаз") == "pause"
    (asked,) = chat.write("пауаз")
    assert asked.endswith("?")
    assert chat.state == "Menu:open"
    assert chat.choices[:2] == ["guess.yes:word:pause", "guess.no"]
    chat.press(chat.choices[0]) if yes == "press" else chat.write(yes)
    assert chat.state == "Safety:pause"


@pytest.mark.parametrize("no", ["не", "нет", "👎", "press"])
def test_no_shows_the_step_again(book, no):
    chat = mother(book)
    chat.write("закон")
    chat.press("guess.no") if no == "press" else chat.write(no)
    assert chat.state == "Menu:open"
    assert "settings" in chat.choices


def test_a_slip_of_a_button_is_asked_about_and_no_button_is_pressed(book):
    chat = mother(book, data={})
    chat.press("menu")
    label = next(button.label for row in chat.says[-1].outgoing.rows for button in row if button.choice == "settings")
    slip = label[:2] + label[3:]
    assert command(slip) is None
    chat.write(slip)
    assert chat.state == "Menu:open"
    assert chat.choices[0] == "guess.yes:settings"
    chat.press(chat.choices[0])
    assert chat.state == "Preferences:menu"


@pytest.mark.parametrize(
    ("text", "state"), [("памогите", "Menu:open"), ("хвотит", "Safety:stopped"), ("скырть", "Safety:hidden")]
)
def test_s3_help_stop_and_hide_act_at_once_with_a_slip(book, text, state):
    chat = mother(book)
    chat.write(text)
    assert chat.state == state
    assert not any(choice.startswith("guess") for choice in chat.choices)
    assert (chat.case is not None) == (text == "памогите")


def test_a_stale_yes_does_nothing(book):
    chat = mother(book)
    chat.write("закон")
    stale = chat.conversation.version - 1
    chat.play(ButtonPressed("guess.yes:word:language", stale))
    assert chat.state == "Menu:open"
