"""What a single step and a single text cost, and how soon an idle house answers."""

import asyncio
import json
import statistics
import tempfile
import time
from collections.abc import Iterator
from importlib.metadata import distribution
from pathlib import Path

from benchmarks.house import House, make_book, open_house, open_store
from benchmarks.script import load, page_of, pages
from benchmarks.updates import copy_house
from bot.concern.screen import load_screen
from bot.core.conversation import Conversation, Facts, Owner
from bot.core.events import ButtonPressed
from bot.core.people import Participant
from bot.flows.lesson import READING
from bot.orthography import skeleton
from bot.system import RandomIds, SystemClock

STEPS = 3000
TEXTS = Path("tests/concern")
KEYBOARD = str.maketrans("ғӣқӯҳҷ", "гикухч")


class Step:
    """One turn of the flows, without a database: the next card of a lesson."""

    def __init__(self, folder: Path, mothers: int) -> None:
        del folder, mothers
        now = SystemClock().now()
        her = Participant("P", "Bahor-1", None, "tg", "Asia/Dushanbe", now, opened=("m1",))
        data = {"lesson": "1.1", "step": 0, "options": [["Next", "lesson.next_card"], ["Menu", "menu"]]}
        self._chat = Conversation("C", Owner.PARTICIPANT, "P", READING, data, version=7, last_in_at=now)
        self._facts = Facts(now, participant=her)
        self._book, self._ids = make_book(), RandomIds()

    def round(self) -> dict[str, float]:
        """Microseconds a step."""
        press = ButtonPressed("lesson.next_card", 7, "1")
        began = time.perf_counter()
        for _ in range(STEPS):
            self._book.play(self._chat, press, self._facts, self._ids)
        return {"": (time.perf_counter() - began) / STEPS * 1e6}


class Fold:
    """Every word of a Tajik dictionary, as typed on a Russian keyboard, to its key: more words than are remembered."""

    def __init__(self, folder: Path, mothers: int) -> None:
        del folder, mothers
        path = Path(str(distribution("tajiknlp").locate_file("tajiknlp/data/tajik_pos.jsonl")))
        found = {json.loads(line)["tajik"] for line in path.read_text(encoding="utf-8").splitlines()}
        self._words = [word.translate(KEYBOARD) for word in sorted(found)]

    def round(self) -> dict[str, float]:
        """Microseconds of processor time a word."""
        began = time.process_time()
        for word in self._words:
            skeleton(word)
        return {"": (time.process_time() - began) / len(self._words) * 1e6}


class Screening:
    """Every text of the tests' collections through the screen."""

    def __init__(self, folder: Path, mothers: int) -> None:
        del folder, mothers
        self._screen = load_screen()
        lines = [line for file in sorted(TEXTS.glob("*.tsv")) for line in file.read_text(encoding="utf-8").splitlines()]
        self._texts = [max(line.split("\t"), key=len) for line in lines if line.strip()]

    def round(self) -> dict[str, float]:
        """Milliseconds a text."""
        took = sorted(self._took(text) for text in self._texts)
        return {"mean": statistics.fmean(took), "p95": took[int(len(took) * 0.95)]}

    def _took(self, text: str) -> float:
        began = time.perf_counter()
        self._screen.screen(text, READING)
        return (time.perf_counter() - began) * 1e3


class Reply:
    """From an update's JSON to the request body of its answer: one mother at a time, screened, nobody else there."""

    def __init__(self, folder: Path, mothers: int) -> None:
        self._folder = folder
        self._mothers = mothers
        self._steps = load(folder / "script.json")
        self._book = make_book()

    def round(self) -> dict[str, float]:
        """Milliseconds until the first message of the answer."""
        with tempfile.TemporaryDirectory(dir=self._folder) as copied:
            copy_house(self._folder, Path(copied))
            took = sorted(asyncio.run(self._ask(Path(copied))))
        return {"p50": statistics.median(took), "p99": took[int(len(took) * 0.99)]}

    async def _ask(self, folder: Path) -> list[float]:
        store = open_store(folder)
        try:
            async with open_house(store, self._book, (), is_screened=True) as house:
                return [await self._took(house, page) for page in self._pages()]
        finally:
            store.close()

    def _pages(self) -> Iterator[bytes]:
        for page in pages(self._steps, self._mothers, int(time.time())):
            for update in json.loads(page)["result"]:
                yield page_of([update])

    @staticmethod
    async def _took(house: House, page: bytes) -> float:
        await house.idle()
        sends = house.telegram.sends
        began = time.perf_counter()
        house.telegram.put(page)
        await house.telegram.sent_after(sends)
        return (time.perf_counter() - began) * 1e3
