"""Golden journeys: stories that a practitioner can read, played by the real engine and compared word for word.

Every `*.yaml` beside this file is one.  The program falls and gets up again between all steps, so whatever a
conversation needs must be in the database.  After a wanted change of words: `pytest tests/journeys --update`,
then read the difference before it is committed.
"""

import asyncio
from pathlib import Path

import pytest

from bot.app import make_book
from bot.concern.screen import Screen, load_screen
from bot.demo import script
from bot.demo.stage import Stage
from bot.flows.book import Book
from bot.settings import Settings

JOURNEYS = sorted(Path(__file__).parent.glob("*.yaml"))


@pytest.fixture(scope="module")
def shared() -> tuple[Book, Screen]:
    return make_book(Settings(_env_file=None, telegram_token=None)), load_screen()


@pytest.mark.parametrize("path", JOURNEYS, ids=lambda path: path.stem)
async def test_a_journey_goes_as_it_is_told(
    path: Path, tmp_path: Path, shared: tuple[Book, Screen], pytestconfig: pytest.Config
):
    told = script.read(path)
    stage = Stage.apart(tmp_path, *shared)
    await stage.open()
    try:
        happened = await script.play(stage, told, falls=True, follows=pytestconfig.getoption("--update"))
    finally:
        await stage.close()
    if pytestconfig.getoption("--update"):
        told.steps = happened
        await asyncio.to_thread(path.write_text, script.write(told), encoding="utf-8")
        return
    assert "\n\n".join(script.differences(told.steps, happened)) == ""


def test_every_journey_is_told_in_both_languages():
    stories = {(path.name.split(".")[0], path.name.split(".")[1]) for path in JOURNEYS if path.name.count(".") == 2}
    assert {name for name, language in stories if language == "tg"} == {
        name for name, language in stories if language == "ru"
    }
    assert len(stories) >= 12
