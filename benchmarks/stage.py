"""The rehearsal stage: how fast its page opens, an alarm is lived through, and a week passes for forty mothers."""

import asyncio
import shutil
import tempfile
import time
from pathlib import Path

import httpx2

from bot.app import make_book
from bot.concern.screen import load_screen
from bot.console.pages import stage_pages
from bot.demo import history, rehearsal, script
from bot.demo.port import Port
from bot.demo.stage import Stage as RealStage
from bot.demo.steps import TIME, Step, Verb
from bot.settings import Settings

STORY = Path("tests/journeys/concern-taken-answered-closed.ru.yaml")
MOTHERS = 40


class Stage:
    """The same stage as in a browser; every round begins with the same first week behind forty mothers."""

    def __init__(self, folder: Path, mothers: int) -> None:
        del mothers
        self._home = Path(tempfile.mkdtemp(dir=folder))
        self._shared = make_book(Settings(_env_file=None, telegram_token=None)), load_screen()
        self._story = script.read(STORY)
        (self._home / "lived").mkdir()
        asyncio.run(self._live())

    def round(self) -> dict[str, float]:
        """Seconds."""
        return asyncio.run(self._round())

    async def _live(self) -> None:
        stage = RealStage.apart(self._home / "lived", *self._shared)
        await stage.open()
        await history.live(stage, lambda _: None, mothers=MOTHERS, weeks=1)
        await stage.close()

    async def _round(self) -> dict[str, float]:
        with tempfile.TemporaryDirectory(dir=self._home) as folder:
            shutil.copytree(self._home / "lived", folder, dirs_exist_ok=True)
            stage = RealStage.apart(Path(folder), *self._shared)
            await stage.open()
            try:
                return {"page": await _page(stage), "week": await _week(stage), "story": await self._play(stage)}
            finally:
                await stage.close()

    async def _play(self, stage: RealStage) -> float:
        began = time.perf_counter()
        differences = script.differences(self._story.steps, await rehearsal.play(stage, self._story))
        seconds = time.perf_counter() - began
        if differences:
            raise RuntimeError(f"the story went otherwise: {differences[0]}")
        return seconds


async def _page(stage: RealStage) -> float:
    """The whole page from the server, as it is after a start."""
    door = httpx2.ASGITransport(app=stage_pages(Port(stage)))
    async with httpx2.AsyncClient(transport=door, base_url="http://stage") as browser:
        began = time.perf_counter()
        (await browser.get("/sim")).raise_for_status()
        return time.perf_counter() - began


async def _week(stage: RealStage) -> float:
    began = time.perf_counter()
    await stage.act(Step(TIME, Verb.PASSES, "7 days"))
    return time.perf_counter() - began
