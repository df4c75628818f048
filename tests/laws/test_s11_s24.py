"""S24: demo and real never meet. S11: mothers come in only when everything is ready."""

import asyncio
import contextlib
import os
import socket
import subprocess
import sys
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, cast

import httpx2
import pytest
from sqlalchemy import func, select
from starlette.routing import Mount

from bot.app import App, make_book, open_store
from bot.channels.simulator import SimulatorChannel
from bot.console.pages import stage_pages
from bot.core.errors import CommandRefused, ConfigurationError
from bot.core.people import Role
from bot.doors import outer
from bot.settings import Settings
from storage.schema import invitations, participants
from tests.fakes.telegram import TOKEN, FakeTelegram
from tests.laws.doors import say
from tests.town import JOINING, Town, open_town
from tests.world import FrozenClock, SeededIds

if TYPE_CHECKING:
    from bot.console.views import StagePort

PREPARING = "We are still preparing, so nobody can join yet. Your code stays good. Please try again in a few days."


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

    paths = {getattr(route, "path", "") for route in outer(is_ready).routes}
    assert paths <= {"/healthz", "/readyz"}


def free_addresses() -> tuple[str, str]:
    """Two addresses of this machine that nobody uses."""
    with socket.socket() as one, socket.socket() as two:
        for door in (one, two):
            door.bind(("127.0.0.1", 0))
        return f"127.0.0.1:{one.getsockname()[1]}", f"127.0.0.1:{two.getsockname()[1]}"


@contextlib.asynccontextmanager
async def running(folder: Path, tg: FakeTelegram, inner: str, outer: str) -> AsyncIterator[None]:
    """`hamroh run` with a token, as an operator starts it."""
    given = {
        "TELEGRAM_TOKEN": tg.token,
        "TELEGRAM_API_URL": tg.root,
        "DATABASE_URL": f"sqlite:///{folder / 'hamroh.db'}",
        "KEYS_DIR": str(folder / "keys"),
        "KEYS_URL": f"sqlite:///{folder / 'keys.db'}",
        "ALLOW_UNREADY": "1",
        "ALLOW_UNREVIEWED": "1",
        "LISTEN": inner,
        "WEBHOOK_LISTEN": outer,
    }
    environment = os.environ | {f"HAMROH_{name}": value for name, value in given.items()}
    command = (str(Path(sys.executable).parent / "hamroh"), "run")
    process = await asyncio.create_subprocess_exec(*command, cwd=folder, env=environment, stderr=subprocess.DEVNULL)
    try:
        await tg.waits_for_calls("getUpdates", seconds=30)
        yield
    finally:
        process.terminate()
        await process.wait()


async def test_s24_beside_a_running_bot_the_simulator_does_not_exist(tmp_path: Path) -> None:
    pages = stage_pages(cast("StagePort", None))
    stage = [f"{route.path}/page.css" if isinstance(route, Mount) else route.path for route in pages.routes]  # type: ignore[attr-defined]
    stage.remove("/metrics")  # the one page that a running bot has too: figures, on the inner door only
    assert "/sim/act" in stage
    inner, outer_ = free_addresses()
    async with FakeTelegram() as tg, running(tmp_path, tg, inner, outer_), httpx2.AsyncClient() as world:
        for door in (inner, outer_):
            for path in stage:
                for method in ("GET", "POST"):
                    assert (await world.request(method, f"http://{door}{path}")).status_code == 404, (door, path)
        assert (await world.get(f"http://{outer_}/healthz")).status_code == 200
        assert (await world.get(f"http://{inner}/metrics")).status_code == 200


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


def joined_and_left(town: Town) -> tuple[int, int]:
    """How many mothers have joined, and how often the only invitation may still be used."""
    with town.app.store.database.reading() as connection:
        joined = connection.scalar(select(func.count()).select_from(participants))
        return int(joined or 0), connection.execute(select(invitations.c.uses_left)).scalar_one()


async def test_s11_a_good_code_opens_nothing_before_the_team_is_ready_and_stays_good(tmp_path: Path) -> None:
    clock = FrozenClock()
    async with open_town(tmp_path, clock, allow_unready=False) as town:
        store = town.app.store
        code, spoken = store.make_invitation(Role.MOTHER, "Bahor", 1, clock.now() + timedelta(days=7))
        for given in (code, "", "салом", spoken or ""):
            person = town.person(300)
            said = await (town.starts(person, given) if given == code else town.says(person, given or "ҳа"))
            assert said != [], "a kind sentence, not silence"
            for choice in ("language:tg", *JOINING):
                with contextlib.suppress(LookupError):  # wherever she is led, she tries to go on
                    await town.presses(person, choice)
        assert joined_and_left(town) == (0, 1)


async def test_s11_who_comes_too_early_reads_in_her_language_to_come_again(tmp_path: Path) -> None:
    """By a link before she has chosen a language: in both; by her digits afterwards: in hers."""
    clock = FrozenClock()
    async with open_town(tmp_path, clock, allow_unready=False) as town:
        code, spoken = town.app.store.make_invitation(Role.MOTHER, "Bahor", 1, clock.now() + timedelta(days=7))
        for number, language in enumerate(("tg", "ru")):
            person = town.person(300 + number, language)
            assert (await town.starts(person, code))[0] == f"{say('tg', PREPARING)}\n\n{say('ru', PREPARING)}"
            await town.presses(person, f"language:{language}")
            assert (await town.says(person, spoken or ""))[0] == say(language, PREPARING)
        assert joined_and_left(town) == (0, 1)
