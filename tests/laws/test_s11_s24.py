"""S24: demo and real never meet. S11: mothers come in only when everything is ready."""

from pathlib import Path

import pytest

from bot.app import App, make_book, open_store
from bot.channels.simulator import SimulatorChannel
from bot.core.errors import CommandRefused, ConfigurationError
from bot.core.people import Role
from bot.doors import outer
from bot.settings import Settings
from tests.fakes.telegram import TOKEN
from tests.world import FrozenClock, SeededIds


def settings(folder: Path, **more: object) -> Settings:
    places = {
        "database_url": f"sqlite:///{folder / 'one.db'}",
        "keys_dir": folder / "keys",
        "keys_url": f"sqlite:///{folder / 'keys.db'}",
        "allow_unreviewed": True,
    }
    return Settings(_env_file=None, **{**places, **more})  # type: ignore[arg-type]


def test_s24_a_demo_database_is_refused_by_a_real_channel_and_the_other_way_round(tmp_path: Path) -> None:
    for first, second in ((None, TOKEN), (TOKEN, None)):
        folder = tmp_path / str(first is None)
        folder.mkdir()
        open_store(settings(folder, telegram_token=first), FrozenClock(), SeededIds()).close()
        with pytest.raises(ConfigurationError):
            open_store(settings(folder, telegram_token=second), FrozenClock(), SeededIds())


def test_s24_the_world_reaches_health_and_webhook_alone() -> None:
    async def is_ready() -> bool:
        return True

    paths = {getattr(route, "path", "") for route in outer(is_ready, None).routes}
    assert paths <= {"/healthz", "/readyz"}


def test_s11_with_a_real_channel_no_mother_is_invited_before_all_is_ready(tmp_path: Path) -> None:
    clock, ids = FrozenClock(), SeededIds()
    given = settings(tmp_path, telegram_token=TOKEN)
    store = open_store(given, clock, ids)
    desk = App(store, make_book(given), SimulatorChannel(clock), clock, ids).desk
    with pytest.raises(CommandRefused, match="alarm, help_lines, confidentiality"):
        desk.invite(Role.MOTHER, "Bahor", 1, 7)
    assert desk.invite(Role.FACILITATOR, "Bahor", 1, 7).code
    allowed = make_book(settings(tmp_path, telegram_token=TOKEN, allow_unready=True))
    assert App(store, allowed, SimulatorChannel(clock), clock, ids).desk.invite(Role.MOTHER, "Bahor", 1, 7).spoken
    store.close()
