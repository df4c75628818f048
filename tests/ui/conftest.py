"""One Chromium and one stage for all tests of the page; every test begins with an empty stage and a fresh window."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from bot.app import make_book
from bot.concern.screen import load_screen
from bot.console.pages import stage_pages
from bot.demo.port import Port
from bot.demo.stage import Stage
from bot.doors import Server
from bot.settings import Settings
from tests.ui.window import Window

CHROMIUM = shutil.which("chromium")
QUIET = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-extensions"]


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Any]:
    """Debian's Chromium, once for all."""
    driver = pytest.importorskip("playwright.async_api", reason="not tested: the stage in a browser (no Playwright)")
    if CHROMIUM is None:
        pytest.skip("not tested: the stage in a browser (no chromium here)")
    async with driver.async_playwright() as tool:
        browser = await tool.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield browser
        await browser.close()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def opened(browser: Any, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[tuple[Stage, str]]:
    """A stage and the address of its pages."""
    book = make_book(Settings(_env_file=None, telegram_token=None))
    stage = Stage.apart(tmp_path_factory.mktemp("stage"), book, load_screen())
    await stage.open()
    server = Server(stage_pages(Port(stage)), "127.0.0.1:0", "HAMROH_LISTEN")
    serving = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110 - uvicorn tells it by an attribute alone
        await asyncio.sleep(0.01)
    yield stage, "{}:{}".format(*server.servers[0].sockets[0].getsockname())
    server.should_exit = server.force_exit = True
    await serving
    await stage.close()


@pytest_asyncio.fixture(loop_scope="session")
async def stage(opened: tuple[Stage, str]) -> Stage:
    """The stage, as at its beginning."""
    if opened[0].notes.steps or opened[0].notes.team:
        await opened[0].reset()
    return opened[0]


@pytest_asyncio.fixture(loop_scope="session")
async def window(browser: Any, stage: Stage, opened: tuple[Stage, str]) -> AsyncIterator[Window]:
    """The page in Russian at 1280 pixels; whatever the test did, no complaint and no other host."""
    context = await browser.new_context(
        viewport={"width": 1280, "height": 900}, base_url=f"http://{opened[1]}", locale="ru-RU"
    )
    window = Window(await context.new_page(), [], set())
    window.page.set_default_timeout(60_000)
    notice = window.troubles.append
    window.page.on("console", lambda said: notice(said.text) if said.type in {"error", "warning"} else None)
    window.page.on("pageerror", lambda error: notice(str(error)))
    window.page.on("request", lambda request: window.hosts.add(request.url.split("/")[2]))
    await window.page.goto("/sim?lang=ru")
    yield window
    await context.close()
    assert window.troubles == []
    assert window.hosts == {opened[1]}
