"""Golden journeys: stories that a practitioner can read, played by the real engine and compared word for word.

Every `*.yaml` beside this file is one.  The program falls and gets up again between all steps, so whatever a
conversation needs must be in the database.  After a wanted change of words: `pytest tests/journeys --update`,
then read the difference before it is committed.
"""

import asyncio
import re
from pathlib import Path

import pytest

from bot.app import make_book
from bot.channels.simulated import APPROVED
from bot.concern.screen import Screen, load_screen
from bot.core.people import Role
from bot.demo import rehearsal, script
from bot.demo.stage import Stage
from bot.flows.book import Book
from bot.settings import Settings
from tests.laid import lay

EVERY = sorted(Path(__file__).parent.glob("*.yaml"))
LONG = {path for path in EVERY if "\nafter: " in path.read_text(encoding="utf-8")}
"""Those that begin after invented weeks: half a minute each, so they are played in the long run alone."""
JOURNEYS = [path for path in EVERY if path not in LONG]


@pytest.fixture(scope="module")
def shared() -> tuple[Book, Screen]:
    return make_book(Settings(_env_file=None, telegram_token=None)), load_screen()


def _as_long_as_it_is(path: Path) -> object:
    return pytest.param(path, id=path.stem, marks=pytest.mark.soak if path in LONG else ())


@pytest.mark.parametrize("path", [_as_long_as_it_is(path) for path in EVERY])
async def test_a_journey_goes_as_it_is_told(
    path: Path, tmp_path: Path, shared: tuple[Book, Screen], pytestconfig: pytest.Config
):
    told = script.read(path)
    stage = Stage.apart(tmp_path, *shared)
    lay(stage.settings.database)
    await stage.open()
    try:
        happened = await rehearsal.play(stage, told, falls=True, follows=pytestconfig.getoption("--update"))
    finally:
        await stage.close()
    if pytestconfig.getoption("--update"):
        told.steps = happened
        await asyncio.to_thread(path.write_text, script.write(told), encoding="utf-8")
        return
    assert "\n\n".join(script.differences(told.steps, happened)) == ""


ONLY_THERE = (
    "Дар WhatsApp мо аз чат", "В WhatsApp мы ничего", "Ӯ дар WhatsApp менависад", "Она пишет в WhatsApp",
    "Он чи он ҷо ба ӯ мерасад", "То, что дойдёт до неё там",
)  # fmt: skip
"""How paragraphs begin that are said about WhatsApp alone."""
COVERS = ("Саҳифаатон ин ҷост", "Ваша страница здесь", "Як саҳифаи кӯтоҳ", "Короткая страница готова")
"""What the template stands for after a day of silence."""
NOT_THERE: dict[str, str] = {}
"""Journeys that make no sense on WhatsApp, and why: none."""


def _there(path: Path) -> object:
    """Each journey in one of its languages; in the other one in the long run."""
    return pytest.param(path, id=path.stem, marks=pytest.mark.soak if path.stem.endswith(".ru") else ())


@pytest.mark.parametrize("path", [_there(path) for path in JOURNEYS if path.stem not in NOT_THERE])
async def test_a_journey_goes_on_whatsapp_as_on_telegram(
    path: Path, tmp_path: Path, shared: tuple[Book, Screen]
) -> None:
    """The same words in the same order; choices stand as WhatsApp shows them, and nothing leaves her chat again."""
    told = script.read(path)
    stage = Stage.apart(tmp_path, *shared)
    lay(stage.settings.database)
    await stage.open()
    try:
        happened = await rehearsal.play(stage, told, channel="whatsapp")
        kept = stage.channel.phones
    finally:
        await stage.close()
    for number, (before, after) in enumerate(zip(told.steps, happened, strict=True), 1):
        for name in before.seen.came.keys() | after.seen.came.keys() if before.seen and after.seen else ():
            was, now = (words_of(one.seen.came.get(name, [])) for one in (before, after))
            is_template = now == [APPROVED] * len(was) and all(line.startswith(COVERS) for line in was)
            assert is_template or now == was, f"step {number} ({before.step.key}): {name}"
    mothers = [phone for name, phone in kept.items() if told.people[name].role is Role.MOTHER]
    assert all(phone.channel == "whatsapp" and len(phone.bubbles) == len(phone.transcript) for phone in mothers)


def words_of(texts: list[str]) -> list[str]:
    """Everything said, without the choices under it and what is said about WhatsApp alone."""
    lines = [line for text in texts for line in text.splitlines()]
    plain = [line for line in lines if line and not line.startswith(ONLY_THERE)]
    return [line for line in plain if not re.fullmatch(r"(\[.+\] ?)+|\d+\. .{1,60}", line)]


def test_every_journey_is_told_in_both_languages():
    stories = {(path.name.split(".")[0], path.name.split(".")[1]) for path in JOURNEYS if path.name.count(".") == 2}
    assert {name for name, language in stories if language == "tg"} == {
        name for name, language in stories if language == "ru"
    }
    assert len(stories) >= 12
