"""The page to print shows every word in both languages, and reads nothing as markup."""

from html import escape
from html.parser import HTMLParser

from typer.testing import CliRunner

from bot.cli import app
from bot.core.messages import LANGUAGES
from bot.curriculum.load import load
from bot.proof_page import proof_page
from bot.texts import load_texts
from tests.curriculum.lessons import LESSON, changed, write

TEXTS = load_texts()


class Words(HTMLParser):
    """What a reader sees in each language, and which tags the page has."""

    def __init__(self):
        super().__init__()
        self.seen, self.tags, self._languages = {"tg": "", "ru": ""}, [], ["tg"]

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        if tag not in {"meta", "br"}:
            self._languages.append(dict(attrs).get("lang") or self._languages[-1])

    def handle_endtag(self, tag):
        self._languages.pop()

    def handle_data(self, data):
        self.seen[self._languages[-1]] += data


def read(page):
    words = Words()
    words.feed(page)
    return words


def test_every_text_stands_there_in_its_own_language():
    curriculum = load()
    seen = read(proof_page(curriculum, TEXTS)).seen
    for page in (*curriculum.modules, *curriculum.lessons(), curriculum.measures):
        for _, text in page.texts():
            for language in LANGUAGES:
                assert text.in_language(language) in seen[language]


def test_the_buttons_under_a_text_are_those_of_the_catalogue():
    seen = read(proof_page(load(), TEXTS)).seen
    for language in LANGUAGES:
        for key in ("Next", "I only think", "Not for me now", "It was hard"):
            assert TEXTS.say(language, key) in seen[language]


def test_nothing_in_a_text_is_read_as_markup(tmp_path):
    trick = "<b>Чай</b> & <script>"
    write(tmp_path, lesson=changed("ru: Посидите немного.", f"ru: {trick}", LESSON))
    page = proof_page(load(tmp_path), TEXTS)
    assert escape(trick) in page
    assert not {"b", "script", "link", "img"} & set(read(page).tags)


def test_what_awaits_review_is_marked_and_what_is_signed_is_not(tmp_path):
    assert "ждёт проверки" in proof_page(load(), TEXTS)
    write(tmp_path)
    assert "ждёт проверки" not in proof_page(load(tmp_path), TEXTS)


def test_the_command_writes_the_page_and_the_terminal_still_reads_one_language(tmp_path):
    page = tmp_path / "proof.html"
    told = CliRunner().invoke(app, ["content", "proof", "--html", str(page)])
    assert told.exit_code == 0
    assert page.read_text("utf-8").startswith("<!doctype html>")
    assert "Моё время" in CliRunner().invoke(app, ["content", "proof", "--lang", "ru"]).output


def test_a_page_that_cannot_be_written_is_one_clear_line(tmp_path):
    told = CliRunner().invoke(app, ["content", "proof", "--html", str(tmp_path / "no" / "page.html")])
    assert told.exit_code == 1
    assert "cannot be written" in str(told.exception)
