"""S18: at the level of debugging, with every library talking, logs and figures hold nothing of anybody."""

import io
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

from bot.core.errors import StorageUnavailable
from bot.logs import set_up_logs
from bot.metrics import page
from tests.laws.test_s18 import MARKS, WORRYING, Planter, a_mother, the_story
from tests.town import Town, open_town
from tests.world import FrozenClock


@pytest.fixture
def said(caplog: pytest.LogCaptureFixture) -> Iterator[io.StringIO]:
    """What is logged by ourselves; everything is, and `caplog` has the lines of every library."""
    lines = io.StringIO()
    set_up_logs()
    factory = structlog.PrintLoggerFactory(lines)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.DEBUG), logger_factory=factory)
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

        def fails(error: Exception = error, raised: list[Exception] = raised) -> object:
            if not raised:
                raised.append(error)
                raise error
            return work()

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
