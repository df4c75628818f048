"""Sends what waits in the outbox of one line: claims mailboxes, sends at the pace the messenger allows, marks.

Every look at the database is one transaction in a worker thread of its own.  Nothing here waits for a time: a chat
that must rest is left alone until then by its mailbox, a line by `lines.paused_until`, both in the database, so that
a pause holds across a restart.
"""

import asyncio
import contextlib
from collections import Counter, deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from functools import partial
from itertools import groupby
from typing import TypeVar

import structlog

from bot.core.channel import Channel
from bot.core.errors import StorageUnavailable
from bot.core.messages import Receipt, SendFailure, Sent, Trouble, Word
from bot.core.ports import Clock, Ids
from bot.faults import faultpoint
from bot.pace import LIMITS, UNLIMITED, Pace
from storage import claims, mailboxes, receipts, words
from storage.handing import Handed, Offer
from storage.parcels import Claimed
from storage.receipts import Delivered, Marked
from storage.settling import Settled
from storage.store import Store

log = structlog.get_logger()
T = TypeVar("T")

AT_ONCE = 512
"""The most mailboxes claimed from and not yet marked on one line."""
ABREAST = 8
"""The most that are being sent at the same time: what has not begun can still be held when the line must be silent."""
FRESH = timedelta(seconds=1)
"""So long what was claimed may still begin to be sent without another look at whether it is wanted (S3)."""
SLOW = 60.0
"""Seconds after which a send is taken as ambiguous: well within the lease."""
PATIENCE = 0.1
"""Seconds a sweep waits for what is in flight before it looks for more, so that one slow send delays nobody else."""
BREATH = 0.005
"""Seconds after a commit of turns in which the next one may mark along what has landed."""
CATCH_UP = 3
"""So often such a moment is waited before a commit of turns while mail is left of the one before."""
LISTENS = 20
"""How often a word about a row that is busy is said again before the channel must bring it once more."""
REPAIR_EVERY = timedelta(seconds=30)
EXPIRE_EVERY = timedelta(seconds=1)
LATE_AT_ONCE = 500
HELD = SendFailure(Trouble.RATE, "held")
"""The receipt of what was not sent after all; it waits again, and no attempt is counted."""
REFUSED = timedelta(minutes=1)
"""So long a line is left alone after its token was refused; then it is tried again, it may have been a mistake."""


class Delivery:
    """The sender of one line; the process that runs it holds the line's sender lock.

    While it is repeated by a loop, which `wake` wakes, it `is_open`: commits of turns may claim for it.
    """

    def __init__(self, store: Store, channel: Channel, clock: Clock, ids: Ids) -> None:
        self._store = store
        self._channel = channel
        self._clock = clock
        self._line = str(channel.line)
        self._ids = ids
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="delivery")
        limits = LIMITS.get(channel.line.channel, UNLIMITED)
        self._pace = Pace(limits)
        self._patience = timedelta(seconds=limits.word)
        self._ready: deque[tuple[list[Claimed], datetime]] = deque()
        self._offered: Offer | None = None
        self._is_marking = False
        self._is_level = False
        self._has_mail = False
        self.is_open = False
        self.wake = asyncio.Event()
        self._senders: set[asyncio.Task[None]] = set()
        self._claiming: asyncio.Future[claims.Claim] | None = None
        self._landed: list[Delivered] = []
        self._paused_until: datetime | None = None
        self._repair_at: datetime | None = None
        self._expire_at: datetime | None = None
        self._is_recovered = False
        self.is_refused = False
        self.template_refused_at: datetime | None = None
        self.counts: Counter[str] = Counter()
        self.on_posted: list[Callable[[list[str]], None]] = []

    # ---- the work

    async def sweep(self) -> int:
        """Claim what is due, send, mark; how many rows came on or are on their way.  Zero: nothing to do now.

        Raises StorageUnavailable; receipts that could not be written are kept for the next sweep.
        """
        moved = await self._tend()
        moved += await self._claim()
        await self._gather()
        return moved + await self._mark() + self._in_flight

    async def catch_up(self) -> None:
        """Before more is said: a moment for what the last commit has left, so that who waits longer goes first."""
        for _ in range(CATCH_UP):
            if not self._has_mail:
                return
            if self._senders:
                await asyncio.wait(self._senders, timeout=BREATH)
            with contextlib.suppress(StorageUnavailable):  # whoever writes next will find out
                await self._mark()
                await self._claim()

    def offer(self, most: int) -> Offer | None:
        """What a commit of turns may do for us: claim at most so many parcels, and mark what has landed.

        No room while something has to wait for its turn, and never more than half of it; none either where a messenger
        speaks of its messages later: after a crash what is in flight waits a minute for its word.  With PostgreSQL,
        where others may write at the same time, we mark ourselves.
        """
        if not self.is_open or not self._is_recovered:
            return None
        now = self._clock.now()
        has_room = self._is_level and not self._patience and not self._is_paused(now)
        room = max(0, min(most, self._free(now) // 2)) if has_room else 0
        landed = [] if self._store.database.is_postgres or self._is_marking else self._landed[:]
        self._offered = Offer(room, landed, self._patience)
        return self._offered

    def take(self, handed: Handed) -> None:
        """Send what a commit has claimed, and forget what it has marked."""
        offered, self._offered = self._offered, None
        if offered is not None:
            self._forget(offered.landed, handed.marked)
        self._has_mail = handed.has_mail
        if handed.claimed:
            self._send_off(handed.claimed, handed.since)
        asyncio.get_running_loop().call_later(BREATH, self.wake.set)

    def lose(self) -> None:
        """A commit that was to do so failed, or did not: find what nobody knows of."""
        self._offered = None
        self._is_recovered = False
        self.wake.set()

    async def finish(self) -> None:
        """Let what is in flight land and be marked, and claim nothing more; a later sweep begins anew.

        Raises StorageUnavailable.
        """
        if self._claiming is not None:
            self._launch(await self._claiming)
        while self._in_flight or self._offered is not None:
            await self._gather()
        while self._landed:
            if not await self._mark():  # a commit marks just now, and must be let: it needs this loop to end
                await asyncio.sleep(BREATH)
        self._is_recovered = False

    async def hear(self, said: Sequence[Word]) -> None:
        """Write what the channel says later of what it took; returns after the commit.

        Raises StorageUnavailable, also when a row stays busy: then the channel says it again.
        """
        left = list(said)
        for attempt in range(LISTENS):
            if attempt:
                await asyncio.sleep(PATIENCE)
            heard = await self._in_thread(partial(self._note, left))
            for word in heard.heeded:
                if word.failure is not None:
                    self._heed(word.failure, word.since(self._clock.now()))
            self._told(heard.settled)
            left = heard.left
            if not left:
                return
        raise StorageUnavailable("the rows of these words are busy")

    async def _tend(self) -> int:
        """The work that time brings: leases of a sender before us, rows that expired, mailboxes that sleep."""
        now = self._clock.now()
        if not (self._is_recovered or self._in_flight or self._landed or self._offered):
            self._is_recovered = await self._in_thread(self._recover)
        if self._repair_at is None or now >= self._repair_at:
            self._repair_at = now + REPAIR_EVERY
            await self._in_thread(lambda: self._repair(now))
        if self._expire_at is not None and now < self._expire_at:
            return 0
        self._expire_at = now + EXPIRE_EVERY
        return self._told(await self._in_thread(lambda: self._expire(now)))

    async def _claim(self) -> int:
        now = self._clock.now()
        if not self._is_recovered or self._is_paused(now):
            return 0
        if self._claiming is not None:
            await asyncio.wait([self._claiming])
            return 0
        self._has_mail = False
        is_due = await self._in_thread(lambda: self._has_due(now))
        free = self._free(now) - (self._offered.room if self._offered else 0)
        if not is_due or free < 1:
            self._is_level = not is_due
            return 0
        self._claiming = asyncio.ensure_future(self._in_thread(lambda: self._take(now, free)))
        try:
            claim = await asyncio.shield(self._claiming)
        except StorageUnavailable:
            self._claiming = None
            self._is_recovered = False  # it may have been committed all the same: then nobody knows of these rows
            raise
        return self._launch(claim)

    def _launch(self, claim: claims.Claim) -> int:
        """Send what was claimed; also when the sweep that claimed it was cancelled meanwhile."""
        self._claiming = None
        self._is_level = claim.is_all
        self._send_off(claim.claimed, self._clock.now())
        return self._told(claim.settled)

    def _send_off(self, handed: Sequence[Claimed], since: datetime) -> None:
        faultpoint("after_claim")
        now = self._clock.now()
        for _ in handed:
            self._pace.take(now)
        self._ready.extend((list(run), since) for _, run in groupby(handed, _mailbox))
        busy = sum(not sender.done() for sender in self._senders)
        for _ in range(min(ABREAST - busy, len(self._ready))):
            self._senders.add(asyncio.create_task(self._send_all()))

    def _free(self, now: datetime) -> int:
        return min(AT_ONCE - self._in_flight, self._pace.free(now))

    @property
    def _in_flight(self) -> int:
        """How many mailboxes' parcels are claimed and have not landed."""
        return len(self._ready) + len(self._senders)

    async def _send_all(self) -> None:
        """What one of the senders does: mailbox after mailbox until none is left."""
        while self._ready:
            await asyncio.sleep(0)  # a messenger that answers at once must not keep anybody from being heard
            if self._ready:
                self._landed += await self._send_in_order(*self._ready.popleft())

    async def _send_in_order(self, run: Sequence[Claimed], since: datetime) -> list[Delivered]:
        """The receipts of parcels for one mailbox, which land together.

        After one that did not go, or when the chat must rest, the others go back to be claimed again; where nothing
        reaches her they are as lost.
        """
        landed: list[Delivered] = []
        for claimed in run:
            last = landed[-1] if landed else None
            if last is None or (isinstance(last.receipt, Sent) and last.rest_until is None):
                landed.append(await self._send(claimed, since))
            else:
                landed.append(Delivered(claimed, _after(last.receipt), last.rest_until))
        return landed

    async def _send(self, claimed: Claimed, since: datetime) -> Delivered:
        """One parcel's receipt; a line that was silenced a moment ago is not spoken to.

        What had to wait for its turn goes back to be judged anew: she may have been frozen meanwhile (S3), and what
        came to the end of its time meanwhile, her hours for example, goes not at all (S1).
        """
        now = self._clock.now()
        is_late = now - since >= FRESH or claimed.row.is_expired(now)
        if self._is_paused(now) or is_late:
            return Delivered(claimed, HELD)
        self._pace.take_chat(claimed, now)
        receipt = await self._ask_channel(claimed)
        faultpoint("after_send")
        now = self._clock.now()
        if isinstance(receipt, SendFailure):
            self._heed(receipt, now)
        else:
            self.is_refused = False
        return Delivered(claimed, receipt, self._pace.chat_free_at(claimed, now))

    async def _ask_channel(self, claimed: Claimed) -> Receipt:
        try:
            async with asyncio.timeout(SLOW):
                return await self._channel.send(claimed.parcel)
        except TimeoutError:
            return SendFailure(Trouble.AMBIGUOUS, "slow")
        except Exception as error:  # noqa: BLE001 - a channel that raises has a bug; whether the message went is unknown
            log.error("channel_raised", outbox=claimed.row.id, error=type(error).__name__)  # noqa: TRY400 - ids only
            return SendFailure(Trouble.AMBIGUOUS, "raised")

    def _heed(self, failure: SendFailure, since: datetime) -> None:
        """What concerns the whole line holds from its moment, before it is written; what is over by now is over."""
        if failure.trouble is Trouble.TEMPLATE:
            self.template_refused_at = since
            log.error("template_refused", line=self._line, code=failure.code, advice="see hamroh doctor")
        is_token = failure.trouble is Trouble.TOKEN
        if not is_token and not (failure.trouble is Trouble.RATE and failure.is_line_wide):
            return
        until = since + (REFUSED if is_token else timedelta(seconds=failure.retry_after))
        if until <= self._clock.now():
            return
        if is_token:
            self.refuse(failure.code, "set the right token, or see what this code means in docs/how-to")
        self._pause(until)

    def _pause(self, until: datetime | None) -> None:
        if until is not None:
            self._paused_until = max(until, self._paused_until or until)

    def refuse(self, code: str, advice: str) -> None:
        """The messenger refuses the whole line until an operator has acted, or a send succeeds."""
        if not self.is_refused:
            self.is_refused = True
            log.critical("line_refused", line=self._line, code=code, advice=advice)

    def _is_paused(self, now: datetime) -> bool:
        return self._paused_until is not None and now < self._paused_until

    async def _gather(self) -> None:
        """Give what is in flight a moment to land."""
        if not self._senders:
            await asyncio.sleep(BREATH if self._offered else 0)
            return
        done, _ = await asyncio.wait(self._senders, timeout=PATIENCE)
        self._senders -= done
        for task in done:
            task.result()

    async def _mark(self) -> int:
        """Mark what has landed, unless a commit is under way that does, or after which the next one can."""
        is_marked_along = self._offered is not None and not self._store.database.is_postgres
        if not self._landed or self._is_marking or is_marked_along:
            return 0
        landed = self._landed[:]
        faultpoint("before_mark")
        self._is_marking = True
        try:
            marked = await self._in_thread(lambda: self._write(landed))
        finally:
            self._is_marking = False
        self._forget(landed, marked)
        return len(landed)

    def _forget(self, landed: Sequence[Delivered], marked: Marked) -> None:
        """Keep of these, which came first, what could not be marked."""
        self._landed[: len(landed)] = marked.left
        left = set(map(id, marked.left))
        for one in landed:
            outcome = "sent" if isinstance(one.receipt, Sent) else one.receipt.trouble.value
            self.counts[outcome] += id(one) not in left
        self._told(marked.settled)

    def _told(self, settled: Settled) -> int:
        if settled.posted:
            for hear in self.on_posted:
                hear(settled.posted)
        return sum(settled.counts.values())

    # ---- transactions, in the worker thread

    async def _in_thread(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)

    def _recover(self) -> bool:
        with self._store.database.transaction() as connection:
            ended, left = mailboxes.recover(connection, self._line)
            self._pause(mailboxes.paused_until(connection, self._line))
        if ended:
            log.warning("sends_interrupted", line=self._line, mailboxes=ended)
        return not left

    def _repair(self, now: datetime) -> None:
        with self._store.database.transaction() as connection:
            asleep = mailboxes.repair(connection, self._store.sealer, self._line, now)
        if asleep:
            log.error("mailboxes_slept", line=self._line, mailboxes=asleep)

    def _expire(self, now: datetime) -> Settled:
        with self._store.database.transaction() as connection:
            return receipts.expire(connection, self._store.sealer, self._ids, self._line, now, LATE_AT_ONCE)

    def _has_due(self, now: datetime) -> bool:
        with self._store.database.reading() as connection:
            return mailboxes.has_due(connection, self._line, now)

    def _take(self, now: datetime, limit: int) -> claims.Claim:
        with self._store.database.transaction() as connection:
            return claims.claim(connection, self._store.sealer, self._ids, self._line, now, limit, self._patience)

    def _write(self, landed: list[Delivered]) -> Marked:
        now, store = self._clock.now(), self._store
        with store.database.transaction() as connection:
            return receipts.mark(connection, store.sealer, self._ids, self._line, landed, now, self._patience)

    def _note(self, said: Sequence[Word]) -> words.Heard:
        with self._store.database.transaction() as connection:
            return words.hear(connection, self._store.sealer, self._ids, self._line, said, self._clock.now())


def _mailbox(claimed: Claimed) -> str:
    return claimed.row.account_id


def _after(receipt: Receipt) -> SendFailure:
    """What becomes of what was to follow."""
    if isinstance(receipt, SendFailure) and receipt.trouble is Trouble.UNREACHABLE:
        return receipt
    return HELD
