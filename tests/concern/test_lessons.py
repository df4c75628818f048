"""The lessons themselves are ordinary text: sent back as an answer, none of them calls anybody."""

from collections.abc import Iterator
from importlib import resources
from pathlib import Path

from ruamel.yaml import YAML

from bot.concern import load_screen
from bot.core.cases import Level
from training.rows import own_words

CONTENT = Path(str(resources.files("bot.curriculum"))) / "content"


def _texts(page: object) -> Iterator[str]:
    if isinstance(page, str):
        yield page
    elif isinstance(page, dict):
        for part in page.values():
            yield from _texts(part)
    elif isinstance(page, list):
        for part in page:
            yield from _texts(part)


def test_no_text_of_a_lesson_raises_an_alarm() -> None:
    screen = load_screen()
    reader = YAML(typ="safe", pure=True)
    texts = [text for file in sorted(CONTENT.rglob("*.yaml")) for text in _texts(reader.load(file.read_text("utf-8")))]
    assert len(texts) > 100
    assert {text: found.reasons for text in texts if (found := screen.screen(text)).level is not Level.NONE} == {}


def test_the_words_of_the_bot_itself_page_nobody_and_hardly_ever_call() -> None:
    screen = load_screen()
    found = {row.text: level for row in own_words() if (level := screen.screen(row.text).level) is not Level.NONE}
    assert [text for text, level in found.items() if level is Level.URGENT] == []
    assert len(found) <= 0.005 * len(own_words()), found  # «Помощь» and «Нужен человек» are calls, and meant so
