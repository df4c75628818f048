"""The stage in a real Chromium: the whole story on three phones, live, by mouse and by keyboard."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.app import make_book
from bot.concern.screen import load_screen
from bot.console.pages import stage_pages
from bot.demo.port import Port
from bot.demo.stage import Stage
from bot.doors import Server
from bot.settings import Settings

CHROMIUM = shutil.which("chromium")
playwright = pytest.importorskip(
    "playwright.async_api", reason="not tested: the stage in a browser (no Playwright here)"
)
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="not tested: the stage in a browser (no chromium here)")
ADDRESS = "127.0.0.1:8099"


@pytest.fixture
async def address(tmp_path: Path) -> AsyncIterator[str]:
    book = make_book(Settings(_env_file=None, telegram_token=None))
    stage = Stage.apart(tmp_path, book, load_screen())
    await stage.open()
    server = Server(stage_pages(Port(stage)), ADDRESS, "HAMROH_LISTEN")
    serving = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110 - uvicorn tells it by an attribute alone
        await asyncio.sleep(0.01)
    yield f"http://{ADDRESS}"
    server.should_exit = server.force_exit = True
    await serving
    await stage.close()


@pytest.fixture
async def page(address: str):
    quiet = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
    async with playwright.async_playwright() as tool:
        browser = await tool.chromium.launch(executable_path=CHROMIUM, args=quiet)
        page = await browser.new_page(viewport={"width": 1280, "height": 900})
        page.troubles = []
        page.hosts = set()
        page.on("console", lambda said: page.troubles.append(said.text) if said.type in {"error", "warning"} else None)
        page.on("pageerror", lambda error: page.troubles.append(str(error)))
        page.on("request", lambda request: page.hosts.add(request.url.split("/")[2]))
        await page.goto(f"{address}/sim?lang=ru")
        yield page
        await browser.close()
    assert page.troubles == []
    assert page.hosts == {ADDRESS}


async def press(page, phone: str, label: str) -> None:
    await page.locator(f"#{phone}").get_by_role("button", name=label, exact=True).last.click()


async def sees(page, phone: str, text: str) -> None:
    await page.locator(f"#{phone} .text", has_text=text).last.wait_for()


async def test_a_cry_for_help_goes_from_phone_to_phone(page):
    await page.get_by_role("button", name="Подготовить команду").click()
    await sees(page, "facilitator", "Спасибо, записано.")
    await press(page, "mother", "Начать (по приглашению)")
    await page.locator("#coordinator textarea").fill("недописанное")
    for label in ("Русский", "Дальше", "Согласна", "Да, согласна", "Да", "Нет, только я"):
        await press(page, "mother", label)
    await sees(page, "mother", "Как к Вам обращаться?")
    await page.locator("#mother textarea").fill("Он меня бьёт, мне страшно")
    await page.locator("#mother textarea").press("Enter")
    await sees(page, "group", "срочно")
    await press(page, "group", "Взять")
    await sees(page, "facilitator", "Он меня бьёт, мне страшно")
    assert "бьёт" not in await page.locator("#group").inner_text()
    assert await page.locator("#coordinator textarea").input_value() == "недописанное"
    assert await page.locator("#mother textarea").input_value() == ""


async def test_the_stage_fits_a_phone_and_needs_no_mouse(page):
    await page.set_viewport_size({"width": 390, "height": 844})
    assert await page.evaluate("document.documentElement.scrollWidth") == 390
    await page.keyboard.press("Tab")
    assert await page.evaluate("document.activeElement.className") == "skip"
    await page.locator("#mother .begin button").focus()
    await page.keyboard.press("Enter")
    await sees(page, "mother", "Салом. Забонро интихоб кунед.")


async def test_a_second_window_sees_what_happens_in_the_first(page, address: str):
    other = await page.context.browser.new_page()
    await other.goto(f"{address}/sim?lang=tg")
    await press(page, "mother", "Начать (по приглашению)")
    await sees(other, "mother", "Салом. Забонро интихоб кунед.")
