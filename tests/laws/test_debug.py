"""S18: at the level of debugging, with every library talking, logs and figures hold nothing of anybody.

A real process that crashes is heard in tests/faults/test_debug_run.py, the adapter for aiogram in tests/compat.
"""

import io
import logging
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import structlog

from bot.app import make_book
from bot.concern.screen import load_screen
from bot.core.errors import StorageUnavailable
from bot.core.moving import spoken_code
from bot.demo import rehearsal, script
from bot.demo.stage import Stage
from bot.demo.steps import Verb
from bot.logs import set_up_logs
from bot.metrics import page
from bot.orthography.commands import command
from bot.settings import Settings
from tests.fakes.whatsapp import APP_SECRET, LOST_AFTER, VERIFY_TOKEN
from tests.laws.test_s18 import MARKS, WORRYING, Planter, a_mother, the_story
from tests.town import Town, open_town
from tests.two_banks import open_banks
from tests.world import FrozenClock

WORDLESS = ("erase", "hide-and-stop", "outage")
STORIES = sorted((Path(__file__).parents[1] / "journeys").glob("*.yaml"))
JOURNEYS = [path for path in STORIES if not path.name.startswith(WORDLESS)]
"""Those in which somebody writes a sentence."""


def _is_sentence(text: str) -> bool:
    """Words that may end with one more; a command and a code for moving are whole as they are."""
    return " " in text and command(text) is None and not spoken_code(text)


@pytest.fixture
def said(caplog: pytest.LogCaptureFixture, request: pytest.FixtureRequest) -> Iterator[io.StringIO]:
    """What is logged by ourselves; everything is, and `caplog` has the lines of every library.

    Only in a long run the database's library tells every statement and every row.
    """
    lines = io.StringIO()
    set_up_logs()
    factory = structlog.PrintLoggerFactory(lines)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.DEBUG), logger_factory=factory)
    is_long = request.node.get_closest_marker("soak") is not None
    caplog.set_level(logging.DEBUG if is_long else logging.WARNING, "sqlalchemy")  # quiet unless asked by name
    caplog.set_level(logging.DEBUG)
    yield lines
    structlog.reset_defaults()


async def _goes_wrong(town: Town, plants: Planter) -> None:
    """A database that is away, a mistake in a transaction, a channel that raises: each quotes somebody."""
    mother = await a_mother(town, plants)
    store, work = town.app.store, town.app.store.work
    channel = town.app.delivery._channel
    send = channel.send
    for error in (StorageUnavailable(plants.word()), RuntimeError(plants.word())):
        raised: list[Exception] = []

        def fails(*offers: Any, error: Exception = error, raised: list[Exception] = raised) -> object:
            if not raised:
                raised.append(error)
                raise error
            return work(*offers)

        store.work = fails  # type: ignore[method-assign,assignment]
        await town.says(mother, plants.word())
        assert raised == [error]

    async def raises(parcel: object) -> object:
        channel.send = send  # type: ignore[method-assign]
        raise RuntimeError(plants.word(), parcel)

    channel.send = raises  # type: ignore[method-assign,assignment]
    await town.says(mother, plants.word())
    assert channel.send == send, "the send that raises was tried"


async def test_s18_at_debug_nothing_of_a_whole_story_and_its_mishaps_is_in_logs_or_figures(
    tmp_path: Path, said: io.StringIO, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    plants = Planter()
    async with open_town(tmp_path, FrozenClock()) as town:
        await the_story(town, plants)
        await _goes_wrong(town, plants)
        figures = page(town.app.figures).decode()
        token = town.tg.token
    kept = "\n".join((said.getvalue(), caplog.text, figures, *capsys.readouterr()))
    assert len(plants.planted) > 100
    for event in ("turn_quarantined", "batch_failed", "storage_unavailable", "channel_raised"):
        assert event in kept
    assert "hamroh_" in figures
    assert "transitions.core" in {record.name for record in caplog.records}, "libraries talk"
    assert [word for word in (*MARKS, WORRYING, "мезанад", token, "Invented") if word in kept] == []


async def test_s18_at_debug_nothing_of_a_mother_on_whatsapp_is_in_logs_or_figures(
    tmp_path: Path, said: io.StringIO, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    plants = Planter()
    async with open_banks(tmp_path, FrozenClock()) as banks:
        coordinator = await banks.coordinator()
        owner = await banks.facilitator(coordinator)
        group = await banks.bound_group(coordinator, owner)
        her = await banks.her(plants.number())
        await banks.writes(her, f"{WORRYING} {plants.word()}")
        await banks.acts(her, lambda: her.sends("contacts"))
        await banks.presses(group, "case.take", by=owner)
        await banks.presses(owner, "case.reply")
        await banks.says(owner, plants.word())
        await banks.presses(owner, "answer.send")
        banks.wa.faults.append(LOST_AFTER)
        await banks.chooses(her, "case.now")
        figures = page(banks.app.figures).decode()
        secrets = (banks.wa.token, APP_SECRET, VERIFY_TOKEN)
        assert plants.planted[1] in banks.screen(owner)
    kept = "\n".join((said.getvalue(), caplog.text, figures, *capsys.readouterr()))
    assert "hamroh_" in figures
    assert [word for word in (*MARKS, WORRYING, *secrets) if word in kept] == []


@pytest.mark.soak
@pytest.mark.parametrize("path", JOURNEYS, ids=lambda path: path.stem)
async def test_s18_at_debug_nothing_of_a_journey_is_in_the_logs(
    path: Path,
    tmp_path: Path,
    said: io.StringIO,
    caplog: pytest.LogCaptureFixture,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """What is written in more than one word ends with a planted one; the story goes on as it does without."""
    plants, told = Planter(), script.read(path)
    for one in told.steps:
        if one.step.verb is Verb.WRITES and _is_sentence(one.step.value):
            one.step = replace(one.step, value=f"{one.step.value} {plants.word()}")
    stage = Stage.apart(tmp_path, make_book(Settings(_env_file=None, telegram_token=None)), load_screen())
    await stage.open()
    try:
        happened = await rehearsal.play(stage, told, falls=True, follows=True)
    finally:
        await stage.close()
    written = [one.step.value for one in told.steps if MARKS[0] in one.step.value]
    kept = "\n".join((said.getvalue(), caplog.text, *capsys.readouterr()))
    assert len(happened) == len(told.steps)
    assert len(written) == len(plants.planted) > 0
    assert {"transitions.core", "sqlalchemy.engine.Engine"} <= {record.name for record in caplog.records}
    assert [word for word in (MARKS[0], *written) if word in kept] == []
