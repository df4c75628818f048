"""The documentation is tested: what it lists is what there is."""

import re
from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from typer.main import get_command

from bot.cli import app
from bot.settings import Settings, reference

DOCS = Path(__file__).parent.parent / "docs"


def test_the_page_of_settings_is_what_the_command_prints():
    assert (DOCS / "reference" / "settings.md").read_text(encoding="utf-8").endswith(reference() + "\n")


@pytest.mark.parametrize("name", sorted(Settings.model_fields))
def test_every_setting_says_what_it_means(name):
    assert Settings.model_fields[name].description


@pytest.mark.parametrize("name", sorted(get_command(app).commands))
def test_every_command_is_on_the_page_of_commands(name):
    assert f"`hamroh {name}" in (DOCS / "reference" / "commands.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", sorted(get_command(app).commands))
def test_every_command_says_in_its_help_what_it_does(name):
    assert get_command(app).commands[name].help


RELEASED_LAWS = (1, 2, 3, 4, 5, 6, 7, 8, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 22, 23, 24)


@pytest.mark.parametrize("number", RELEASED_LAWS)
def test_every_released_law_has_its_row_and_a_test_with_its_number(number):
    page = (DOCS / "reference" / "safeguarding-laws.md").read_text(encoding="utf-8")
    tests = "".join(path.read_text(encoding="utf-8") for path in Path(__file__).parent.rglob("test_*.py"))
    assert f"| S{number} |" in page
    assert f"def test_s{number}_" in tests


def catalogue(language: str) -> dict[str, str]:
    path = DOCS.parent / "bot" / "locales" / language / "LC_MESSAGES" / "staff.po"
    with path.open("rb") as file:
        return {str(message.id): str(message.string) for message in read_po(file) if message.id}


def test_the_buttons_that_facilitators_look_up_are_those_on_their_phones():
    rows = re.findall(
        r"^\| (.+) \| (.+) \| (.+) \|$", (DOCS / "how-to" / "handle-a-case.md").read_text("utf-8"), re.MULTILINE
    )
    named = [row for row in rows if row[0] != "here"]
    labels = [catalogue(language) for language in ("tg", "ru")]
    assert len(named) > 20
    assert named == [(name, *(label[name] for label in labels)) for name, *_ in named]


def test_every_link_of_the_documentation_leads_somewhere():
    pages = [*DOCS.rglob("*.md"), *DOCS.parent.glob("*.md")]
    links = [(page, link) for page in pages for link in re.findall(r"\]\(([^)\s#]+)", page.read_text("utf-8"))]
    assert [(page.name, link) for page, link in links if ":" not in link and not (page.parent / link).exists()] == []


def _tries(path, number):
    """Whether a file has a test of this law."""
    named = re.findall(r"def test_((?:s\d+_)+)", path.read_text(encoding="utf-8"))
    return any(f"s{number}_" in re.findall(r"s\d+_", name) for name in named)


@pytest.mark.parametrize("number", [*RELEASED_LAWS, 20, 21])
def test_every_law_names_the_files_in_which_it_is_tried(number):
    root = Path(__file__).parent
    page = (DOCS / "reference" / "safeguarding-laws.md").read_text(encoding="utf-8")
    (row,) = (line for line in page.splitlines() if line.startswith(f"| S{number} |"))
    named = {root / name for name in re.findall(r"`([\w/]+\.py)`", row.split(" | ")[3])}
    assert named
    assert [path.name for path in named if not _tries(path, number)] == []
    assert {path for path in (root / "laws").glob("test_*.py") if _tries(path, number)} <= named
