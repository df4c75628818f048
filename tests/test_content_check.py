"""What `hamroh content check` tells about catalogues and about the way through the lessons."""

import ast
import shutil
from dataclasses import replace

import pytest
from babel.messages.catalog import Message

from bot.content_check import LOCALES, faults, problems, read_catalogue
from bot.core.messages import LANGUAGES
from bot.curriculum.load import load
from bot.flows.book import Book
from bot.flows.lesson import LESSON as LESSON_FLOW
from bot.flows.lesson import PRACTICE
from bot.flows.machine import Engine
from bot.flows.policy import Policy
from bot.flows.tables import FLOWS
from bot.flows.walk import LONGEST_BUTTON, stops
from bot.texts import Texts, load_texts
from tests.curriculum.lessons import LESSON, changed, write
from tests.flows.test_catalogues import modules

CURRICULUM, TEXTS = load(), load_texts()
BUTTON, LOCKED = "Button, at most 20 letters.", "May be read by others on a locked screen: nothing sensitive."


def test_what_is_shipped_is_well():
    assert problems(None) == []


@pytest.mark.parametrize(
    ("key", "remark", "language", "text", "told"),
    [
        ("Go", "", "ru", "", "has no text"),
        ("Go {n}", "", "ru", "Идите", "other placeholders"),
        ("Go", BUTTON, "ru", "Открыть страницу потом", "a button of 22 letters; shorten it to 20"),
        ("Go", LOCKED, "ru", "Это опасно.", "«опасн…» in the first 60 characters"),
        ("Go", LOCKED, "tg", "Хатар ҳаст.", "«хатар…» in the first 60 characters"),
        ("Go", "", "tg", "Кўдак", "old-font letter, write «ӯ»"),
        ("Go", "", "tg", "Кaме", "Latin «a» inside a Cyrillic word"),
        ("Go", "", "tg", "Каме чи\u0304", "a letter made of two characters"),
        ("Go", "", "ru", "Ты здесь", "«Ты» outside quotes"),
        ("Go", "", "ru", "Звоните 13-13", "digits that look like a telephone number"),
    ],
)
def test_a_wrong_translation_is_told(key, remark, language, text, told):
    message = Message(key, auto_comments=[remark] if remark else [])
    (fault,) = faults(message, text, "mothers", language)
    assert told in fault


def test_a_right_translation_has_no_faults():
    message = Message("{n} days", auto_comments=[BUTTON])
    assert list(faults(message, "{n} рӯз, ҳеҷ чиз", "mothers", "tg")) == []


def test_missing_and_fuzzy_entries_are_told(tmp_path):
    shutil.copytree(LOCALES, tmp_path / "locales")
    page = tmp_path / "locales" / "ru" / "LC_MESSAGES" / "mothers.po"
    text = page.read_text("utf-8")
    entries = [entry for entry in text.split("\n\n") if '\nmsgid "Later"\n' not in entry]
    text = "\n\n".join(entries).replace('msgid "Open"\n', '#, fuzzy\nmsgid "Open"\n')
    page.write_text(text, "utf-8")
    told = problems(None, tmp_path / "locales")
    assert [line.partition(": ")[2] for line in told] == [
        "no entry for “Later”; add it",
        "“Open” is marked fuzzy; review it and remove the mark",
    ]


def test_a_sentence_that_differs_between_the_two_catalogues_is_told(tmp_path):
    shutil.copytree(LOCALES, tmp_path / "locales")
    page = tmp_path / "locales" / "ru" / "LC_MESSAGES" / "mothers.po"
    words = page.read_text(encoding="utf-8")
    page.write_text(words.replace('msgid "I agree"\nmsgstr "', 'msgid "I agree"\nmsgstr "Пусть '), encoding="utf-8")
    told = [problem for problem in problems(None, tmp_path / "locales") if "“I agree”" in problem]
    assert len(told) == 1
    assert "says something else in staff.po" in told[0]


def test_every_sentence_that_is_a_button_is_marked_as_one_so_that_its_length_is_checked():
    marked = {
        str(message.id)
        for message in read_catalogue("mothers.pot")
        if any(remark.startswith("Button") for remark in message.auto_comments)
    }
    pressed = set()
    for tree in modules().values():
        for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
            is_button = isinstance(call.func, ast.Attribute) and call.func.attr == "button"
            if is_button and isinstance(call.args[0], ast.Constant):
                pressed.add(call.args[0].value)
    assert pressed
    assert pressed <= marked


# ---- the way through


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_shipped_lesson_is_reached_and_left(language):
    assert list(stops(Book(CURRICULUM, TEXTS, Policy()), language)) == []


def test_a_lesson_that_cannot_be_left_is_told():
    rows = tuple(row for row in LESSON_FLOW.transitions if row.source != PRACTICE)
    flows = tuple(replace(flow, transitions=rows) if flow is LESSON_FLOW else flow for flow in FLOWS)
    book = Book(CURRICULUM, TEXTS, Policy())
    book.engine = Engine(flows, book.engine.library)
    found = list(stops(book, "tg"))
    assert (found[0].lesson, found[0].text) == ("1.1", "no button leads on from Lesson:practice")


def test_a_button_too_long_for_a_channel_is_told_where_it_is_met():
    long = {**TEXTS.sentences["ru"], "Next": "д" * (LONGEST_BUTTON + 1)}
    found = list(stops(Book(CURRICULUM, Texts({**TEXTS.sentences, "ru": long}), Policy()), "ru"))
    assert found
    assert {stop.text for stop in found} == {
        f"a button of 21 letters («{'д' * 21}»), shorten it to 20",
    }


def test_a_folder_of_lessons_that_is_not_listed_is_told(tmp_path):
    write(tmp_path)
    (tmp_path / "m2").mkdir()
    assert problems(tmp_path) == [f"{tmp_path}/curriculum.yaml:2: the folder m2 is not listed, list or remove it"]


def test_a_broken_lesson_is_told_with_its_file_and_line(tmp_path):
    write(tmp_path, lesson=changed("ru: Посидите немного.", "ru: Посидите “немного."))
    (line,) = problems(tmp_path)
    assert line.startswith(f"{tmp_path}/m1/1.1.yaml:")


def test_a_small_folder_that_is_right_is_well(tmp_path):
    write(tmp_path, lesson=LESSON)
    assert problems(tmp_path) == []
