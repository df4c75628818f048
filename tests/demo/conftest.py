"""A stage of its own for every test; lessons and screening are loaded once, they never change."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.app import make_book
from bot.concern.screen import Screen, load_screen
from bot.demo.stage import Stage
from bot.flows.book import Book
from bot.settings import Settings
from tests.laid import lay


@pytest.fixture(scope="session")
def shared() -> tuple[Book, Screen]:
    """Lessons with the flows, and screening."""
    return make_book(Settings(_env_file=None, telegram_token=None)), load_screen()


@pytest.fixture
async def stage(tmp_path: Path, shared: tuple[Book, Screen]) -> AsyncIterator[Stage]:
    """A stage that has just been opened."""
    stage = Stage.apart(tmp_path, *shared)
    lay(stage.settings.database)
    await stage.open()
    yield stage
    await stage.close()
