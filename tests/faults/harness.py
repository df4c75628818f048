"""A real Hamroh that is killed and started again, a fake Bot API that stays, and people who write meanwhile."""

import asyncio
import contextlib
import json
import os
import resource
import signal
import subprocess
import sys
from collections import defaultdict
from collections.abc import AsyncIterator, Callable
from concurrent.futures import Future
from datetime import UTC, datetime, timedelta
from pathlib import Path
from queue import SimpleQueue
from random import Random
from threading import Thread

from sqlalchemy import func, select, union_all, update

from storage.database import Database, open_database
from storage.schema import broadcasts, inbox, outbox, recipients
from tests.fakes.telegram import FakeTelegram, Kind, Person, Rates
from tests.faults.village import COORDINATOR, FACILITATOR, GROUP, MOTHERS, WRITERS, Village

ROOT = Path(__file__).parents[2]
PLANTED = "Баргизамин"
"""What every writer's words begin with; it must never stand in a log (I8)."""
LETTERS = "абвгдезиклмнорстуф"
PATIENCE = 30.0


class Nursery:
    """The process from which every Hamroh is started; closing it ends all of them."""

    def __init__(self) -> None:
        environment = {name: value for name, value in os.environ.items() if not name.startswith("HAMROH_")}
        command = [sys.executable, "-m", "tests.faults.nursery"]
        self._process = subprocess.Popen(command, cwd=ROOT, env=environment, stdin=-1, stdout=-1)
        self._ends: defaultdict[int, Future[int]] = defaultdict(Future)
        self._started: SimpleQueue[int] = SimpleQueue()
        self._reader = Thread(target=self._read, daemon=True)
        self._reader.start()

    def close(self) -> None:
        """Nothing that was started here goes on."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(PATIENCE)
        self._reader.join(PATIENCE)
        self._process.stdout.close()

    def start(
        self, arguments: list[str], environment: dict[str, str], folder: Path, *, file_size: int = 0
    ) -> "Running":
        """Start `hamroh` with these arguments; its log is `hamroh.log` in the folder, its files end at `file_size`."""
        log = str(folder / "hamroh.log")
        order = {"start": arguments, "env": environment, "folder": str(folder), "log": log, "file_size": file_size}
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(order).encode() + b"\n")
        self._process.stdin.flush()
        pid = self._started.get(timeout=PATIENCE)
        return Running(pid, self._ends[pid])

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in map(json.loads, self._process.stdout):
            if "started" in line:
                self._ends[line["started"]] = Future()  # the number may have been another process's before
                self._started.put(line["started"])
            else:
                self._ends[line["ended"]].set_result(line["status"])


class Running:
    """One process of Hamroh."""

    def __init__(self, pid: int, end: Future[int]) -> None:
        self.pid = pid
        self._end = end

    @property
    def is_over(self) -> bool:
        """Whether it has ended."""
        return self._end.done()

    async def ends(self) -> int:
        """Wait for its end: its exit code, negative for a signal."""
        return await asyncio.wait_for(asyncio.shield(asyncio.wrap_future(self._end)), PATIENCE)

    async def kill(self) -> None:
        """End it as `kill -9` does."""
        self.send(signal.SIGKILL)
        await self.ends()

    def send(self, number: signal.Signals) -> None:
        """Send it a signal, unless it has ended."""
        if not self.is_over:
            os.kill(self.pid, number)

    def may_grow(self) -> None:
        """Its files may grow again."""
        resource.prlimit(self.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))


class Stage:
    """One village under test: the fake Bot API, one Hamroh at a time, and the book of what was written and killed."""

    def __init__(self, tg: FakeTelegram, village: Village, nursery: Nursery, seed: int, **settings: str) -> None:
        self.tg = tg
        self.village = village
        self.chance = Random(seed)
        self.kills = 0
        self.in_flight = 0
        self.written: defaultdict[int, list[str]] = defaultdict(list)
        self.process: Running | None = None
        self.settings = settings
        self.mothers = list(MOTHERS)
        self._nursery = nursery
        self._count = 0
        self._started: list[Running] = []
        self._people = {number: tg.person(number, "Invented", "ru") for number in (*WRITERS, *MOTHERS)}
        self._people |= {number: tg.person(number, "Invented") for number in (COORDINATOR, FACILITATOR)}
        self.group = tg.group(GROUP, "Invented group")
        self.database: Database = open_database(village.url)

    # ---- the process

    def start(self, fault: str = "", *, file_size: int = 0, **settings: str) -> Running:
        """Start Hamroh; perhaps with a place where it dies, or with files that cannot grow beyond so many bytes."""
        more = {**self.settings, **settings, **({"fault": fault} if fault else {})}
        environment = {"HAMROH_FAULT": "", **self.village.environment(self.tg, **more)}
        if not fault:
            del environment["HAMROH_FAULT"]
        self.process = self._nursery.start(["run"], environment, self.village.folder, file_size=file_size)
        self._started.append(self.process)
        return self.process

    async def command(self, *arguments: str, fault: str = "") -> int:
        """Run another command to its end; its exit code."""
        environment = self.village.environment(self.tg, **({"fault": fault} if fault else {}))
        running = self._nursery.start(list(arguments), environment, self.village.folder)
        return await running.ends()

    async def dies(self) -> None:
        """People write until the process has died at its place; then note what was in flight."""
        assert self.process is not None
        while not self.process.is_over:
            self.write(3)
            await self.waits(self._is_idle_or_over, "it neither works nor dies")
        assert await self.process.ends() == -signal.SIGKILL
        self.note()

    def _is_idle_or_over(self) -> bool:
        assert self.process is not None
        return self.process.is_over or (not self.tg.feed.live() and self.is_answered())

    async def kill(self) -> None:
        """Kill the process now."""
        assert self.process is not None
        await self.process.kill()
        self.note()

    def note(self) -> None:
        """Count a kill and what was in flight."""
        self.kills += 1
        with self.database.reading() as connection:
            query = select(func.count()).select_from(outbox).where(outbox.c.state == "sending")
            self.in_flight += connection.scalar(query) or 0

    async def stop(self) -> None:
        """End the process in peace, so that all it has sent is marked."""
        if self.process is not None and not self.process.is_over:
            self.process.send(signal.SIGTERM)
            assert await self.process.ends() == 0

    async def clear(self) -> None:
        """End whatever still runs."""
        for process in self._started:
            await process.kill()

    # ---- the people

    def person(self, number: int) -> Person:
        """Somebody of the village."""
        return self._people[number]

    def joined(self, number: int) -> None:
        """A further mother lives in the village."""
        self._people[number] = self.tg.person(number, "Invented", "tg")
        self.mothers.append(number)

    def write(self, count: int) -> None:
        """So many messages, each of somebody drawn by chance; each has words of its own."""
        for _ in range(count):
            number = self.chance.choice(WRITERS)
            text = PLANTED + self._next_letters()
            self.written[number].append(text)
            self._people[number].says(text)

    def _next_letters(self) -> str:
        self._count += 1
        number, letters = self._count, ""
        for _ in range(4):
            number, digit = divmod(number, len(LETTERS))
            letters = LETTERS[digit] + letters
        return letters

    def answers(self, number: int) -> list[str]:
        """The words that this writer got back, in the order in which they arrived."""
        texts = [sent.text for sent in self.tg.sent if sent.chat_id == number]
        return [word for text in texts for word in text.replace(".", " ").split() if word.startswith(PLANTED)]

    @property
    def lost_answers(self) -> int:
        """How many calls the fake Bot API carried out without saying so."""
        return sum(call.fault is Kind.LOST_AFTER for call in self.tg.requests)

    def is_answered(self) -> bool:
        """Whether every word came back."""
        return all(set(words) <= set(self.answers(number)) for number, words in self.written.items())

    def lets_broadcast_begin(self) -> None:
        """The broadcast that was confirmed and put off begins now."""
        with self.database.transaction() as connection:
            now = datetime.now(UTC)  # noqa: TID251 - Hamroh runs by the machine's own clock
            connection.execute(update(broadcasts).values(starts_at=now, expires_at=now + timedelta(days=1)))

    def recipients(self) -> dict[str, int]:
        """How many mothers the broadcast found in which state."""
        counted = select(recipients.c.state, func.count()).group_by(recipients.c.state)
        with self.database.reading() as connection:
            return dict(connection.execute(counted).all())

    def is_broadcast_done(self) -> bool:
        """Whether nobody waits for it any more."""
        with self.database.reading() as connection:
            return connection.scalar(select(broadcasts.c.state)) == "done"

    async def is_killed_at_random(
        self, times: int, lives: tuple[float, float] = (0.05, 0.6), messages: int = 8
    ) -> None:
        """Again and again: people write, it starts, lives for a random time, and is killed; at last it may finish."""
        for _ in range(times):
            self.write(messages)
            self.start()
            await self.serves()
            await self.tg._bell.until(lambda: False, self.chance.uniform(*lives))
            await self.kill()
        self.write(messages)
        self.start()
        await self.goes_on(self.is_answered, "nobody was answered for long", PATIENCE)  # a chat takes one a second
        await self.finishes(PATIENCE + 2 * times)  # what is in doubt waits as long again as it was under way
        await self.stop()

    def log(self) -> str:
        """What all processes said."""
        path = self.village.folder / "hamroh.log"
        return path.read_text() if path.exists() else ""

    # ---- waiting

    async def waits(self, holds: Callable[[], bool], what: str, seconds: float = PATIENCE) -> None:
        """Wait until it holds; asks at every change at the Bot API and a few times a second."""
        async with asyncio.timeout(seconds) as limit:
            while not holds():
                await self.tg._bell.until(holds, 0.1)
        assert not limit.expired(), what

    async def goes_on(self, holds: Callable[[], bool], what: str, seconds: float) -> None:
        """Wait until it holds, however slow the machine; at no time so many seconds may pass without a message."""
        while not holds():
            before = len(self.tg.sent)
            await self.waits(lambda before=before: holds() or len(self.tg.sent) > before, what, seconds)

    async def serves(self) -> None:
        """Wait until Hamroh takes updates in."""
        before = len(self.tg.requests)
        await self.waits(
            lambda: any(call.method in {"getUpdates", "setWebhook"} for call in self.tg.requests[before:]),
            "it never came up",
        )

    async def finishes(self, seconds: float = PATIENCE) -> None:
        """Wait until every update is confirmed, every word answered, and nothing is left to be sent."""
        await self.waits(lambda: not self.tg.feed.live(), "updates stay unconfirmed", seconds)
        await self.waits(self.is_answered, "somebody was not answered", seconds)
        await self.waits(self._is_done, "something waits to be played or sent", seconds)

    def _is_done(self) -> bool:
        waiting = select(outbox.c.id).where(outbox.c.state.in_(("waiting", "sending")))
        pending = select(inbox.c.id).where(inbox.c.state == "pending")
        with self.database.reading() as connection:
            return connection.execute(union_all(waiting, pending).limit(1)).first() is None


@contextlib.asynccontextmanager
async def staged(
    village: Village, nursery: Nursery, *, seed: int = 0, rates: Rates | None = None, **settings: str
) -> AsyncIterator[Stage]:
    """A stage; at its end none of its processes runs any more."""
    async with FakeTelegram(seed=1000 + seed, rates=rates) as tg:
        tg._cloud._last_message_id = 1_000_000  # the village knows messages of another server
        stage = Stage(tg, village, nursery, seed, **settings)
        try:
            yield stage
        finally:
            await stage.clear()
            stage.database.dispose()
