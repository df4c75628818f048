"""A locked screen tells a stranger nothing (S1, S4)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.curriculum.load import load
from bot.curriculum.neutral import LOCK_SCREEN, is_neutral, offending

NEUTRAL = (
    "Саҳифаи нав тайёр аст. Ҳар вақт хоҳед, кушоед.",
    "Вохӯрии мо фардо соати 10 баргузор мешавад.",
    "Встреча переносится на четверг, 15:00. Приходите!",
    "Иди Наврӯз муборак! Ба хонадонатон баракат хоҳем.",
    "С праздником! Здоровья Вам и Вашим близким.",
    "Маҳфили модарон пагоҳ аст.",
    "Наша встреча в пятницу, возьмите тетрадь.",
    "Мусобиқаи куштии бачаҳо рӯзи якшанбе.",
    "Может быть, встретимся в пятницу?",
    "Юбилей школы: приходите",
    "Прибытки и убытки: считаем вместе",
    "Занг задан мумкин, агар саволе бошад.",
    "Агар касе занг занад, бигӯед, ки пагоҳ меоем.",
    "Приходите сюда в пятницу, ждём всех.",
    "Урок о том, где ставить ударение",
    "Ин зӯр аст! Пагоҳ меоем?",
)
SENSITIVE = (
    "Мактаби модарон: дарси нав",
    "Школа матерей: новая встреча",
    "MotherSchools meeting",
    "Как заметить экстремизм",
    "ЭКСТРЕМИЗМ!",
    "экстpемизм",  # a Latin p
    "э\u200bкстремизм",
    "ekstremizm va javonon",
    "Дарс дар бораи ифротгароӣ",
    "Агар шавҳаратон шуморо лат кунад",
    "Агар шавхаратон шуморо лат кунад",
    "Муж не должен этого видеть",
    "Если Вам страшно, напишите",
    "Аз хатар нигоҳ доред",
    "Психолог ответит Вам",
    "Сообщение из полиции",
    "Её убили",
    "Секретный разговор",
    "Ин паёмро пинҳон кунед",
    "Чат Ҳамроҳ: саҳифаи нав",
    "Если Вас ударили, приходите в субботу",
    "Вас бьют? Приходите",
    "Если Вас изнасиловали, напишите",
    "Приходите завтра, мужьям не говорите",
    "Если супруг Вас побил, мы рядом",
    "Как подать жалобу",
    "Пойдём вместе в суд",
    "Убежище для женщин, адрес у ведущей",
    "Агрессия дома",
    "Абьюз дома",
    "Хотите развестись?",
    "Агар шуморо занад, ба мо нависед",
    "Агар шуморо мезананд, биёед",
    "Агар зӯрӣ кунанд, биёед",
    "Паноҳгоҳ барои занон",
    "Ба суд ариза навиштан",
    "Дар бораи таҷовуз",
)


@pytest.mark.parametrize("text", NEUTRAL)
def test_everyday_words_are_neutral(text):
    assert offending(text) is None
    assert is_neutral(text)


@pytest.mark.parametrize("text", SENSITIVE)
def test_a_sensitive_word_is_found_however_it_is_typed(text):
    assert not is_neutral(text)


def test_the_word_is_told_as_its_author_wrote_it():
    assert offending("Хона ва ТЕРРОРИЗМ") == "террор…"


def test_only_the_first_sixty_characters_are_seen_on_a_locked_screen():
    assert is_neutral("а" * LOCK_SCREEN + " террор")
    assert not is_neutral("а" * (LOCK_SCREEN - 3) + " террор")


def test_padding_does_not_push_a_word_off_the_screen():
    assert not is_neutral(" \n" * 60 + "террор")
    assert not is_neutral("\u2060" * 60 + "террор")


@given(st.integers(0, LOCK_SCREEN - 1), st.sampled_from(["террор", "полиция", "зӯроварӣ"]))
def test_a_word_that_begins_on_the_screen_is_found_wherever_it_begins(at, word):
    assert not is_neutral(" ".join(["а"] * LOCK_SCREEN)[: at // 2 * 2] + word)


@given(st.text())
def test_any_text_gets_an_answer(text):
    assert is_neutral(text) is (offending(text) is None)


def test_s1_every_shipped_push_is_neutral():
    for lesson in load().lessons():
        assert is_neutral(lesson.push.tg)
        assert is_neutral(lesson.push.ru)
