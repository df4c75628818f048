"""Updates a second through Hamroh: JSON in, turns, one commit a batch, outbox, claim, request body, mark."""

import asyncio
import gc
import shutil
import tempfile
import time
from pathlib import Path

from benchmarks.house import make_book, open_house, open_store
from benchmarks.script import load, pages

FILES = ("hamroh.db", "keys.db", "keys")


def copy_house(folder: Path, to: Path) -> None:
    """The prepared database with its keys, fresh for one round."""
    for name in FILES:
        if not (folder / name).exists():
            continue
        copy = shutil.copytree if (folder / name).is_dir() else shutil.copyfile
        copy(folder / name, to / name)


class Sqlite:
    """One process on SQLite: WAL, FULL."""

    def __init__(self, folder: Path, mothers: int) -> None:
        self._folder = folder
        self._mothers = mothers
        self._steps = load(folder / "script.json")
        self._book = make_book()

    def round(self) -> dict[str, float]:
        """Play the script for every mother; updates a second until the last message was marked."""
        with tempfile.TemporaryDirectory(dir=self._folder) as copied:
            copy_house(self._folder, Path(copied))
            return {"": asyncio.run(self.play(Path(copied)))}

    async def play(self, folder: Path, url: str = "") -> float:
        """Play the script on a prepared database."""
        store = open_store(folder, url)
        script = pages(self._steps, self._mothers, int(time.time()))
        messages = self._mothers * sum(len(step.replies) for step in self._steps)
        try:
            async with open_house(store, self._book) as house:
                gc.collect()
                began = time.perf_counter()
                for page in script:
                    house.telegram.put(page)
                await asyncio.wait_for(house.sent(messages), 300)
                took = time.perf_counter() - began
                if house.telegram.sends != messages:
                    raise RuntimeError(f"{house.telegram.sends} messages instead of {messages}")
        finally:
            store.close()
        return self._mothers * len(self._steps) / took
