"""The lessons themselves are ordinary text: sent back as an answer, none of them calls anybody."""

from collections.abc import Iterator
from importlib import resources
from pathlib import Path

from ruamel.yaml import YAML

from bot.concern import load_screen
from bot.core.cases import Level

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
