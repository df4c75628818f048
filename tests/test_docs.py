"""The documentation is tested: what it lists is what there is."""

from pathlib import Path

import pytest
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
