"""Plays events under the conversations' locks and records all they asked for in one commit.

Jobs of every origin take this path: updates that arrived, events that were posted, timers that fell due.  One batch
is written at a time in a worker thread; what arrives meanwhile waits and becomes the next batch.  Idle, a batch is
one turn; loaded, many turns share one commit (architecture §3).
"""

import asyncio
from collections import Counter, deque
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Protocol

import structlog

from bot.batch import Batch, Bundle, Job, Written
from bot.core.errors import InvitationSpent, StorageUnavailable
from bot.core.messages import Inbound, Sort
from bot.core.moving import spoken_code
from bot.faults import faultpoint
from storage.handing import Handed, Offer

log = structlog.get_logger()

BATCH = 256
"""The most jobs that share one commit."""
FLOOD = 8
"""When more updates than these wait of one chat, its messages share commits: what comes after them must not wait for
a commit of each.  Below it every update is screened by the state in which the one before has left its conversation."""
SHARE = 32
"""The most messages of one chat in one commit then; the rest let others go first."""
SAID = 4
"""Few turns say more messages than these; what is beyond waits for its sender's own look."""


class Sender(Protocol):
    """The sender of one line in this process, as far as turns hand over to it."""

    async def catch_up(self) -> None:
        """Take a moment for what waits already."""

    def offer(self, most: int) -> Offer | None:
        """Room for at most so many parcels, and receipts to be marked: both are kept for a commit until it ends."""

    def take(self, handed: Handed) -> None:
        """It was committed."""

    def lose(self) -> None:
        """It failed, perhaps only for us: nobody knows what it has claimed and marked."""


class Turns:
    """The one writer of a process: takes jobs, plays them, commits them together."""

    def __init__(self, batch: Batch) -> None:
        self._batch = batch
        self._waiting: deque[Job] = deque()
        self._known: set[str] = set()
        self._open: set[asyncio.Future[None]] = set()
        self._wake = asyncio.Event()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="turns")
        self.senders: dict[str, Sender] = {}
        self.on_commit: list[Callable[[Written], None]] = []

    # ---- the door

    async def accept(self, inbounds: Sequence[Inbound]) -> None:
        """Play updates; returns once all of them are committed, raises StorageUnavailable if they could not be."""
        await self._put([Job(inbound=inbound) for inbound in inbounds]).settled
        faultpoint("before_confirm")

    def play_posted(self, inbox_ids: Sequence[str], *, is_first: bool = False) -> Bundle:
        """Play events that other turns, delivery or a command posted; those already on their way are left out."""
        return self._put([Job(inbox_id=inbox_id) for inbox_id in inbox_ids], is_first=is_first)

    def play_timers(self, timers: Sequence[tuple[str, str]]) -> Bundle:
        """Play timers (conversation id, key) that fell due; those already on their way are left out."""
        return self._put([Job(timer=timer) for timer in timers])

    async def rest(self) -> int:
        """Wait until everything that was on its way is settled; zero when nothing was."""
        return len(await asyncio.gather(*self._open, return_exceptions=True))

    def _put(self, jobs: list[Job], *, is_first: bool = False) -> Bundle:
        fresh = [job for job in jobs if job.inbound is not None or job.lane not in self._known]
        self._known.update(job.lane for job in fresh if job.inbound is None)
        if is_first:
            self._waiting.extendleft(reversed(fresh))
        else:
            self._waiting.extend(fresh)
        bundle = Bundle(len(fresh))
        for job in fresh:
            job.bundle = bundle
        if fresh:
            self._open.add(bundle.settled)
            bundle.settled.add_done_callback(self._open.discard)
            self._wake.set()
        return bundle

    # ---- the loop

    async def run(self) -> None:
        """Write batch after batch until cancelled."""
        while True:
            await self._wake.wait()
            batch = self._next_batch()
            if not batch:
                self._wake.clear()
                continue
            await self._settle(batch)

    def _next_batch(self) -> list[Job]:
        """At most BATCH jobs, the first of each lane, of a flood more; the rest keep their order."""
        taken: list[Job] = []
        left: deque[Job] = deque()
        shares = self._shares()
        while self._waiting and len(taken) < BATCH:
            job = self._waiting.popleft()
            share = shares.get(job.lane, 1)
            if share:
                taken.append(job)
                shares[job.lane] = share - 1 if _is_plain(job) else 0
            else:
                left.append(job)
        self._waiting.extendleft(reversed(left))
        return taken

    def _shares(self) -> dict[str, int]:
        """How many jobs may share the next commit, of each lane that may have more than one."""
        if len(self._waiting) <= FLOOD:
            return {}
        waiting = Counter([job.lane for job in self._waiting if job.inbound is not None])
        return {lane: SHARE for lane, count in waiting.items() if count > FLOOD}

    async def _settle(self, batch: list[Job]) -> None:
        """Write a batch; when its transaction fails, each job alone, so that one cannot hurt the others."""
        try:
            written = await self._write_and_hand_over(batch)
        except StorageUnavailable as error:
            self._give_up(batch, error)
        except Exception as error:  # noqa: BLE001 - one catch per loop: whatever it was, nobody else may suffer from it
            log.warning("batch_failed", jobs=len(batch), error=type(error).__name__)
            await self._settle_each(batch)
        else:
            self._finish(batch, written)

    async def _write_and_hand_over(self, batch: list[Job]) -> Written:
        """Write a batch; what it answers goes straight to the senders, even when we are cancelled meanwhile."""
        for sender in self.senders.values():
            await sender.catch_up()
        most = SAID * len(batch)
        offers = {line: made for line, sender in self.senders.items() if (made := sender.offer(most))}
        senders = {line: self.senders[line] for line in offers}
        write = partial(self._batch.write, offers=offers) if offers else self._batch.write
        writing = asyncio.get_running_loop().run_in_executor(self._thread, write, batch)
        writing.add_done_callback(partial(_hand_over, senders))
        return await asyncio.shield(writing)

    async def _settle_each(self, batch: list[Job]) -> None:
        """Every job alone; what follows one of its lane that could not be recorded comes again after it."""
        lost: set[str] = set()
        for job in batch:
            if job.lane in lost:
                self._give_up([job], StorageUnavailable("what came before it comes again"))
            elif not await self._settle_alone(job):
                lost.add(job.lane)

    async def _settle_alone(self, job: Job) -> bool:
        """Whether it could be recorded, played or set aside."""
        attempts = [self._batch.write, self._batch.set_aside]
        while attempts:
            attempt = attempts.pop(0)
            try:
                written = await self._in_thread(attempt, [job])
            except StorageUnavailable as error:
                self._give_up([job], error)
                return False
            except InvitationSpent:
                if attempt == self._batch.write:
                    attempts.insert(0, self._batch.write_spent)
            except Exception as error:  # noqa: BLE001 - the next, humbler attempt follows
                log.warning("turn_failed", attempt=attempt.__name__, error=type(error).__name__)
            else:
                self._finish([job], written)
                return True
        self._give_up([job], StorageUnavailable("a job could not even be set aside"))
        return False

    async def _in_thread(self, write: Callable[[list[Job]], Written], batch: list[Job]) -> Written:
        return await asyncio.get_running_loop().run_in_executor(self._thread, write, batch)

    def _give_up(self, batch: list[Job], error: StorageUnavailable) -> None:
        """Nothing was recorded: updates are not confirmed, posts and timers are still in the database.

        What the same chats sent later is given up as well: it comes again after what it followed.
        """
        log.error("storage_unavailable", jobs=len(batch))
        lanes = {job.lane for job in batch if job.inbound is not None}
        followers = [job for job in self._waiting if job.lane in lanes]
        self._waiting = deque(job for job in self._waiting if job.lane not in lanes)
        for job in [*batch, *followers]:
            self._known.discard(job.lane)
            if job.bundle:
                job.bundle.settle(error)

    def _finish(self, batch: list[Job], written: Written) -> None:
        for job in batch:
            self._known.discard(job.lane)
            if job.bundle:
                job.bundle.settle()
        for told in self.on_commit:
            told(written)
        self.play_posted(written.moves, is_first=True)
        self.play_posted(written.posted)


def _hand_over(senders: Mapping[str, Sender], writing: asyncio.Future[Written]) -> None:
    """Give each sender what the commit has claimed and marked for it."""
    is_written = not writing.cancelled() and writing.exception() is None
    for line, sender in senders.items():
        if is_written:
            sender.take(writing.result().handed[line])
        else:
            sender.lose()


def _is_plain(job: Job) -> bool:
    """Whether what follows it in its chat may share its commit: after a code for moving it is another's (S17)."""
    if job.inbound is None or job.inbound.sort is not Sort.MESSAGE:
        return False
    return not spoken_code(job.inbound.text.strip().removeprefix("/start"))
