"""A shipped lesson broken on purpose: `hamroh content check` names the file, the line, what is wrong and what to do."""

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot.cli import app
from bot.content_check import problems

SHIPPED = Path(__file__).parent.parent / "bot" / "curriculum" / "content"
PAGE, MODULE = "m4/4.2.yaml", "m4/module.yaml"
Break = Callable[[str], str]


def swap(old: str, new: str) -> Break:
    def swapped(text: str) -> str:
        assert old in text
        return text.replace(old, new, 1)

    return swapped


def without(key: str) -> Break:
    """The page without one of its keys and all that stands below it."""
    return lambda text: re.sub(rf"(?ms)^{key}:.*?(?=^\w)", "", text)


WAYS: dict[str, tuple[str, Break, str, str]] = {
    "a part is missing": (PAGE, without("prompt"), "version: 1", "`prompt` is missing, add it"),
    "a key is misspelt": (PAGE, swap("push:", "pusch:"), "pusch:", "`pusch` is an unknown key, remove it or correct"),
    "a language is missing": (
        PAGE, swap("  ru: Получилось задать такой вопрос?\n", ""), "check_in:", "`check_in.ru` is missing, add it",
    ),
    "the indent is wrong": (PAGE, swap("practice:\n  tg", "practice:\n   tg"), "  ru: |", "this is not YAML"),
    "a tab": (PAGE, swap("  tg: Савол", "\ttg: Савол"), "\ttg: Савол", "a tab character, use spaces"),
    "a key stands twice": (
        PAGE, swap("store: private\n", "store: private\nstore: private\n"), "", 'key "store" stands twice, remove one',
    ),
    "a fourth card": (
        PAGE,
        swap("prompt:\n", "  - tg: Чой.\n    ru: Чаёк.\n  - tg: Чой, чой.\n    ru: Чай, чай.\nprompt:\n"),
        "cards:",
        "holds more than 3 entries, shorten the list",
    ),
    "a letter from another keyboard": (PAGE, swap("Савол", "Сaвол"), "Сaвол", "inside a Cyrillic word, type it"),
    "a number to call": (
        PAGE, swap("Ребёнок слышит", "Звоните 900-11-22. Ребёнок слышит"), "Звоните", "like a telephone number, use",
    ),
    "a placeholder nobody knows": (
        PAGE, swap("Легче за чаем", "{name}, легче за чаем"), "{name}", "unknown placeholder {name}, use",
    ),
    "a question for others": (
        PAGE, swap("Какой", "Как зовут друга? Какой"), "Как зовут", "«как зовут», ask about her own view",
    ),
    "signs of danger outside module 9": (
        PAGE, swap("store: private", "store: private\nsigns: true"), "signs: true", "only for module 9, remove them",
    ),
    "a push that tells": (
        PAGE, swap("  ru: Готова", "  ru: Опасность, готова"), "  ru: Опасность", "a push, say only that",
    ),
    "the module forgets a lesson": (
        MODULE, swap('  - "4.3"\n', ""), "lessons:", "4.3.yaml lies beside but is not listed, list or remove it",
    ),
    "an answer of a scale is gone": (
        "measures.yaml",
        swap("    - tg: Ҳар рӯз\n      ru: Каждый день\n", ""),
        "  days:",
        "must hold at least 5 entries, add them",
    ),
}  # fmt: skip


@pytest.mark.parametrize("way", WAYS)
def test_every_break_is_named_with_its_file_and_line_and_what_to_do(tmp_path, way):
    file, bend, at, told = WAYS[way]
    content = shutil.copytree(SHIPPED, tmp_path / "content")
    page = content / file
    bent = bend(page.read_text("utf-8"))
    page.write_text(bent, "utf-8")
    found = problems(content)
    mine = [line for line in found if told in line]
    assert mine, found
    named = re.fullmatch(r"(.+?):(\d+): (.+[,;] .+)", mine[0])
    assert named is not None, mine[0]
    assert Path(named[1]) == page
    if at:
        assert at in bent.splitlines()[int(named[2]) - 1]
    assert len(found) <= 3, "a break does not drown its author"


def test_the_command_prints_every_problem_and_fails(tmp_path):
    content = shutil.copytree(SHIPPED, tmp_path / "content")
    page = content / PAGE
    text = page.read_text("utf-8").replace("Савол", "Сaвол", 1)
    page.write_text(text.replace("Ребёнок", "Звоните 900-11-22. Ребёнок"), "utf-8")
    done = CliRunner().invoke(app, ["content", "check", str(content)])
    assert done.exit_code != 0
    assert [line.rpartition("/")[2].split(": ")[0] for line in done.output.splitlines() if "4.2.yaml" in line] == [
        "4.2.yaml:3",
        "4.2.yaml:22",
    ]
